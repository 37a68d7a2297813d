/** Nouns that changed since they were last saved, each with the first log record that did it. */
export class UnsavedNouns {
  /** In order of their first unsaved record, as seq only grows. */
  readonly #since = new Map<string, number>();

  get size(): number {
    return this.#since.size;
  }

  /** Notes that the record changed the noun. */
  touch(name: string, seq: number): void {
    if (!this.#since.has(name)) this.#since.set(name, seq);
  }

  /** The oldest record that some noun still needs at recovery. */
  oldestSeq(): number | undefined {
    for (const seq of this.#since.values()) return seq;
    return undefined;
  }

  /** Names, those left unsaved for longest first. */
  [Symbol.iterator](): IterableIterator<string> {
    return this.#since.keys();
  }

  /** The noun is on disk as of record `seq`; changes noted after that stay noted. */
  saved(name: string, seq: number): void {
    const since = this.#since.get(name);
    if (since !== undefined && since <= seq) this.#since.delete(name);
  }

  /** Restores the order after notes that came out of it. */
  sort(): void {
    const sorted = [...this.#since].sort((a, b) => a[1] - b[1]);
    this.#since.clear();
    for (const [name, seq] of sorted) this.#since.set(name, seq);
  }
}
