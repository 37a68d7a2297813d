import type { KvStore } from "../../mq/kv_writer.ts";

/**
 * A real KV file whose transactions fail as told: "before" nothing is written, "after" it is
 * written and nobody is told, "dead" like "before" from there on, as of a process that is killed.
 */
export class FailingKv implements KvStore {
  readonly #kv: Deno.Kv;
  /** Transactions so far. */
  commits = 0;
  /** What is to fail: by the transaction's number, from 1. */
  fail: ((commit: number) => "before" | "after" | "dead" | undefined) | undefined;
  #isDead = false;

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
      commit: async () => {
        const how = this.#isDead ? "dead" : this.fail?.(++this.commits);
        if (how === "dead") this.#isDead = true;
        if (how === "before" || how === "dead") throw new Error("the disk is full");
        await atomic.commit();
        if (how === "after") throw new Error("the disk did not answer");
      },
    };
  }

  get(key: Deno.KvKey): Promise<{ readonly value: unknown }> {
    return this.#kv.get(key);
  }

  getMany(keys: readonly Deno.KvKey[]) {
    return this.#kv.getMany<unknown[]>(keys);
  }

  list(selector: Deno.KvListSelector, options?: Deno.KvListOptions) {
    return this.#kv.list<unknown>(selector, options);
  }

  close(): void {
    this.#kv.close();
  }
}
