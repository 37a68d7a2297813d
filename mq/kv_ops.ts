import type { KvFile } from "./kv_file.ts";
import type { KvLane } from "./kv_lane.ts";
import { decode, keyOf, parseLetter, parseMark, remove } from "./kv_record.ts";
import { readMany } from "./kv_store.ts";
import type { DeadLetter, Page } from "./queue.ts";

/** Lists of consumed ids that one tidy() forgets, at most, of a queue. */
const forgetMax = 200;

/** A page of dead letters, oldest first. */
export async function readLetters(
  file: KvFile,
  lane: KvLane,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<Page<DeadLetter>> {
  const from = Number.isFinite(Number(after ?? 0)) ? Number(after ?? 0) + 1 : 0;
  const order = { prefix: ["d", lane.name], start: keyOf.dead(lane.name, from) };
  const ids: string[] = [];
  let last = 0;
  let hasMore = false;
  for await (const { key, value } of file.kv.list(order, { limit: limit + 1 })) {
    if (ids.length === limit) hasMore = true;
    else {
      ids.push(String(decode(value)));
      last = Number(key[2]);
    }
  }
  const stored = await readMany(file.kv, ids.map((id) => keyOf.letter(lane.name, id)));
  const letters = stored.map(({ value }) => parseLetter(value)).filter((one) => one !== undefined);
  const payloads = await file.readPayloads(lane.name, letters);
  const items = letters.map(({ id: uniqueId, at, attempts, diedAt, kind, error }, place) => {
    const payload = payloads[place] ?? {};
    return { queueName: lane.name, uniqueId, payload, at, attempts, diedAt, kind, error };
  });
  return { items, next: hasMore ? String(last) : undefined };
}

/** Forgets ids that are remembered long enough, list by list; other writes come in between. */
export async function forgetConsumed(file: KvFile, lane: KvLane): Promise<void> {
  const before = file.forgottenBefore();
  const old = { start: ["c", lane.name], end: ["c", lane.name, before] };
  for await (const { key, value } of file.kv.list(old, { limit: forgetMax })) {
    const list = decode(value);
    const ids = Array.isArray(list) ? list.map(String) : [];
    const marks = ids.map((id) => keyOf.mark(lane.name, id));
    const until = file.now() - file.rememberMs;
    await file.writer.run({
      reads: marks,
      mutations: ids.length + 1,
      bytes: 0,
      decide(read) {
        // One that was published again since, by way of a dead letter, stays.
        const forgotten = marks.filter((mark) => {
          const state = parseMark(read(mark));
          return typeof state === "object" && state.consumedAt <= until;
        });
        return [...forgotten.map(remove), remove(key)];
      },
      applied() {},
    });
  }
}
