import type { BodyRef } from "./kv_record.ts";

/** Where messages of a queue went, for whoever looks through the queue meanwhile. */
export class KvMoves {
  readonly #watches = new Set<KvWatch>();

  /** A message, or a dead letter, stands at another key now. */
  came({ body }: BodyRef, key: Deno.KvKey): void {
    for (const watch of this.#watches) watch.came(body, key);
  }

  /** From here on all moves are seen, until `end()`. */
  watch(): KvWatch {
    const watch = new KvWatch(() => this.#watches.delete(watch));
    this.#watches.add(watch);
    return watch;
  }
}

/** The messages that moved since it began, by their bodies, which stay where they are. */
export class KvWatch {
  readonly #moved = new Map<number, Deno.KvKey>();
  readonly #taken = new Set<number>();
  readonly end: () => void;

  constructor(end: () => void) {
    this.end = end;
  }

  came(body: number, key: Deno.KvKey): void {
    if (!this.#taken.has(body)) this.#moved.set(body, key);
  }

  get isEmpty(): boolean {
    return this.#moved.size === 0;
  }

  /** Where up to `max` of them stand. Each is taken once, so whoever takes all comes to an end. */
  take(max: number): Deno.KvKey[] {
    const some = [...this.#moved.entries().take(max)];
    for (const [body] of some) {
      this.#moved.delete(body);
      this.#taken.add(body);
    }
    return some.map(([, key]) => key);
  }
}
