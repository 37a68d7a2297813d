import type { KvFile } from "./kv_file.ts";
import type { KvLane } from "./kv_lane.ts";
import { consumed, gone } from "./kv_marks.ts";
import type { KvWatch } from "./kv_moves.ts";
import {
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
import type { Payload } from "./queue.ts";

/** Whether a message is one of those that are to go. */
export type Concerns = (queueName: string, payload: Payload) => boolean;

/** Messages that are looked at in one step of an erasure: up to 25 MiB of payloads. */
const pageMax = 100;

/**
 * Deletes a queue's messages that are concerned, a page at a time; returns how many. Other writes
 * come in between, so what moved meanwhile is looked at once more where it stands then. [QD25]
 */
export async function eraseLane(file: KvFile, lane: KvLane, concerns: Concerns): Promise<number> {
  const watch = lane.moves.watch();
  try {
    let count = 0;
    for (const prefix of ["m", "w", "l"] as const) {
      let start: Deno.KvKey | undefined;
      do {
        const range = start === undefined
          ? { prefix: [prefix, lane.name] }
          : { prefix: [prefix, lane.name], start };
        const page = new ErasePage(file, lane, concerns, () => pageOf(file, range));
        await file.writer.run(page);
        count += page.erased.length;
        start = page.next;
      } while (start !== undefined);
    }
    while (!watch.isEmpty) {
      const page = new ErasePage(file, lane, concerns, () => pageOfMoved(file, watch));
      await file.writer.run(page);
      count += page.erased.length;
    }
    return count;
  } finally {
    watch.end();
  }
}

type Found = StoredMessage & { readonly key: Deno.KvKey; readonly letter?: LetterRecord };

interface FoundPage {
  readonly found: readonly Found[];
  /** Where the next page begins. */
  readonly next?: Deno.KvKey;
}

async function pageOf(file: KvFile, range: Deno.KvListSelector): Promise<FoundPage> {
  const found: Found[] = [];
  let count = 0;
  for await (const { key, value } of file.kv.list(range, { limit: pageMax + 1 })) {
    if (++count > pageMax) return { found, next: key };
    found.push(...foundAt(key, value));
  }
  return { found };
}

async function pageOfMoved(file: KvFile, watch: KvWatch): Promise<FoundPage> {
  const stored = await readMany(file.kv, watch.take(pageMax));
  return { found: stored.flatMap(({ key, value }) => foundAt(key, value)) };
}

/** A step of an erasure: nothing moves while it looks. */
class ErasePage implements KvSurvey {
  readonly #file: KvFile;
  readonly #lane: KvLane;
  readonly #concerns: Concerns;
  readonly #look: () => Promise<FoundPage>;
  erased: readonly Found[] = [];
  next: Deno.KvKey | undefined;

  constructor(file: KvFile, lane: KvLane, concerns: Concerns, look: () => Promise<FoundPage>) {
    this.#file = file;
    this.#lane = lane;
    this.#concerns = concerns;
    this.#look = look;
  }

  async survey(): Promise<readonly Mutation[]> {
    const { found, next } = await this.#look();
    this.next = next;
    const { name } = this.#lane;
    const payloads = await this.#file.readPayloads(name, found);
    this.erased = found.filter((_, place) => this.#concerns(name, payloads[place] ?? {}));
    return await erasure(this.#file, this.#lane, this.erased);
  }

  applied(): void {
    for (const one of this.erased) forget(this.#lane, one);
  }
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

function forget(lane: KvLane, one: Found): void {
  const [prefix] = one.key;
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
