import { decode, encode, keyOf, type Mutation, partsOf, remove, set } from "./kv_record.ts";
import { bytesOf, commit, type KvStore, transactionsOf } from "./kv_store.ts";
import { isObject } from "./message_check.ts";

/** Makes the intents that a killed process left, and deletes bodies that never got to theirs. */
export async function mend(kv: KvStore): Promise<void> {
  for (const [seq, parts] of await longValues(kv, "t")) {
    const changes = decode(joined(parts));
    const rest = Array.isArray(changes) ? changes.flatMap(mutationOf) : [];
    const done = parts.map((_, part) => remove(keyOf.intent(seq, part)));
    for (const transaction of transactionsOf([...rest, ...done])) await commit(kv, transaction);
  }
  for (const [seq, parts] of await longValues(kv, "s")) {
    const keys = decode(joined(parts));
    const bodies = Array.isArray(keys) ? keys.filter(isKey).map(remove) : [];
    const done = parts.map((_, part) => remove(keyOf.stage(seq, part)));
    for (const transaction of transactionsOf([...bodies, ...done])) await commit(kv, transaction);
  }
}

/** Changes that are decided, as they are kept until they are made. */
export function intentParts(seq: number, rest: readonly Mutation[]): Mutation[] {
  const changes = rest.map((one) =>
    one.type === "set" ? { key: one.key, value: decode(one.value) } : { key: one.key }
  );
  return partsOf(encode(changes)).map((value, part) => {
    return { type: "set", key: keyOf.intent(seq, part), value };
  });
}

function mutationOf(change: unknown): Mutation[] {
  if (!isObject(change) || !isKey(change.key)) return [];
  return [change.value === undefined ? remove(change.key) : set(change.key, change.value)];
}

function isKey(key: unknown): key is Deno.KvKey {
  return Array.isArray(key) &&
    key.every((part) => typeof part === "string" || typeof part === "number");
}

/** Values under a prefix that take several parts, by their seq. */
async function longValues(kv: KvStore, prefix: string): Promise<Map<number, Uint8Array[]>> {
  const values = new Map<number, Uint8Array[]>();
  for await (const { key, value } of kv.list({ prefix: [prefix] })) {
    const seq = Number(key[1]);
    values.set(seq, [...(values.get(seq) ?? []), bytesOf(value)]);
  }
  return values;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}
