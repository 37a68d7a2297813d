/** How often something happened, by name. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(name: string, by = 1): void {
    this.#counts.set(name, this.of(name) + by);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Adds what another world counted. */
  join(other: Counts): void {
    for (const [name, count] of other.#counts) this.add(name, count);
  }

  /** All of them, by name. */
  all(): [string, number][] {
    return [...this.#counts].sort((a, b) => a[0] < b[0] ? -1 : 1);
  }
}
