import type { KvFile } from "./kv_file.ts";
import type { KvLane } from "./kv_lane.ts";
import { damaged } from "./kv_letters.ts";
import {
  keyOf,
  messageRecord,
  type Mutation,
  parseMessage,
  remove,
  set,
  type StoredMessage,
} from "./kv_record.ts";
import { bytesOf } from "./kv_store.ts";
import type { KvSurvey } from "./kv_writer.ts";
import { retryDelayMsMax } from "./retry_policy.ts";

/** Messages that are read, or moved, at once. */
const pageMax = 400;
/** Messages that the window reads at once: what one look may ask for, and some more. */
const windowPageMax = 600;

/** What a count came across. */
export interface LaneCount {
  /** The last place in use. */
  readonly seqMax: number;
  /** Records that cannot be read. */
  readonly broken: readonly { readonly key: Deno.KvKey; readonly value: unknown }[];
}

/** Counts what the file holds of a queue. */
export async function countLane({ kv }: KvFile, lane: KvLane): Promise<LaneCount> {
  const broken: { readonly key: Deno.KvKey; readonly value: unknown }[] = [];
  let seqMax = 0;
  let due = Infinity;
  for (const prefix of ["m", "w"] as const) {
    const keyLength = prefix === "m" ? 3 : 4;
    const entries = kv.list({ prefix: [prefix, lane.name] }, { batchSize: 1_000 });
    for await (const { key, value } of entries) {
      const seq = key.at(-1);
      const message = parseMessage(value);
      const isPlace = key.length === keyLength && typeof seq === "number" &&
        typeof key[2] === "number";
      if (message === undefined || !isPlace) {
        broken.push({ key, value });
        continue;
      }
      seqMax = Math.max(seqMax, seq);
      lane.times.add(message.at);
      if (prefix === "m") lane.live += 1;
      else {
        lane.delayed += 1;
        due = Math.min(due, Number(key[2]));
      }
    }
  }
  lane.setNextDue(due);
  for await (const { key } of kv.list({ prefix: ["d", lane.name] }, { batchSize: 1_000 })) {
    lane.dead += 1;
    seqMax = Math.max(seqMax, Number(key[2]) || 0);
  }
  lane.isPaused = (await kv.get(keyOf.paused(lane.name))).value !== null;
  return { seqMax, broken };
}

/** Makes dead letters of records that cannot be read; only once every place in use is known. */
export async function buryBroken(file: KvFile, lane: KvLane, { broken }: LaneCount): Promise<void> {
  for (const { key, value } of broken) {
    await file.writer.run({
      survey: () => Promise.resolve(damaged(file, lane.name, key, value)),
      applied: () => lane.dead += 1,
    });
  }
}

/**
 * What waits longer than any retry does was delayed by a clock that was ahead: it is due at the end
 * of the longest delay. [QD27]
 */
export async function shortenDelays(file: KvFile, lane: KvLane): Promise<void> {
  const latest = file.now() + retryDelayMsMax;
  let count: number;
  do {
    count = 0;
    await file.writer.run({
      async survey() {
        const mutations: Mutation[] = [];
        const start = keyOf.delayed(lane.name, latest, Number.MAX_VALUE);
        const later = { prefix: ["w", lane.name], start };
        for await (const { key, value } of file.kv.list(later, { limit: pageMax })) {
          count += 1;
          const shorter = keyOf.delayed(lane.name, latest, Number(key[3]));
          mutations.push(remove(key), { type: "set", key: shorter, value: bytesOf(value) });
        }
        return mutations;
      },
      applied() {
        if (count > 0) lane.dueAt(latest);
      },
    });
  } while (count === pageMax);
}

/** Reads on behind the window of ready messages. */
export function fillingWindow(file: KvFile, lane: KvLane): KvSurvey {
  let brokenCount = 0;
  let fill = () => {};
  return {
    async survey() {
      const { window } = lane;
      if (window.isComplete || window.size >= windowPageMax) return [];
      const mutations: Mutation[] = [];
      const found: StoredMessage[] = [];
      let upTo = window.upTo;
      let count = 0;
      const behind = { prefix: ["m", lane.name], start: keyOf.message(lane.name, upTo + 1) };
      for await (const { key, value } of file.kv.list(behind, { limit: windowPageMax })) {
        count += 1;
        const seq = Number(key[2]);
        const message = parseMessage(value);
        if (message === undefined) {
          brokenCount += 1;
          mutations.push(...damaged(file, lane.name, key, value));
        } else found.push({ ...message, seq });
        upTo = Math.max(upTo, seq);
      }
      fill = () => {
        const ready = found.filter(({ seq }) => !lane.isHeldSeq(seq));
        window.fill(ready, upTo, count < windowPageMax);
      };
      return mutations;
    },
    applied() {
      fill();
      lane.live -= brokenCount;
      lane.dead += brokenCount;
    },
  };
}

/** Moves messages whose delay is over to the ready ones, under the place they had. */
export function fetchingDue(file: KvFile, lane: KvLane): KvSurvey {
  const due: StoredMessage[] = [];
  let brokenCount = 0;
  let next = Infinity;
  return {
    async survey() {
      const mutations: Mutation[] = [];
      const now = file.now();
      const waiting = { prefix: ["w", lane.name] };
      for await (const { key, value } of file.kv.list(waiting, { limit: pageMax + 1 })) {
        const at = Number(key[2]);
        if (at > now || due.length + brokenCount === pageMax) {
          next = at;
          break;
        }
        const message = parseMessage(value);
        if (message === undefined) {
          brokenCount += 1;
          mutations.push(...damaged(file, lane.name, key, value));
          continue;
        }
        const stored = { ...message, seq: Number(key[3]) };
        due.push(stored);
        const record = messageRecord(stored);
        mutations.push(remove(key), set(keyOf.message(lane.name, stored.seq), record));
      }
      return mutations;
    },
    applied() {
      lane.delayed -= due.length + brokenCount;
      lane.dead += brokenCount;
      lane.live += due.length;
      lane.setNextDue(next);
      for (const message of due) {
        lane.moves.came(message, keyOf.message(lane.name, message.seq));
        lane.offer(message);
      }
    },
  };
}
