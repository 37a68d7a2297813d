import { configLimits } from "./config_limits.ts";

/** What of Deno KV's limits a transaction takes. */
export interface Size {
  readonly mutations: number;
  readonly bytes: number;
}

/** Bytes that a mutation takes besides its value: its key and the row's small fields. */
const overheadBytes = 250;

/** A transaction of Deno KV that knows how much it holds. */
export class KvTransaction {
  readonly #atomic: Deno.AtomicOperation;
  mutations = 0;
  bytes = 0;

  constructor(kv: Deno.Kv) {
    this.#atomic = kv.atomic();
  }

  /** Fails unless the entry is as it was read. */
  check(entry: Deno.KvEntryMaybe<unknown>): void {
    this.#atomic.check(entry);
  }

  /** A small value: rows of fields. */
  set(key: Deno.KvKey, value: unknown): void {
    this.#count(0);
    this.#atomic.set(key, value);
  }

  setBytes(key: Deno.KvKey, value: Uint8Array): void {
    this.#count(value.length);
    this.#atomic.set(key, value);
  }

  delete(key: Deno.KvKey): void {
    this.#count(0);
    this.#atomic.delete(key);
  }

  #count(bytes: number): void {
    this.mutations += 1;
    this.bytes += bytes + overheadBytes;
  }

  /** Whether so much more fits. */
  hasRoomFor({ mutations, bytes }: Size): boolean {
    return this.mutations + mutations <= configLimits.transactionMutationsMax &&
      this.bytes + bytes + mutations * overheadBytes <= configLimits.transactionBytesMax;
  }

  /** On disk when it returns; whether all checks held. */
  async commit(): Promise<boolean> {
    return (await this.#atomic.commit()).ok;
  }
}
