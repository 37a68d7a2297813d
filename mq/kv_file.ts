import type { Millis } from "../core/ids.ts";
import type { KvLane } from "./kv_lane.ts";
import { type BodyRef, keyOf, parsePayload, textOfParts } from "./kv_record.ts";
import { type KvStore, readMany } from "./kv_store.ts";
import type { KvWriter } from "./kv_writer.ts";
import type { Payload } from "./queue.ts";

const dayMs = 24 * 3_600_000;

/** What the parts of the KV queue share: the file, its one writer, and each queue's lane. */
export class KvFile {
  readonly kv: KvStore;
  readonly writer: KvWriter;
  readonly lanes: ReadonlyMap<string, KvLane>;
  readonly rememberMs: number;
  readonly now: () => Millis;
  readonly nextSeq: () => number;

  constructor(parts: {
    readonly kv: KvStore;
    readonly writer: KvWriter;
    readonly lanes: ReadonlyMap<string, KvLane>;
    readonly rememberMs: number;
    readonly now: () => Millis;
    readonly nextSeq: () => number;
  }) {
    this.kv = parts.kv;
    this.writer = parts.writer;
    this.lanes = parts.lanes;
    this.rememberMs = parts.rememberMs;
    this.now = parts.now;
    this.nextSeq = parts.nextSeq;
  }

  /** The day that an id consumed now is remembered under. */
  today(): number {
    return dayOf(this.now());
  }

  /** Days before this one hold ids that are remembered long enough. */
  forgottenBefore(): number {
    return dayOf(this.now() - this.rememberMs);
  }

  /** Payloads as JSON, in order; undefined: it is damaged. */
  async readJson(queue: string, refs: readonly BodyRef[]): Promise<(string | undefined)[]> {
    const keys = refs.flatMap(({ body, parts }) =>
      Array.from({ length: parts }, (_, part) => keyOf.body(queue, body, part))
    );
    const values = await readMany(this.kv, keys);
    let place = 0;
    return refs.map(({ parts }) => {
      place += parts;
      return textOfParts(values.slice(place - parts, place).map(({ value }) => value));
    });
  }

  /** A payload for people and for erasure, who want to see also what is damaged. */
  async readPayloads(queue: string, refs: readonly BodyRef[]): Promise<Payload[]> {
    const texts = await this.readJson(queue, refs);
    return texts.map((json) => parsePayload(json) ?? { unreadable: json?.slice(0, 1_000) ?? null });
  }
}

function dayOf(at: Millis): number {
  return Math.floor(at / dayMs);
}
