import type { Key } from "./kv_keys.ts";

const encoder = new TextEncoder();
/** Below Deno KV's limit of 64 KiB a value. */
const partBytesMax = 60_000;
/** Deno KV's own limit. */
const getManyMax = 10;

/** What lies in the place of a value that is too long for one row: how many parts it has. */
interface LongValue {
  readonly longParts: number;
}

/** Where the parts of a long value lie. */
export function partKey(key: Key, part: number): Key {
  return ["part", ...key, part];
}

/**
 * A value's parts as JSON; undefined when it fits one row, where text may take two bytes a
 * character. The same value always has as many parts.
 */
export function partsOf(value: unknown): readonly Uint8Array[] | undefined {
  const json = JSON.stringify(value);
  if (json.length * 2 <= partBytesMax) return undefined;
  const bytes = encoder.encode(json);
  const count = Math.ceil(bytes.length / partBytesMax);
  return Array.from(
    { length: count },
    (_, part) => bytes.slice(part * partBytesMax, (part + 1) * partBytesMax),
  );
}

/** The value that a row stands for: itself, or put together from its parts. */
export async function wholeOf(kv: Deno.Kv, key: Deno.KvKey, value: unknown): Promise<unknown> {
  if (!isLong(value)) return value;
  const bytes: Uint8Array[] = [];
  for (let from = 0; from < value.longParts; from += getManyMax) {
    const length = Math.min(getManyMax, value.longParts - from);
    // Rows with long values have keys of this archive.
    const wanted = Array.from({ length }, (_, at) => partKey(key as Key, from + at));
    for (const part of await kv.getMany<Uint8Array[]>(wanted)) {
      // Deleted since the row was read, and so is all of it.
      if (part.value === null) return undefined;
      bytes.push(part.value);
    }
  }
  const decoder = new TextDecoder();
  return JSON.parse(
    bytes.map((part, at) => decoder.decode(part, { stream: at < bytes.length - 1 })).join(""),
  );
}

function isLong(value: unknown): value is LongValue {
  return typeof value === "object" && value !== null && "longParts" in value;
}
