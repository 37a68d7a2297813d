import { IndexedHeap } from "./indexed_heap.ts";
import type { AgentId, ChatId, Millis, VisitorId } from "./ids.ts";

/** What a deadline is about; the part behind the slash is the noun's id. */
export type DeadlineKey =
  | `chat/${ChatId}`
  | `visitor/${VisitorId}`
  | `agent/${AgentId}`
  | `forget/${ChatId}`
  | `offer/${ChatId}`
  | `bot/${ChatId}`
  | `invite/${VisitorId}`
  | `acted/${VisitorId}`
  | `leave/${AgentId}`
  | "bans"
  | "spent"
  | "hours"
  | "count"
  | "push"
  | "assign";

/**
 * All deadlines of a site: one wake-up time instead of timers. A deadline that only moves later is
 * left where it stands and checked again when it comes, so a message costs nothing here.
 */
export class Deadlines {
  readonly #heap = new IndexedHeap<DeadlineKey>();

  /** How many there are; each belongs to something that is kept. */
  get size(): number {
    return this.#heap.size;
  }

  /** The earliest deadline. */
  get next(): Millis | undefined {
    const key = this.#heap.least();
    return key === undefined ? undefined : this.#heap.rankOf(key)?.[0];
  }

  /** Comes at `at` at the latest; a deadline already set for earlier stays. */
  setBy(key: DeadlineKey, at: Millis): void {
    const set = this.#heap.rankOf(key)?.[0];
    if (set === undefined || set > at) this.#heap.set(key, [at]);
  }

  clear(key: DeadlineKey): void {
    this.#heap.remove(key);
  }

  /** Takes the next deadline that has come. */
  takeDue(now: Millis): DeadlineKey | undefined {
    const at = this.next;
    if (at === undefined || at > now) return undefined;
    const key = this.#heap.least();
    if (key !== undefined) this.#heap.remove(key);
    return key;
  }
}
