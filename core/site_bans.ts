import { type Ban, BanList, type Bannable } from "./ban.ts";
import { unreachable } from "./assert.ts";
import type { Fact } from "./fact.ts";
import type { Millis } from "./ids.ts";

type BanFact = Extract<
  Fact,
  { type: "ban_set" | "ban_lifted" | "ban_copied" | "ban_lift_settled" }
>;

/** What is to be recorded about a ban as the configuration has changed. */
export type BanChange = Exclude<BanFact["type"], "ban_set">;

/**
 * A site's bans. Those that agents set are durable here until the configuration has them too: from
 * then on they are the configuration's alone, so that a ban counts once and taking it out there
 * lifts it. One that was lifted here counts no more, even while the configuration still has it;
 * that is durable as well, until a configuration without it comes. [SC6]
 */
export class SiteBans {
  readonly #set = new BanList();
  /** Those of the configuration that count. */
  #configured = new BanList();
  /** Ids of all that the configuration has. */
  #configuredIds: ReadonlySet<string> = new Set();
  readonly #lifted = new Map<string, Millis>();
  /** Ids that a configuration had and the next one has not, until that is recorded. */
  readonly #takenOut = new Set<string>();

  /** How many are set here. */
  get size(): number {
    return this.#set.size;
  }

  /** How many there are, with those of the configuration. */
  get count(): number {
    let copied = 0;
    for (const { banId } of this.#set) if (this.#configured.get(banId) !== undefined) copied += 1;
    return this.#set.size + this.#configured.size - copied;
  }

  /** Those that were lifted here and may still come with a configuration, since when. */
  get lifted(): ReadonlyMap<string, Millis> {
    return this.#lifted;
  }

  /** One that counts. */
  get(banId: string): Ban | undefined {
    return this.#set.get(banId) ?? this.#configured.get(banId);
  }

  /** One that is set here. */
  getSet(banId: string): Ban | undefined {
    return this.#set.get(banId);
  }

  /** Those that are set here. */
  [Symbol.iterator](): IterableIterator<Ban> {
    return this.#set[Symbol.iterator]();
  }

  /** All that count. */
  *all(): IterableIterator<Ban> {
    yield* this.#configured;
    for (const ban of this.#set) if (this.#configured.get(ban.banId) === undefined) yield ban;
  }

  isConfigured(banId: string): boolean {
    return this.#configuredIds.has(banId);
  }

  /** The part of SiteState.apply that is about bans. */
  apply(fact: BanFact): void {
    switch (fact.type) {
      case "ban_set":
        return this.add(fact.ban);
      case "ban_lifted":
        return fact.everywhere ? this.lift(fact.banId, fact.at) : this.#delete(fact.banId);
      case "ban_copied":
        return this.#delete(fact.banId);
      case "ban_lift_settled":
        this.#lifted.delete(fact.banId);
        this.#takenOut.delete(fact.banId);
        return;
      default:
        unreachable(fact);
    }
  }

  add(ban: Ban): void {
    this.#set.add(ban);
  }

  #delete(banId: string): void {
    this.#set.delete(banId);
    this.#takenOut.delete(banId);
  }

  /** It counts no more, wherever it stands. */
  lift(banId: string, at: Millis): void {
    this.#delete(banId);
    this.#configured.delete(banId);
    this.#lifted.set(banId, at);
  }

  /** Replaces those of the configuration. */
  configure(bans: readonly Ban[]): void {
    const ids = new Set(bans.map(({ banId }) => banId));
    for (const banId of this.#configuredIds) if (!ids.has(banId)) this.#takenOut.add(banId);
    for (const banId of ids) this.#takenOut.delete(banId);
    this.#configuredIds = ids;
    this.#configured = new BanList();
    for (const ban of bans) if (!this.#lifted.has(ban.banId)) this.#configured.add(ban);
  }

  /** What is to be recorded now that the configuration is another one; recording it ends it. */
  *unsettled(): IterableIterator<{ readonly banId: string; readonly change: BanChange }> {
    for (const banId of [...this.#takenOut]) {
      if (this.#set.get(banId) !== undefined) yield { banId, change: "ban_lifted" };
      else if (this.#lifted.has(banId)) yield { banId, change: "ban_lift_settled" };
      else this.#takenOut.delete(banId);
    }
    for (const { banId } of [...this.#set]) {
      if (this.#configuredIds.has(banId)) yield { banId, change: "ban_copied" };
    }
  }

  /** The ban that holds for this visitor now. */
  of(visitor: Bannable, at: Millis): Ban | undefined {
    return this.#set.of(visitor, at) ?? this.#configured.of(visitor, at);
  }
}
