/**
 * What changed of a list since it was last told. Rows are marked whenever they change, come or go,
 * so whoever was shown a snapshot in between is told of every later change; saying a row twice
 * does no harm. [SB1]
 */
export class ListFeed<Id extends string> {
  readonly #marked = new Set<Id>();
  #touched = false;

  get changed(): boolean {
    return this.#touched || this.#marked.size > 0;
  }

  /** The row changed, came or went. */
  mark(id: Id): void {
    this.#marked.add(id);
  }

  /** What is told beside the rows changed. */
  touch(): void {
    this.#touched = true;
  }

  /** The rows that changed first, `max` at the most; the rest stays marked. */
  take(max: number): Id[] {
    this.#touched = false;
    const ids: Id[] = [];
    for (const id of this.#marked) {
      if (ids.length >= max) break;
      ids.push(id);
      this.#marked.delete(id);
    }
    return ids;
  }

  /** Nobody is told: whoever comes later is shown all. */
  clear(): void {
    this.#touched = false;
    this.#marked.clear();
  }
}
