/** A key of the journal: parts that sort one by one. */
export type JournalKey = readonly (string | number)[];

/** What one commit writes, all or nothing. */
export interface JournalWrite {
  readonly puts: readonly { readonly key: JournalKey; readonly value: Uint8Array }[];
  readonly deletes: readonly JournalKey[];
  /** A key that must not exist yet: the guard against writing one record number twice. */
  readonly absent: JournalKey | undefined;
}

/**
 * Where the journal lives. commit() returns when the records of the log are on disk (fsync done)
 * and throws when that failed, or when nobody knows: then the caller reads back what is there. The
 * other changes of a commit take place together, behind its records and those of the commits
 * before, and may come later: a crash can lose them, but reads wait for them. A commit without
 * records returns when all of it is on disk. One commit at a time.
 * Records of the log up to 128 KiB, other values up to 60 KiB, 700 KiB and 900 changes a commit.
 * Keys come back in order.
 */
export interface JournalStore {
  commit(write: JournalWrite): Promise<void>;
  list(
    prefix: JournalKey,
    after?: JournalKey,
  ): AsyncIterable<{ readonly key: JournalKey; readonly value: Uint8Array }>;
  /** The last key under a prefix. */
  last(prefix: JournalKey): Promise<JournalKey | undefined>;
  close(): void;
}
