import type { Millis } from "../core/ids.ts";
import type { Payload } from "./queue.ts";
import { isObject } from "./message_check.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Below Deno KV's limit of 64 KiB a value; a longer payload takes several. */
const partBytesMax = 60_000;
/** What is kept of an error's text. */
const errorCharsMax = 2_000;

/**
 * Where things stand in the file. A message has a place (seq) in its queue, a body under the place
 * it was published at, and a mark under its id that outlives it. All values are JSON as UTF-8.
 */
export const keyOf = {
  /** A message that is ready or in flight: MessageRecord. */
  message: (queue: string, seq: number): Deno.KvKey => ["m", queue, seq],
  /** A message that waits until `due`: MessageRecord. */
  delayed: (queue: string, due: Millis, seq: number): Deno.KvKey => ["w", queue, due, seq],
  /** A part of a payload. */
  body: (queue: string, seq: number, part: number): Deno.KvKey => ["b", queue, seq, part],
  /** What became of an id: Mark. */
  mark: (queue: string, id: string): Deno.KvKey => ["i", queue, id],
  /** Ids consumed on a day, a list of them. */
  consumed: (queue: string, day: number, seq: number): Deno.KvKey => ["c", queue, day, seq],
  /** A dead letter, by its id: LetterRecord. */
  letter: (queue: string, id: string): Deno.KvKey => ["l", queue, id],
  /** The order of dead letters: an id. */
  dead: (queue: string, seq: number): Deno.KvKey => ["d", queue, seq],
  paused: (queue: string): Deno.KvKey => ["p", queue],
  /** The name of the transaction that was written last. */
  last: ["n"],
  /** Bodies that belong to no message until their intent is written: BodyRef list. */
  stage: (seq: number, part: number): Deno.KvKey => ["s", seq, part],
  /** Changes that are decided, and are made whatever happens. */
  intent: (seq: number, part: number): Deno.KvKey => ["t", seq, part],
} as const;

/** Where a payload is. */
export interface BodyRef {
  readonly body: number;
  readonly parts: number;
}

/** A message but for its payload. */
export interface MessageRecord extends BodyRef {
  readonly id: string;
  readonly at: Millis;
  /** Deliveries so far. */
  readonly attempts: number;
  /** Of the last attempt. */
  readonly error?: string;
}

/** A message with its place. */
export interface StoredMessage extends MessageRecord {
  readonly seq: number;
}

/** A dead letter but for its payload. */
export interface LetterRecord extends MessageRecord {
  /** Its place among the dead letters. */
  readonly seq: number;
  readonly diedAt: Millis;
  readonly kind: "dead" | "set_aside";
  readonly error: string;
}

/** live: ready, delayed or in flight. dead: a dead letter. Otherwise when it was consumed. */
export type Mark = "live" | "dead" | { readonly consumedAt: Millis };

/** One change of the file. A body is invisible until a message or a letter refers to it. */
export type Mutation =
  | {
    readonly type: "set";
    readonly key: Deno.KvKey;
    readonly value: Uint8Array;
    readonly isBody?: boolean;
  }
  | { readonly type: "delete"; readonly key: Deno.KvKey };

/** A value as it is kept. */
export function encode(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** A kept value; undefined when it is damaged or absent. */
export function decode(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return undefined;
  try {
    return JSON.parse(decoder.decode(value));
  } catch {
    return undefined;
  }
}

/** An error's text, short enough to be kept. */
export function shortError(error: string): string {
  return error.length <= errorCharsMax ? error : error.slice(0, errorCharsMax);
}

/** Writes a record. */
export function set(key: Deno.KvKey, value: unknown): Mutation {
  return { type: "set", key, value: encode(value) };
}

/** Deletes what stands there. */
export function remove(key: Deno.KvKey): Mutation {
  return { type: "delete", key };
}

/** A message's record without its place, which is in its key. */
export function messageRecord(message: MessageRecord): MessageRecord {
  const { id, at, attempts, body, parts, error } = message;
  return { id, at, attempts, body, parts, ...(error === undefined ? {} : { error }) };
}

/** Undefined: damaged. */
export function parseMessage(value: unknown): MessageRecord | undefined {
  const record = decode(value);
  return isObject(record) ? messageOf(record) : undefined;
}

function messageOf(record: Record<string, unknown>): MessageRecord | undefined {
  const { id, at, attempts, body, parts, error } = record;
  if (typeof id !== "string" || id === "" || typeof at !== "number") return undefined;
  if (typeof attempts !== "number" || typeof body !== "number") return undefined;
  if (typeof parts !== "number" || parts < 1 || parts > 10) return undefined;
  return { id, at, attempts, body, parts, ...(typeof error === "string" ? { error } : {}) };
}

/** Undefined: damaged. */
export function parseLetter(value: unknown): LetterRecord | undefined {
  const record = decode(value);
  if (!isObject(record)) return undefined;
  const message = messageOf(record);
  const { seq, diedAt, kind, error } = record;
  if (message === undefined || typeof seq !== "number" || typeof diedAt !== "number") {
    return undefined;
  }
  if ((kind !== "dead" && kind !== "set_aside") || typeof error !== "string") return undefined;
  return { ...message, seq, diedAt, kind, error };
}

/** A mark as it is kept. */
export function encodeMark(mark: Mark): Uint8Array {
  return encode(mark === "live" ? "l" : mark === "dead" ? "x" : mark.consumedAt);
}

/** Undefined: no such id. A damaged mark counts as live, as its id was published. */
export function parseMark(value: Uint8Array | undefined): Mark | undefined {
  if (value === undefined) return undefined;
  const mark = decode(value);
  if (typeof mark === "number") return { consumedAt: mark };
  return mark === "x" ? "dead" : "live";
}

/** A long value in parts that the file takes. */
export function partsOf(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += partBytesMax) {
    parts.push(bytes.subarray(from, from + partBytesMax));
  }
  return parts;
}

/** How many parts a payload takes. */
export function partCount(byteCount: number): number {
  return Math.ceil(byteCount / partBytesMax);
}

/** Deletes a payload. */
export function removeBody(queue: string, ref: BodyRef): Mutation[] {
  return Array.from({ length: ref.parts }, (_, part) => remove(keyOf.body(queue, ref.body, part)));
}

/** Writes a payload. */
export function setBody(queue: string, seq: number, bytes: Uint8Array): Mutation[] {
  return partsOf(bytes).map((value, part) => ({
    type: "set",
    key: keyOf.body(queue, seq, part),
    value,
    isBody: true,
  }));
}

/** The text of values that were one; undefined: one is missing, or it is no UTF-8. */
export function textOfParts(values: readonly unknown[]): string | undefined {
  const parts = values.filter((value) => value instanceof Uint8Array);
  if (parts.length !== values.length) return undefined;
  const [first] = parts;
  try {
    if (parts.length === 1) return decoder.decode(first);
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let place = 0;
    for (const part of parts) {
      whole.set(part, place);
      place += part.length;
    }
    return decoder.decode(whole);
  } catch {
    return undefined;
  }
}

/** A payload from its JSON; undefined: damaged. */
export function parsePayload(json: string | undefined): Payload | undefined {
  if (json === undefined) return undefined;
  try {
    const payload: unknown = JSON.parse(json);
    return isObject(payload) ? payload : undefined;
  } catch {
    return undefined;
  }
}
