import { decode, encode, keyOf, type Mutation, partsOf, remove, set } from "./kv_record.ts";
import { isObject } from "./message_check.ts";
import { QueueUnavailable } from "./queue.ts";

// Deno KV takes 1,000 mutations, 800 KiB and 80 KiB of keys in one transaction.
const mutationsMax = 900;
const bytesMax = 700 * 1024;
const keyBytesMax = 70 * 1024;
/** Deno KV reads at most so many keys at once. */
const readKeysMax = 10;

/** Reads what stands at a key, with what the same transaction wrote before. */
export type Read = (key: Deno.KvKey) => Uint8Array | undefined;

/** One change of the file: read, decide, write, and only then change what is in memory. */
export interface KvChange {
  readonly reads: readonly Deno.KvKey[];
  /** About how much it writes, so that not too many are joined. */
  readonly mutations: number;
  readonly bytes: number;
  decide(read: Read): readonly Mutation[];
  /** It is on disk. Called in the order of the changes. */
  applied(): void;
}

/** A change that looks around in the file first; nothing else is written meanwhile. */
export interface KvSurvey {
  survey(): Promise<readonly Mutation[]>;
  applied(): void;
}

/** What the queue needs of Deno KV. */
export interface KvStore {
  atomic(): {
    set(key: Deno.KvKey, value: Uint8Array): unknown;
    delete(key: Deno.KvKey): unknown;
    commit(): Promise<unknown>;
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

interface InLine {
  readonly change: KvChange | KvSurvey;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

interface Unfinished {
  rest: readonly Mutation[];
  readonly applied: () => void;
}

/**
 * All writes of one file, one after the other; changes that wait are joined into one transaction.
 * What does not fit one is still all or nothing: its payloads are written first, where nobody sees
 * them, then all other changes as one intent, in one transaction, and from that on they are made
 * whatever happens, also after a kill. [QD3]
 */
export class KvWriter {
  readonly #kv: KvStore;
  readonly #nextSeq: () => number;
  #line: InLine[] = [];
  #running: Promise<void> | undefined;
  #unfinished: Unfinished | undefined;
  #isClosed = false;
  /** Transactions so far. */
  commits = 0;

  constructor(kv: KvStore, nextSeq: () => number) {
    this.#kv = kv;
    this.#nextSeq = nextSeq;
  }

  /** Resolves when the change is on disk; throws QueueUnavailable when it is not, or may not be. */
  run(change: KvChange | KvSurvey): Promise<void> {
    if (this.#isClosed) return Promise.reject(new QueueUnavailable("The queue is closed"));
    return new Promise((done, failed) => {
      this.#line.push({ change, done, failed });
      this.#running ??= this.#work();
    });
  }

  /** Resolves when nothing is being written; nothing is taken any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  async #work(): Promise<void> {
    // Those who ask in the same turn of the event loop are joined.
    await Promise.resolve();
    while (this.#line.length > 0) {
      const group = this.#nextGroup();
      try {
        await this.#finish();
        await this.#write(group);
        for (const { done } of group) done();
      } catch (cause) {
        const error = cause instanceof QueueUnavailable
          ? cause
          : new QueueUnavailable("The queue's file cannot be written or read", { cause });
        for (const { failed } of group) failed(error);
      }
    }
    this.#running = undefined;
  }

  #nextGroup(): InLine[] {
    let count = 0;
    let mutations = 0;
    let bytes = 0;
    for (const { change } of this.#line) {
      if ("survey" in change) {
        if (count === 0) count = 1;
        break;
      }
      mutations += change.mutations;
      bytes += change.bytes;
      if (count > 0 && (mutations > mutationsMax || bytes > bytesMax)) break;
      count += 1;
    }
    return this.#line.splice(0, count);
  }

  async #write(group: readonly InLine[]): Promise<void> {
    const applied = () => group.forEach(({ change }) => change.applied());
    const [first] = group;
    const mutations = first !== undefined && "survey" in first.change
      ? await first.change.survey()
      : await this.#decide(group);
    const [only, ...more] = transactionsOf(mutations);
    if (more.length > 0) return await this.#writeLong(mutations, applied);
    if (only !== undefined) await this.#commit(only);
    applied();
  }

  async #decide(group: readonly InLine[]): Promise<readonly Mutation[]> {
    const changes = group.map(({ change }) => change).filter((change) => "decide" in change);
    const values = await this.#readAll(changes.flatMap(({ reads }) => reads));
    const read: Read = (key) => values.get(textOf(key));
    const mutations: Mutation[] = [];
    for (const change of changes) {
      for (const mutation of change.decide(read)) {
        mutations.push(mutation);
        if (values.size === 0) continue;
        const text = textOf(mutation.key);
        if (!values.has(text)) continue;
        values.set(text, mutation.type === "set" ? mutation.value : undefined);
      }
    }
    return mutations;
  }

  async #readAll(keys: readonly Deno.KvKey[]): Promise<Map<string, Uint8Array | undefined>> {
    const values = new Map<string, Uint8Array | undefined>();
    for (const { key, value } of await readMany(this.#kv, keys)) {
      // What is there but no bytes is damaged, and not the same as nothing.
      values.set(textOf(key), value === null ? undefined : bytesOf(value));
    }
    return values;
  }

  async #writeLong(mutations: readonly Mutation[], applied: () => void): Promise<void> {
    const seq = this.#nextSeq();
    const bodies = mutations.filter((one) => one.type === "set" && one.isBody === true);
    const rest = mutations.filter((one) => one.type === "delete" || one.isBody !== true);
    const stage = partsOf(encode(bodies.map(({ key }) => key)));
    const staged = stage.map((value, part): Mutation => {
      return { type: "set", key: keyOf.stage(seq, part), value };
    });
    for (const transaction of transactionsOf([...staged, ...bodies])) {
      await this.#commit(transaction);
    }
    const intent = intentParts(seq, rest);
    await this.#commit([...intent, ...stage.map((_, part) => remove(keyOf.stage(seq, part)))]);
    this.#unfinished = { rest: [...rest, ...intent.map(({ key }) => remove(key))], applied };
    await this.#finish();
  }

  /** Makes the changes of an intent; those that are made already are made again at most. */
  async #finish(): Promise<void> {
    const unfinished = this.#unfinished;
    if (unfinished === undefined) return;
    for (const transaction of transactionsOf(unfinished.rest)) await this.#commit(transaction);
    this.#unfinished = undefined;
    unfinished.applied();
  }

  async #commit(mutations: readonly Mutation[]): Promise<void> {
    await commit(this.#kv, mutations);
    this.commits += 1;
  }
}

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

async function commit(kv: KvStore, mutations: readonly Mutation[]): Promise<void> {
  const atomic = kv.atomic();
  for (const mutation of mutations) {
    if (mutation.type === "set") atomic.set(mutation.key, mutation.value);
    else atomic.delete(mutation.key);
  }
  await atomic.commit();
}

/** Splits changes, in order, into as many transactions as they need. */
function transactionsOf(mutations: readonly Mutation[]): Mutation[][] {
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

function intentParts(seq: number, rest: readonly Mutation[]): Mutation[] {
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

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function textOf(key: Deno.KvKey): string {
  return JSON.stringify(key);
}
