import type { Millis, SiteId } from "../core/ids.ts";
import { configLimits } from "./config_limits.ts";
import { dayOf, type RemovedSite, type StoredSite } from "./config_store.ts";
import type { KvTransaction, Size } from "./transaction_kv.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Keys of one getMany(), which is one snapshot. */
const keysAtOnce = 10;

/** What is kept of a site beside its bytes. */
export interface SiteRow {
  readonly version: number;
  /** Values that its configuration takes. */
  readonly parts: number;
  /** The day that it was last used or made; 0: neither, as far as is known here. */
  readonly usedAt: Millis;
}

/**
 * Sites in a Deno KV file:
 *   site/<siteId>             its SiteRow
 *   config/<siteId>/<part>    its configuration in values of at most 60 KB
 *   removed/<siteId>          when a site of this id was removed last
 */
export class SiteRows {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** The site as of one moment, however many values it takes. */
  async read(siteId: SiteId): Promise<StoredSite | undefined> {
    const [row, first] = await this.#kv.getMany<[SiteRow, Uint8Array]>([
      ["site", siteId],
      ["config", siteId, 0],
    ]);
    if (row.value === null) return undefined;
    const { version, parts } = row.value;
    if (parts > 1) return await this.#readLong(siteId);
    return { siteId, version, json: decoder.decode(first.value ?? new Uint8Array()) };
  }

  async #readLong(siteId: SiteId): Promise<StoredSite | undefined> {
    const keys = Array.from({ length: keysAtOnce - 1 }, (_, part) => ["config", siteId, part]);
    const [row, ...found] = await this.#kv.getMany([["site", siteId], ...keys]);
    if (row === undefined || row.value === null) return undefined;
    const { version, parts } = row.value as SiteRow; // written by replace()
    // More than fit one snapshot are only of a build before the log.
    const values = parts < keysAtOnce
      ? found.slice(0, parts).map(({ value }) => value as Uint8Array) // written by replace(), too
      : await Array.fromAsync(
        this.#kv.list<Uint8Array>({ prefix: ["config", siteId] }),
        ({ value }) => value,
      );
    return { siteId, version, json: joined(values) };
  }

  /** Rows of these sites, in order; undefined for one that there is none of. */
  async rows(siteIds: readonly SiteId[]): Promise<(SiteRow | undefined)[]> {
    const rows: (SiteRow | undefined)[] = [];
    for (let from = 0; from < siteIds.length; from += keysAtOnce) {
      const keys = siteIds.slice(from, from + keysAtOnce).map((siteId) => ["site", siteId]);
      const found = await this.#kv.getMany<SiteRow[]>(keys);
      rows.push(...found.map(({ value }) => value ?? undefined));
    }
    return rows;
  }

  async *list(after?: SiteId): AsyncIterable<{ readonly siteId: SiteId; readonly row: SiteRow }> {
    const prefix = ["site"];
    const selector = after === undefined ? { prefix } : { prefix, start: ["site", after] };
    for await (const { key, value } of this.#kv.list<SiteRow>(selector, { batchSize: 500 })) {
      const siteId = key[1] as SiteId; // written by replace()
      if (siteId !== after) yield { siteId, row: value };
    }
  }

  /** Adds to a transaction that the site is this from here on, or is gone. */
  replace(tx: KvTransaction, siteId: SiteId, replacement: Replacement): void {
    const { site, before, madeAt, removedAt } = replacement;
    const bytes = encoder.encode(site?.json ?? "");
    const parts = partsOf(bytes.length);
    for (let part = 0; part < parts; part++) {
      const from = part * configLimits.partBytesMax;
      const value = bytes.subarray(from, from + configLimits.partBytesMax);
      tx.setBytes(["config", siteId, part], value);
    }
    for (let part = parts; part < (before?.parts ?? 0); part++) tx.delete(["config", siteId, part]);
    if (removedAt !== undefined) this.noteRemoval(tx, { siteId, removedAt });
    if (site === undefined) return tx.delete(["site", siteId]);
    const usedAt = before?.usedAt ?? (madeAt === undefined ? 0 : dayOf(madeAt));
    tx.set(["site", siteId], { version: site.version, parts, usedAt } satisfies SiteRow);
  }

  /** What replace() may take at most. */
  sizeOf({ site, before }: Replacement): Size {
    const bytes = encoder.encode(site?.json ?? "").length;
    return { mutations: 2 + Math.max(partsOf(bytes), before?.parts ?? 0), bytes };
  }

  /** Adds to a transaction that the site was removed then; it is never forgotten. */
  noteRemoval(tx: KvTransaction, { siteId, removedAt }: RemovedSite): void {
    tx.set(["removed", siteId], removedAt);
  }

  async removedAt(siteId: SiteId): Promise<Millis | undefined> {
    return (await this.#kv.get<Millis>(["removed", siteId])).value ?? undefined;
  }

  async *removed(after?: SiteId): AsyncIterable<RemovedSite> {
    const prefix = ["removed"];
    const selector = after === undefined ? { prefix } : { prefix, start: ["removed", after] };
    for await (const { key, value } of this.#kv.list<Millis>(selector, { batchSize: 500 })) {
      const siteId = key[1] as SiteId; // written by noteRemoval()
      if (siteId !== after) yield { siteId, removedAt: value };
    }
  }

  use(tx: KvTransaction, siteId: SiteId, row: SiteRow, usedAt: Millis): void {
    tx.set(["site", siteId], { ...row, usedAt } satisfies SiteRow);
  }

  /** Writes rows for the sites of a data folder from before there were any. */
  async adopt(at: Millis): Promise<void> {
    let siteId: SiteId | undefined;
    let parts: Uint8Array[] = [];
    const end = async () => {
      if (siteId === undefined) return;
      const row: SiteRow = {
        version: versionIn(joined(parts)),
        parts: parts.length,
        usedAt: dayOf(at),
      };
      await this.#kv.set(["site", siteId], row);
    };
    for await (const { key, value } of this.#kv.list<Uint8Array>({ prefix: ["config"] })) {
      const id = key[1] as SiteId; // written by replace()
      if (id !== siteId) {
        await end();
        siteId = id;
        parts = [];
      }
      parts.push(value);
    }
    await end();
  }
}

/** What becomes of a site: undefined when it is removed. */
export interface Replacement {
  readonly site: StoredSite | undefined;
  readonly before: SiteRow | undefined;
  /** When it was made, if it was just made. */
  readonly madeAt?: Millis | undefined;
  /** When it was removed, if it was; it may have been made again since. */
  readonly removedAt?: Millis | undefined;
}

function partsOf(bytes: number): number {
  return Math.ceil(bytes / configLimits.partBytesMax);
}

/** A damaged configuration counts as the first. */
function versionIn(json: string): number {
  try {
    const { version }: { version?: unknown } = JSON.parse(json);
    return typeof version === "number" ? version : 1;
  } catch {
    return 1;
  }
}

function joined(parts: readonly Uint8Array[]): string {
  return parts.map((part, index) => decoder.decode(part, { stream: index < parts.length - 1 }))
    .join("");
}
