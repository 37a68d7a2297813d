import { z } from "zod";
import { type Millis, visitorIdSchema } from "./ids.ts";
import { type AddressRange, addressRange, contains } from "./ip_address.ts";

/** Who is banned: a visitor, an address, or a range of addresses (as in 192.0.2.0/24). */
export const banTargetSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("visitor"), visitorId: visitorIdSchema }),
  z.strictObject({
    type: z.literal("address"),
    /** One address, or a range in CIDR notation. */
    address: z.string().max(64).refine(
      (text) => addressRange(text) !== undefined,
      "an IPv4 or IPv6 address, or a range of them as in 192.0.2.0/24",
    ),
  }),
]);
/** Who is banned: a visitor, an address, or a range of addresses. */
export type BanTarget = z.infer<typeof banTargetSchema>;

/** A ban: its id is the commandId that made it. */
export interface Ban {
  readonly banId: string;
  readonly target: BanTarget;
  /** When it ends by itself; never when absent. */
  readonly until?: Millis | undefined;
}

/** A visitor as bans see it. */
export interface Bannable {
  readonly visitorId: string;
  readonly address?: string | undefined;
}

/** All bans of a site, found by visitor at once and by address among the ranges. [BN1] */
export class BanList {
  readonly #bans = new Map<string, Ban>();
  readonly #byVisitor = new Map<string, Set<string>>();
  readonly #ranges = new Map<string, AddressRange>();

  get size(): number {
    return this.#bans.size;
  }

  get(banId: string): Ban | undefined {
    return this.#bans.get(banId);
  }

  [Symbol.iterator](): IterableIterator<Ban> {
    return this.#bans.values();
  }

  add(ban: Ban): void {
    this.delete(ban.banId);
    this.#bans.set(ban.banId, ban);
    if (ban.target.type === "address") {
      const range = addressRange(ban.target.address);
      if (range !== undefined) this.#ranges.set(ban.banId, range);
      return;
    }
    const { visitorId } = ban.target;
    const ids = this.#byVisitor.get(visitorId) ?? new Set();
    this.#byVisitor.set(visitorId, ids.add(ban.banId));
  }

  delete(banId: string): void {
    const ban = this.#bans.get(banId);
    if (ban === undefined) return;
    this.#bans.delete(banId);
    this.#ranges.delete(banId);
    if (ban.target.type !== "visitor") return;
    const ids = this.#byVisitor.get(ban.target.visitorId);
    ids?.delete(banId);
    if (ids?.size === 0) this.#byVisitor.delete(ban.target.visitorId);
  }

  /** The ban that holds for this visitor now. */
  of(visitor: Bannable, at: Millis): Ban | undefined {
    for (const banId of this.#byVisitor.get(visitor.visitorId) ?? []) {
      const ban = this.#bans.get(banId);
      if (ban !== undefined && holds(ban, at)) return ban;
    }
    if (visitor.address === undefined) return undefined;
    for (const [banId, range] of this.#ranges) {
      const ban = this.#bans.get(banId);
      if (ban !== undefined && holds(ban, at) && contains(range, visitor.address)) return ban;
    }
    return undefined;
  }
}

function holds(ban: Ban, at: Millis): boolean {
  return ban.until === undefined || at < ban.until;
}
