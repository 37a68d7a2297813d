import { z } from "zod";
import { type Millis, visitorIdSchema } from "./ids.ts";
import { type AddressRange, addressRange, readAddress } from "./ip_address.ts";

/** Who is banned: a visitor, an address, or a range of addresses (as in 192.0.2.0/24). */
export const banTargetSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("visitor").describe("One visitor."),
    visitorId: visitorIdSchema.describe("The visitor."),
  }),
  z.strictObject({
    type: z.literal("address").describe("All who come from an address or a range."),
    /** One address, or a range in CIDR notation. */
    address: z.string().max(64).refine(
      (text) => addressRange(text) !== undefined,
      "an IPv4 or IPv6 address, or a range of them as in 192.0.2.0/24",
    ).describe("An IPv4 or IPv6 address, or a range of them as in 192.0.2.0/24."),
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

/**
 * Bans found by visitor and by address at once, however many there are: ranges are kept by length
 * and prefix, so that an address is looked up once per length in use. [BN1, EN1]
 */
export class BanList {
  readonly #bans = new Map<string, Ban>();
  /** Ids by what is banned. */
  readonly #byTarget = new Map<string, Set<string>>();
  /** How many ranges of each family and length there are. */
  readonly #lengths = new Map<string, { readonly range: AddressRange; count: number }>();

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
    const ids = this.#byTarget.get(keyOf(ban)) ?? new Set();
    this.#byTarget.set(keyOf(ban), ids.add(ban.banId));
    const range = rangeOf(ban);
    if (range === undefined) return;
    const length = this.#lengths.get(lengthKey(range));
    if (length === undefined) this.#lengths.set(lengthKey(range), { range, count: 1 });
    else length.count += 1;
  }

  delete(banId: string): void {
    const ban = this.#bans.get(banId);
    if (ban === undefined) return;
    this.#bans.delete(banId);
    const key = keyOf(ban);
    const ids = this.#byTarget.get(key);
    ids?.delete(banId);
    if (ids?.size === 0) this.#byTarget.delete(key);
    const range = rangeOf(ban);
    if (range === undefined) return;
    const length = this.#lengths.get(lengthKey(range));
    if (length === undefined) return;
    length.count -= 1;
    if (length.count === 0) this.#lengths.delete(lengthKey(range));
  }

  /** The ban that holds for this visitor now. */
  of(visitor: Bannable, at: Millis): Ban | undefined {
    const ban = this.#holding(visitor.visitorId, at);
    if (ban !== undefined || visitor.address === undefined || this.#lengths.size === 0) return ban;
    const address = readAddress(visitor.address);
    if (address === undefined) return undefined;
    for (const { range: { bits, length } } of this.#lengths.values()) {
      if (bits !== address.bits) continue;
      const prefix = address.value >> BigInt(bits - length);
      const found = this.#holding(rangeKey({ bits, length, prefix }), at);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #holding(key: string, at: Millis): Ban | undefined {
    for (const banId of this.#byTarget.get(key) ?? []) {
      const ban = this.#bans.get(banId);
      if (ban !== undefined && !isOver(ban, at)) return ban;
    }
    return undefined;
  }
}

/** Whether the ban has ended by itself. */
export function isOver(ban: Ban, at: Millis): boolean {
  return ban.until !== undefined && ban.until <= at;
}

function rangeOf({ target }: Ban): AddressRange | undefined {
  return target.type === "address" ? addressRange(target.address) : undefined;
}

function keyOf(ban: Ban): string {
  if (ban.target.type === "visitor") return ban.target.visitorId;
  const range = rangeOf(ban);
  return range === undefined ? "" : rangeKey(range);
}

function rangeKey({ bits, length, prefix }: AddressRange): string {
  return `${bits}/${length}/${prefix}`;
}

function lengthKey({ bits, length }: AddressRange): string {
  return `${bits}/${length}`;
}
