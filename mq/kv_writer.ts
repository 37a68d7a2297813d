import { intentParts } from "./kv_intent.ts";
import { decode, encode, keyOf, type Mutation, partsOf, remove, set } from "./kv_record.ts";
import {
  bytesMax,
  bytesOf,
  checksMax,
  commit,
  type KvStore,
  mutationsMax,
  readMany,
  transactionsOf,
} from "./kv_store.ts";
import { QueueUnavailable } from "./queue.ts";

/** Reads what stands at a key, with what the same transaction wrote before. */
export type Read = (key: Deno.KvKey) => Uint8Array | undefined;

/** One change of the file: read, decide, write, and only then change what is in memory. */
export interface KvChange {
  readonly reads: readonly Deno.KvKey[];
  /**
   * Read as well, but most likely nothing stands there: this is taken for granted and checked when
   * it is written, which costs a seventh of reading. (2 us a key, not 14; 2026-11-25)
   */
  readonly newKeys?: readonly Deno.KvKey[];
  /** About how much it writes, so that not too many are joined. */
  readonly mutations: number;
  readonly bytes: number;
  /** May be called again, when what was taken for granted is not so; the last call counts. */
  decide(read: Read): readonly Mutation[];
  /**
   * It is on disk. Called in the order of the changes; when the answer was lost, only once the file
   * said so, which may be after a lease ended.
   */
  applied(): void;
}

/** A change that looks around in the file first; nothing else is written meanwhile. */
export interface KvSurvey {
  survey(): Promise<readonly Mutation[]>;
  applied(): void;
}

interface InLine {
  readonly change: KvChange | KvSurvey;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** An intent that is on disk, and not made yet. */
interface Unfinished {
  readonly rest: readonly Mutation[];
  readonly applied: () => void;
}

/** A transaction of which nobody knows whether it is on disk. */
interface Doubt {
  readonly name: string;
  readonly written: () => void;
}

const nothing: KvChange = { reads: [], mutations: 0, bytes: 0, decide: () => [], applied() {} };

/**
 * All writes of one file, one after the other; changes that wait are joined into one transaction.
 * What does not fit one is still all or nothing: its payloads are written first, where nobody sees
 * them, then all other changes as one intent, in one transaction, and from that on they are made
 * whatever happens, also after a kill. [QD3]
 *
 * Each transaction writes its name at one key. When one fails, the name that stands there tells
 * whether it was written all the same; nothing else is decided before that is known, so memory
 * never differs from the file, and no queue has to be read again. [QD21]
 */
export class KvWriter {
  readonly #kv: KvStore;
  readonly #nextSeq: () => number;
  readonly #nonce: string;
  readonly #fellBehind: () => void;
  #line: InLine[] = [];
  #running: Promise<void> | undefined;
  #unfinished: Unfinished | undefined;
  #doubt: Doubt | undefined;
  #named = 0;
  #isClosed = false;

  /** `nonce`: nobody who wrote the file before had it. `fellBehind`: catchUp() is to be called. */
  constructor(
    kv: KvStore,
    options: {
      readonly nextSeq: () => number;
      readonly nonce: string;
      readonly fellBehind: () => void;
    },
  ) {
    this.#kv = kv;
    this.#nextSeq = options.nextSeq;
    this.#nonce = options.nonce;
    this.#fellBehind = options.fellBehind;
  }

  /** Resolves when the change is on disk; throws QueueUnavailable when it is not, or may not be. */
  run(change: KvChange | KvSurvey): Promise<void> {
    if (this.#isClosed) return Promise.reject(new QueueUnavailable("The queue is closed"));
    return new Promise((done, failed) => {
      this.#line.push({ change, done, failed });
      this.#running ??= this.#work();
    });
  }

  /** Resolves when memory is as the file is; throws QueueUnavailable when that cannot be told. */
  async catchUp(): Promise<void> {
    if (this.isBehind) await this.run(nothing);
  }

  /** Whether the file may hold what memory does not know yet. */
  get isBehind(): boolean {
    return this.#doubt !== undefined || this.#unfinished !== undefined;
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
        await this.#resolveDoubt();
        await this.#finish();
        await this.#write(group);
        for (const { done } of group) done();
      } catch (cause) {
        if (this.isBehind) this.#fellBehind();
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
    const isSurvey = first !== undefined && "survey" in first.change;
    if (!isSurvey && await this.#writeUnread(group, applied)) return;
    const mutations = isSurvey ? await first.change.survey() : await this.#decide(group, []);
    const [only, ...more] = transactionsOf(mutations);
    if (more.length > 0) return await this.#writeLong(mutations, applied);
    if (only === undefined) applied();
    else await this.#commit(only, applied);
  }

  /** Decides and writes as if nothing stood at new keys; whether that was so. */
  async #writeUnread(group: readonly InLine[], applied: () => void): Promise<boolean> {
    const newKeys = group.flatMap(({ change }) => "decide" in change ? change.newKeys ?? [] : []);
    const absent = newKeys.slice(0, checksMax);
    if (absent.length === 0) return false;
    const [only, ...more] = transactionsOf(await this.#decide(group, absent));
    if (more.length > 0) return false;
    if (only === undefined) applied();
    return only === undefined || await this.#commit(only, applied, absent);
  }

  /** `absent`: the first ones of the new keys, which are not read. */
  async #decide(
    group: readonly InLine[],
    absent: readonly Deno.KvKey[],
  ): Promise<readonly Mutation[]> {
    const changes = group.map(({ change }) => change).filter((change) => "decide" in change);
    const newKeys = changes.flatMap((change) => change.newKeys ?? []);
    const keys = [...changes.flatMap(({ reads }) => reads), ...newKeys.slice(absent.length)];
    const values = new Map<string, Uint8Array | undefined>();
    for (const key of absent) values.set(textOf(key), undefined);
    for (const [text, value] of await this.#readAll(keys)) values.set(text, value);
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
    const unfinished = { rest: [...rest, ...intent.map(({ key }) => remove(key))], applied };
    await this.#commit(
      [...intent, ...stage.map((_, part) => remove(keyOf.stage(seq, part)))],
      () => this.#unfinished = unfinished,
    );
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

  /**
   * Calls `written` once when it is on disk. Throws when it is not, or when nobody can tell: then
   * `written` is called as soon as the file says so. False: something stood at a key of `absent`.
   */
  async #commit(
    mutations: readonly Mutation[],
    written: () => void = () => {},
    absent: readonly Deno.KvKey[] = [],
  ): Promise<boolean> {
    const name = `${this.#nonce}.${++this.#named}`;
    try {
      const isWritten = await commit(this.#kv, [...mutations, set(keyOf.last, name)], absent);
      if (!isWritten) return false;
    } catch (error) {
      this.#doubt = { name, written };
      const isWritten = await this.#resolveDoubt().catch(() => false);
      if (!isWritten) throw error;
      return true;
    }
    written();
    return true;
  }

  /** Asks the file whether the transaction in doubt was written. */
  async #resolveDoubt(): Promise<boolean> {
    const doubt = this.#doubt;
    if (doubt === undefined) return false;
    const { value } = await this.#kv.get(keyOf.last);
    this.#doubt = undefined;
    const isWritten = decode(value) === doubt.name;
    if (isWritten) doubt.written();
    return isWritten;
  }
}

function textOf(key: Deno.KvKey): string {
  return JSON.stringify(key);
}
