import type { KvFile } from "./kv_file.ts";
import type { KvLane } from "./kv_lane.ts";
import { consumed, gone } from "./kv_marks.ts";
import {
  decode,
  keyOf,
  type LetterRecord,
  type Mutation,
  parseLetter,
  parseMark,
  parseMessage,
  remove,
  removeBody,
  type StoredMessage,
} from "./kv_record.ts";
import { readMany } from "./kv_store.ts";
import type { KvSurvey } from "./kv_writer.ts";
import type { DeadLetter, Page, Payload } from "./queue.ts";

/** Whether a message is one of those that are to go. */
export type Concerns = (queueName: string, payload: Payload) => boolean;

/** Messages that are looked at in one step of an erasure: up to 25 MiB of payloads. */
const erasePageMax = 100;
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

/** Deletes a queue's messages that are concerned, a page at a time; returns how many. */
export async function eraseLane(file: KvFile, lane: KvLane, concerns: Concerns): Promise<number> {
  let count = 0;
  for (const prefix of ["m", "w", "l"] as const) {
    let start: Deno.KvKey | undefined;
    do {
      const page: ErasePage = erasing(file, lane, { prefix, start, concerns });
      await file.writer.run(page);
      count += page.erased.length;
      start = page.next;
    } while (start !== undefined);
  }
  return count;
}

interface ErasePage extends KvSurvey {
  readonly erased: readonly unknown[];
  readonly next: Deno.KvKey | undefined;
}

type Found = StoredMessage & { readonly key: Deno.KvKey; readonly letter?: LetterRecord };

function erasing(
  file: KvFile,
  lane: KvLane,
  from: {
    readonly prefix: "m" | "w" | "l";
    readonly start: Deno.KvKey | undefined;
    readonly concerns: Concerns;
  },
): ErasePage {
  const erased: Found[] = [];
  let next: Deno.KvKey | undefined;
  return {
    erased,
    get next() {
      return next;
    },
    async survey() {
      const prefix = [from.prefix, lane.name];
      const range = from.start === undefined ? { prefix } : { prefix, start: from.start };
      const found: Found[] = [];
      let count = 0;
      for await (const { key, value } of file.kv.list(range, { limit: erasePageMax + 1 })) {
        if (++count > erasePageMax) next = key;
        else found.push(...foundAt(key, value));
      }
      const payloads = await file.readPayloads(lane.name, found);
      erased.push(...found.filter((_, place) => from.concerns(lane.name, payloads[place] ?? {})));
      return await erasure(file, lane, erased);
    },
    applied: () => erased.forEach((one) => forget(lane, one, from.prefix)),
  };
}

function foundAt(key: Deno.KvKey, value: unknown): Found[] {
  if (key[0] === "l") {
    const letter = parseLetter(value);
    return letter === undefined ? [] : [{ ...letter, key, letter }];
  }
  const message = parseMessage(value);
  return message === undefined ? [] : [{ ...message, key, seq: Number(key.at(-1)) }];
}

async function erasure(
  file: KvFile,
  lane: KvLane,
  erased: readonly Found[],
): Promise<readonly Mutation[]> {
  const marks = await readMany(file.kv, erased.map(({ id }) => keyOf.mark(lane.name, id)));
  const ended: string[] = [];
  const mutations = erased.flatMap((one, place) => {
    const { value } = marks[place] ?? { value: null };
    const mark = value instanceof Uint8Array ? parseMark(value) : undefined;
    const { letter } = one;
    if (letter === undefined || mark === "dead") ended.push(one.id);
    if (letter !== undefined) {
      return [remove(one.key), remove(keyOf.dead(lane.name, letter.seq)), ...bodyOf(lane, one)];
    }
    return one.key[0] === "m" ? gone(lane.name, one) : [remove(one.key), ...bodyOf(lane, one)];
  });
  return [...mutations, ...consumed(file, lane.name, ended)];
}

function bodyOf(lane: KvLane, one: Found): Mutation[] {
  return removeBody(lane.name, one);
}

function forget(lane: KvLane, one: Found, prefix: "m" | "w" | "l"): void {
  if (prefix === "l") {
    lane.dead -= 1;
    return;
  }
  lane.times.remove(one.at);
  if (prefix === "w") {
    lane.delayed -= 1;
    return;
  }
  lane.live -= 1;
  lane.takeOut(one);
}
