import type { Mutation } from "./kv_record.ts";

// Deno KV takes 1,000 mutations, 800 KiB and 80 KiB of keys in one transaction.
/** Mutations of one transaction, at most; one more is added to it. */
export const mutationsMax = 900;
/** Bytes of one transaction, about, at most. */
export const bytesMax = 700 * 1024;
const keyBytesMax = 70 * 1024;
/** Deno KV checks at most so many keys in one transaction. */
export const checksMax = 100;
/** Deno KV reads at most so many keys at once. */
const readKeysMax = 10;

/** What the queue needs of Deno KV. */
export interface KvStore {
  atomic(): {
    set(key: Deno.KvKey, value: Uint8Array): unknown;
    delete(key: Deno.KvKey): unknown;
    /** Nothing is written when something stands at the key. */
    check(absent: { readonly key: Deno.KvKey; readonly versionstamp: null }): unknown;
    commit(): Promise<{ readonly ok: boolean }>;
  };
  get(key: Deno.KvKey): Promise<{ readonly value: unknown }>;
  getMany(
    keys: readonly Deno.KvKey[],
  ): Promise<readonly { readonly key: Deno.KvKey; readonly value: unknown }[]>;
  list(
    selector: Deno.KvListSelector,
    options?: { readonly limit?: number; readonly batchSize?: number },
  ): AsyncIterable<{ readonly key: Deno.KvKey; readonly value: unknown }>;
  close(): void;
}

/** Reads any number of keys, in order. */
export async function readMany(
  kv: KvStore,
  keys: readonly Deno.KvKey[],
): Promise<{ readonly key: Deno.KvKey; readonly value: unknown }[]> {
  const reads: ReturnType<KvStore["getMany"]>[] = [];
  for (let from = 0; from < keys.length; from += readKeysMax) {
    reads.push(kv.getMany(keys.slice(from, from + readKeysMax)));
  }
  return (await Promise.all(reads)).flat();
}

/** Makes changes in one transaction; whether, as nothing stood at any of the keys `absent`. */
export async function commit(
  kv: KvStore,
  mutations: readonly Mutation[],
  absent: readonly Deno.KvKey[] = [],
): Promise<boolean> {
  const atomic = kv.atomic();
  for (const key of absent) atomic.check({ key, versionstamp: null });
  for (const mutation of mutations) {
    if (mutation.type === "set") atomic.set(mutation.key, mutation.value);
    else atomic.delete(mutation.key);
  }
  return (await atomic.commit()).ok;
}

/** Splits changes, in order, into as many transactions as they need. */
export function transactionsOf(mutations: readonly Mutation[]): Mutation[][] {
  const transactions: Mutation[][] = [];
  let current: Mutation[] = [];
  let bytes = 0;
  let keyBytes = 0;
  for (const mutation of mutations) {
    const key = keyBytesOf(mutation.key);
    const value = mutation.type === "set" ? mutation.value.length : 0;
    const over = current.length >= mutationsMax || bytes + key + value > bytesMax ||
      keyBytes + key > keyBytesMax;
    if (over && current.length > 0) {
      transactions.push(current);
      current = [];
      bytes = 0;
      keyBytes = 0;
    }
    current.push(mutation);
    bytes += key + value;
    keyBytes += key;
  }
  if (current.length > 0) transactions.push(current);
  return transactions;
}

/** Names and ids are ASCII, but for damaged ones: of those only deletion is asked. */
function keyBytesOf(key: Deno.KvKey): number {
  let bytes = 0;
  for (const part of key) bytes += typeof part === "string" ? part.length + 2 : 10;
  return bytes;
}

/** What is there but no bytes is damaged, and not the same as nothing. */
export function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
