import type { JournalKey, JournalStore, JournalWrite } from "./journal_store.ts";
import { LogFiles } from "./log_files.ts";

/** A commit that did not take place, or may have: the journal has to be read to know. */
export class CommitFailed extends Error {
  override name = "CommitFailed";
}

/**
 * The journal on this machine's disk: the log in append-only files, everything else in a Deno KV
 * file. commit() returns when the log is synced; what goes to KV follows in its order, as nobody's
 * ack may wait for SQLite. So a noun is never saved ahead of the facts that made it, and may be
 * lost with its segments and cursor, as the log still has them: each noun says how far of the log
 * it is. The log in Deno KV too would cost 0.72 ms of CPU per 140 KB instead of 0.22
 * (docs/adr/0004). [JR1]
 */
export class DiskJournalStore implements JournalStore {
  readonly #log: LogFiles;
  readonly #kv: Deno.Kv;
  /** What KV lacks, in order; the first of it is being written unless that failed. */
  readonly #behind: JournalWrite[] = [];
  #writing: Promise<void> | undefined;

  private constructor(log: LogFiles, kv: Deno.Kv) {
    this.#log = log;
    this.#kv = kv;
  }

  static async open(dir: string): Promise<DiskJournalStore> {
    const log = await LogFiles.open(dir);
    return new DiskJournalStore(log, await Deno.openKv(`${dir}/nouns.kv`));
  }

  async commit(write: JournalWrite): Promise<void> {
    const isLog = (key: JournalKey) => key[0] === "log";
    const records = write.puts.filter(({ key }) => isLog(key))
      .map(({ key, value }) => ({ seq: Number(key[1]), value }));
    try {
      // One write may be behind, not more: KV that fails or cannot keep up holds commits back.
      if (records.length < write.puts.length || write.deletes.length > 0) await this.#catchUp();
      await this.#log.append(records);
    } catch (error) {
      throw new CommitFailed("Cannot commit to the journal", { cause: error });
    }
    const puts = write.puts.filter(({ key }) => !isLog(key));
    if (puts.length === 0 && write.deletes.length === 0) return;
    this.#behind.push({ ...write, puts });
    const caughtUp = this.#catchUp();
    // A failure is told to the next commit that has something for KV, which tries again.
    if (records.length > 0) return void caughtUp.catch(() => {});
    await caughtUp.catch((cause) => {
      throw new CommitFailed("Cannot commit to the journal", { cause });
    });
  }

  /** Resolves once KV lacks nothing. What fails stays first in line and is written again. */
  #catchUp(): Promise<void> {
    this.#writing ??= this.#writeBehind().finally(() => this.#writing = undefined);
    return this.#writing;
  }

  async #writeBehind(): Promise<void> {
    for (let write = this.#behind[0]; write !== undefined; write = this.#behind[0]) {
      await this.#commitRest(write);
      this.#behind.shift();
    }
  }

  async #commitRest(write: JournalWrite): Promise<void> {
    const atomic = this.#kv.atomic();
    for (const { key, value } of write.puts) atomic.set(key, value);
    let deleteUpTo = 0;
    for (const key of write.deletes) {
      if (key[0] === "log") deleteUpTo = Math.max(deleteUpTo, Number(key[1]));
      else atomic.delete(key);
    }
    await atomic.commit();
    if (deleteUpTo > 0) await this.#log.deleteUpTo(deleteUpTo);
  }

  async *list(prefix: JournalKey, after?: JournalKey) {
    if (prefix[0] === "log") {
      for await (const { seq, value } of this.#log.read(Number(after?.[1] ?? 0))) {
        yield { key: ["log", seq], value };
      }
      return;
    }
    await this.#catchUp();
    const selector = after === undefined ? { prefix } : { prefix, start: [...after, 0] };
    for await (const entry of this.#kv.list<Uint8Array>(selector, { batchSize: 500 })) {
      // Every key here was written by commit() with parts of these types.
      yield { key: entry.key as JournalKey, value: entry.value };
    }
  }

  async last(prefix: JournalKey): Promise<JournalKey | undefined> {
    if (prefix[0] === "log") {
      return this.#log.lastSeq === 0 ? undefined : ["log", this.#log.lastSeq];
    }
    await this.#catchUp();
    for await (const entry of this.#kv.list({ prefix }, { limit: 1, reverse: true })) {
      return entry.key as JournalKey; // as in list()
    }
    return undefined;
  }

  close(): void {
    this.#log.close();
    this.#kv.close();
  }
}
