import type { JournalKey, JournalStore } from "./journal_store.ts";

type Put = { readonly key: JournalKey; readonly value: Uint8Array };

const encoder = new TextEncoder();

/**
 * Up to which record of the log all jobs are published, in memory and as it is on disk. What is on
 * disk may be older: after a kill the same jobs are published again, under the same ids. [OB4]
 */
export class RelayedCursor {
  readonly #store: JournalStore;
  #seq = 0;
  #kept = 0;
  /** The next commit takes it along. */
  #isWanted = false;
  #isCommitting = false;
  /** A commit of the cursor alone. */
  #alone: Promise<void> | undefined;

  constructor(store: JournalStore) {
    this.#store = store;
  }

  get seq(): number {
    return this.#seq;
  }

  /** All jobs up to this record are published. */
  moveTo(seq: number): void {
    this.#seq = Math.max(this.#seq, seq);
  }

  /** What is on disk, of a log that ends at `lastSeq`: one from a backup may end before. */
  read(kept: number, lastSeq: number): void {
    this.#kept = kept;
    this.#seq = Math.min(Math.max(this.#seq, kept), lastSeq);
  }

  /** Writes it down: along with the next commit when one is under way, else at once. */
  async keep(): Promise<void> {
    if (this.#kept === this.#seq) return;
    if (this.#isCommitting) {
      this.#isWanted = true;
      return;
    }
    this.#alone ??= this.#commitAlone().finally(() => this.#alone = undefined);
    await this.#alone;
  }

  async #commitAlone(): Promise<void> {
    const put = putOf(this.#seq);
    const seq = this.#seq;
    await this.#store.commit({ puts: [put], deletes: [], absent: undefined });
    this.#kept = seq;
  }

  /** A commit of the journal: it waits for one of the cursor alone. */
  async during(commit: () => Promise<void>): Promise<void> {
    this.#isCommitting = true;
    try {
      // What failed alone goes along with a commit, or is tried again.
      if (this.#alone !== undefined) await this.#alone.catch(() => {});
      await commit();
    } finally {
      this.#isCommitting = false;
    }
  }

  /** What a commit writes of it; `isCheap`: the commit writes more than its records anyway. */
  putWith(isCheap: boolean): { readonly put: Put; readonly committed: () => void } | undefined {
    const seq = this.#seq;
    if (seq === this.#kept || !(isCheap || this.#isWanted)) return undefined;
    const committed = () => {
      this.#kept = seq;
      this.#isWanted = false;
    };
    return { put: putOf(seq), committed };
  }
}

function putOf(seq: number): Put {
  return {
    key: ["cursor", "relayed"],
    value: encoder.encode(JSON.stringify({ seq, bytes: 0 })),
  };
}
