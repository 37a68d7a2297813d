import type { Fact } from "./fact.ts";
import { type ChatId, type Millis, timeOfUlid } from "./ids.ts";
import { limits } from "./limits.ts";

/** Ids of chats that were forgotten one after the other. */
export interface SpentBatch {
  /** When the first of them was forgotten. */
  readonly since: Millis;
  readonly ids: Set<ChatId>;
}

type SpentFact = Extract<Fact, { type: "chat_id_spent" | "spent_ids_dropped" | "ids_outdated" }>;

/**
 * Ids of chats that are not known here any more. Queues and archive go on knowing them: a second
 * chat of such an id would be taken for a repeat of the first, and what is said in it be lost. They
 * are kept in batches, the oldest of which goes in the end; from then on every id that is as old as
 * those in it counts as spent, so that no id is ever taken twice. [CH7]
 */
export class SpentIds {
  readonly #batches = new Map<number, SpentBatch>();
  #outdatedUntil: Millis = 0;

  /** How many are kept. */
  get size(): number {
    let size = 0;
    for (const { ids } of this.#batches.values()) size += ids.size;
    return size;
  }

  /** Ids made then or earlier count as spent, whether or not they are kept. */
  get outdatedUntil(): Millis {
    return this.#outdatedUntil;
  }

  /** Those that are kept. */
  *all(): IterableIterator<ChatId> {
    for (const { ids } of this.#batches.values()) yield* ids;
  }

  /** Whether a chat of this id was forgotten, or may have been. */
  has(chatId: ChatId): boolean {
    if (timeOfUlid(chatId) <= this.#outdatedUntil) return true;
    for (const { ids } of this.#batches.values()) if (ids.has(chatId)) return true;
    return false;
  }

  /** The batch of this number. */
  batch(no: number): SpentBatch | undefined {
    return this.#batches.get(no);
  }

  /** The batch that an id goes to now. */
  batchFor(at: Millis): number {
    const last = Math.max(...this.#batches.keys());
    const batch = this.#batches.get(last);
    if (batch === undefined) return 1;
    const isFull = batch.ids.size >= limits.spentIdsPerBatch ||
      at - batch.since >= limits.spentBatchMs;
    return isFull ? last + 1 : last;
  }

  /** The oldest batch, and when its ids have been kept for long enough. */
  oldest():
    | { readonly no: number; readonly batch: SpentBatch; readonly until: Millis }
    | undefined {
    const no = Math.min(...this.#batches.keys());
    const batch = this.#batches.get(no);
    if (batch === undefined) return undefined;
    return { no, batch, until: batch.since + limits.spentBatchMs + limits.spentIdsKeptMs };
  }

  /** The part of SiteState.apply that is about them. */
  apply(fact: SpentFact): void {
    switch (fact.type) {
      case "chat_id_spent": {
        const batch = this.#batches.get(fact.batch) ?? { since: fact.at, ids: new Set() };
        batch.ids.add(fact.chatId);
        this.#batches.set(fact.batch, batch);
        return;
      }
      case "spent_ids_dropped":
        this.#batches.delete(fact.batch);
        return;
      case "ids_outdated":
        return this.outdate(fact.until);
    }
  }

  outdate(until: Millis): void {
    this.#outdatedUntil = Math.max(this.#outdatedUntil, until);
  }

  /** Puts a batch back as it was saved. */
  restore(no: number, since: Millis, ids: readonly ChatId[]): void {
    this.#batches.set(no, { since, ids: new Set(ids) });
  }
}
