import { IndexedHeap } from "../core/indexed_heap.ts";
import type { SiteId } from "../core/ids.ts";
import type { Clock } from "./clock.ts";

/** One timer for all sites: each says when it wants to be woken, at most once a millisecond. */
export class Wakeups {
  readonly #clock: Clock;
  readonly #wake: (siteId: SiteId) => void;
  readonly #heap = new IndexedHeap<SiteId>();
  #cancel: (() => void) | undefined;
  #timerAt = Infinity;
  #stopped = false;

  constructor(clock: Clock, wake: (siteId: SiteId) => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Notes when the site wants to be woken; undefined for never. */
  set(siteId: SiteId, at: number | undefined): void {
    if (at === undefined) this.#heap.remove(siteId);
    else if (this.#heap.rankOf(siteId)?.[0] !== at) this.#heap.set(siteId, [at]);
    else return;
    this.#arm();
  }

  /** The time jumped: what is due by now is not waited for any longer. */
  rearm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#timerAt = Infinity;
    this.#arm();
  }

  #arm(): void {
    if (this.#stopped) return;
    const site = this.#heap.least();
    const at = site === undefined ? Infinity : this.#heap.rankOf(site)?.[0] ?? Infinity;
    if (at === this.#timerAt) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#timerAt = at;
    if (at === Infinity) return;
    this.#cancel = this.#clock.after(Math.max(1, at - this.#clock.now()), () => this.#fire());
  }

  #fire(): void {
    this.#timerAt = Infinity;
    const now = this.#clock.now();
    while (true) {
      const site = this.#heap.least();
      if (site === undefined || (this.#heap.rankOf(site)?.[0] ?? Infinity) > now) break;
      this.#heap.remove(site);
      this.#wake(site);
    }
    this.#arm();
  }

  /** Wakes nobody any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#stopped = true;
  }
}
