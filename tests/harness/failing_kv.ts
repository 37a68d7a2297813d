import type { KvStore } from "../../mq/kv_store.ts";

/**
 * How a transaction fails. before: nothing is written. after: it is written and nobody is told.
 * With "blind" the next read fails, too, so that nobody can find out either. dead: like "before"
 * from there on, as of a process that is killed.
 */
export type CommitFault = "before" | "after" | "before, blind" | "after, blind" | "dead";

/** A real KV file whose transactions and reads fail as told. */
export class FailingKv implements KvStore {
  readonly #kv: Deno.Kv;
  /** Transactions so far. */
  commits = 0;
  /** What is to fail: by the transaction's number, from 1. */
  fail: ((commit: number) => CommitFault | undefined) | undefined;
  /** Whether a read fails. */
  failRead: (() => boolean) | undefined;
  #isDead = false;
  #isBlind = false;

  private constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  static async open(path: string): Promise<FailingKv> {
    return new FailingKv(await Deno.openKv(path));
  }

  atomic(): ReturnType<KvStore["atomic"]> {
    const atomic = this.#kv.atomic();
    return {
      set: (key, value) => atomic.set(key, value),
      delete: (key) => atomic.delete(key),
      check: (absent) => atomic.check(absent),
      commit: async () => {
        const how = this.#isDead ? "dead" : this.fail?.(++this.commits);
        if (how === "dead") this.#isDead = true;
        this.#isBlind = how?.endsWith("blind") === true;
        if (how?.startsWith("before") || how === "dead") throw new Error("the disk is full");
        const result = await atomic.commit();
        if (how !== undefined) throw new Error("the disk did not answer");
        return result;
      },
    };
  }

  async get(key: Deno.KvKey): Promise<{ readonly value: unknown }> {
    this.#read();
    return await this.#kv.get(key);
  }

  async getMany(keys: readonly Deno.KvKey[]) {
    this.#read();
    return await this.#kv.getMany<unknown[]>(keys);
  }

  async *list(selector: Deno.KvListSelector, options?: Deno.KvListOptions) {
    this.#read();
    yield* this.#kv.list<unknown>(selector, options);
  }

  #read(): void {
    const fails = this.#isBlind || this.failRead?.() === true;
    this.#isBlind = false;
    if (fails) throw new Error("the disk cannot be read");
  }

  close(): void {
    this.#kv.close();
  }
}
