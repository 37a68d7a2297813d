import type { JournalKey, JournalStore, JournalWrite } from "./journal_store.ts";

/** A commit that did not take place, or may have: the journal has to be read to know. */
export class CommitFailed extends Error {
  override name = "CommitFailed";
}

/** The journal in a Deno KV file of its own: SQLite in WAL mode, one fsync per commit. [JR1] */
export class KvJournalStore implements JournalStore {
  readonly #kv: Deno.Kv;

  private constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  static async open(path: string): Promise<KvJournalStore> {
    return new KvJournalStore(await Deno.openKv(path));
  }

  async commit(write: JournalWrite): Promise<void> {
    const atomic = this.#kv.atomic();
    if (write.absent !== undefined) atomic.check({ key: write.absent, versionstamp: null });
    for (const { key, value } of write.puts) atomic.set(key, value);
    for (const key of write.deletes) atomic.delete(key);
    let result;
    try {
      result = await atomic.commit();
    } catch (error) {
      throw new CommitFailed("Cannot commit to the journal", { cause: error });
    }
    if (!result.ok) throw new CommitFailed(`Record ${write.absent} is already in the journal`);
  }

  async *list(prefix: JournalKey, after?: JournalKey) {
    const selector = after === undefined ? { prefix } : { prefix, start: [...after, 0] };
    for await (const entry of this.#kv.list<Uint8Array>(selector, { batchSize: 500 })) {
      // Every key here was written by commit() with parts of these types.
      yield { key: entry.key as JournalKey, value: entry.value };
    }
  }

  async last(prefix: JournalKey): Promise<JournalKey | undefined> {
    for await (const entry of this.#kv.list({ prefix }, { limit: 1, reverse: true })) {
      return entry.key as JournalKey; // as in list()
    }
    return undefined;
  }

  close(): void {
    this.#kv.close();
  }
}
