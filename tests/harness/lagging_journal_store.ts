import type { JournalKey, JournalStore, JournalWrite } from "../../server/journal_store.ts";
import { MemoryJournalStore } from "./memory_journal_store.ts";

/**
 * A journal's store that makes the most of its contract: what does not belong to the log stays
 * behind for ever, and a crash loses all of it but what the test keeps. For a single start.
 */
export class LaggingJournalStore implements JournalStore {
  readonly #log: JournalWrite[] = [];
  readonly #store = new MemoryJournalStore();
  /** What is behind, in order. */
  readonly lagging: JournalWrite[] = [];

  async commit(write: JournalWrite): Promise<void> {
    const copy = write.puts.map(({ key, value }) => ({ key, value: value.slice() }));
    const log = copy.filter(({ key }) => key[0] === "log");
    const rest = copy.filter(({ key }) => key[0] !== "log");
    this.#log.push({ puts: log, deletes: [], absent: write.absent });
    await this.#store.commit({ puts: log, deletes: [], absent: write.absent });
    if (rest.length === 0 && write.deletes.length === 0) return;
    this.lagging.push({ puts: rest, deletes: write.deletes, absent: undefined });
  }

  /** What a crash leaves when only the first `kept` of what is behind came to the disk. */
  async crashed(kept: number): Promise<MemoryJournalStore> {
    const store = new MemoryJournalStore();
    for (const write of [...this.#log, ...this.lagging.slice(0, kept)]) await store.commit(write);
    return store;
  }

  list(prefix: JournalKey, after?: JournalKey) {
    return this.#store.list(prefix, after);
  }

  last(prefix: JournalKey): Promise<JournalKey | undefined> {
    return this.#store.last(prefix);
  }

  close(): void {}
}
