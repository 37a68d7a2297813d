/**
 * What changed of a list since it was last told. Rows are marked whenever they change, come or go,
 * so whoever was shown a snapshot in between is told of every later change; saying a row twice
 * does no harm. [SB1]
 */
export class ListFeed<Id extends string> {
  readonly #marked = new Set<Id>();
  #touched = false;
  /** Under which keys (departments) a row was told: they alone hear that it is gone. [SB7] */
  readonly #told = new Map<Id, Set<string>>();

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

  /** The row is being told to those who may see what stands under this key. */
  noteTold(id: Id, key: string): void {
    this.#told.set(id, (this.#told.get(id) ?? new Set()).add(key));
  }

  /** The keys under which the row was told. */
  toldUnder(id: Id): Iterable<string> {
    return this.#told.get(id) ?? [];
  }

  /** The row is gone, and everybody who was told of it has heard. */
  forgetTold(id: Id): void {
    this.#told.delete(id);
  }

  /** Nobody is told: whoever comes later is shown all. */
  clear(): void {
    this.#touched = false;
    this.#marked.clear();
    this.#told.clear();
  }
}
