import type { Millis, SiteId } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { readStoredConfig } from "../core/stored_config.ts";
import { configLimits } from "./config_limits.ts";
import type { ConfigStore, StoredSite } from "./config_store.ts";

/** The stored configuration of a site cannot be read; the other sites are served. */
export class ConfigDamaged extends Error {
  override name = "ConfigDamaged";
  readonly siteId: SiteId;

  constructor(siteId: SiteId, cause: unknown) {
    super(`Cannot read the stored configuration of site "${siteId}"`, { cause });
    this.siteId = siteId;
  }
}

/** How much is kept, and who is told of what goes wrong where nobody waits. */
export interface KnownSitesOptions {
  readonly parsedMax: number;
  readonly keptBytesMax: number;
  readonly onError: (error: unknown) => void;
}

/** How many configurations are in memory. */
export interface KnownCounts {
  readonly parsed: number;
  readonly kept: number;
  readonly known: number;
  readonly isReadingAhead: boolean;
}

interface Kept {
  readonly version: number;
  readonly json: string;
}

/** A reading that others wait for; stale once the site was changed meanwhile. */
interface Reading {
  readonly done: Promise<SiteConfig | undefined>;
  isStale: boolean;
}

const dayMs = 24 * 3_600_000;

/**
 * What of the store is in memory: the ids of all sites, the bytes of those in use, and, of the ones
 * asked for lately, the parsed configurations.
 */
export class KnownSites {
  readonly #store: ConfigStore;
  readonly #options: KnownSitesOptions;
  readonly #ids = new Set<SiteId>();
  readonly #kept = new Map<SiteId, Kept>();
  /** The one asked for last is the last. */
  readonly #parsed = new Map<SiteId, SiteConfig>();
  readonly #readings = new Map<SiteId, Reading>();
  /** Sites removed while ids are read ahead: a list that was begun before may still have them. */
  #removed: Set<SiteId> | undefined = new Set();
  #keptBytes = 0;
  #hasAllIds = false;
  #isStopped = false;
  #isReadingAhead = false;
  /** What open() left to be read; undefined: nothing. */
  #rest: Rest | undefined;
  #readAhead: Promise<void> = Promise.resolve();

  constructor(store: ConfigStore, options: KnownSitesOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Reads what a store has of a site. Throws ConfigDamaged. [SC7] */
  static parse(siteId: SiteId, json: string): SiteConfig {
    try {
      const config = readStoredConfig(JSON.parse(json));
      if (config.siteId !== siteId) throw new Error(`It is of the site "${config.siteId}"`);
      return config;
    } catch (error) {
      throw new ConfigDamaged(siteId, error);
    }
  }

  get counts(): KnownCounts {
    return {
      parsed: this.#parsed.size,
      kept: this.#kept.size,
      known: this.#ids.size,
      isReadingAhead: this.#isReadingAhead,
    };
  }

  /** Reads the first ids and some sites; the rest is for readAhead(). */
  async open(now: Millis): Promise<void> {
    const ids = this.#store.sites()[Symbol.asyncIterator]();
    const used: UsedSite[] = [];
    const since = now - configLimits.usedDaysMax * dayMs;
    await this.#readIds(ids, { used, since, max: configLimits.idsAtOpenMax });
    const first = this.#hasAllIds ? takeLatest(used, configLimits.readAtOpenMax) : [];
    await this.#readAll(first);
    if (this.#hasAllIds && used.length === 0) return this.#idsRead();
    this.#rest = { ids, used, since };
  }

  /** Reads what open() left, at the first call; resolves when nothing more is read ahead. */
  readAhead(): Promise<void> {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest === undefined) return this.#readAhead;
    this.#isReadingAhead = true;
    this.#readAhead = this.#readRest(rest).catch((error) => {
      if (!this.#isStopped) this.#options.onError(error);
    }).finally(() => this.#isReadingAhead = false);
    return this.#readAhead;
  }

  async #readRest({ ids, used, since }: Rest): Promise<void> {
    await this.#readIds(ids, { used, since, max: Infinity });
    this.#idsRead();
    used.sort((one, other) => other.usedAt - one.usedAt);
    await this.#readAll(used);
  }

  #idsRead(): void {
    if (this.#hasAllIds) this.#removed = undefined;
  }

  async #readIds(ids: AsyncIterator<UsedSite>, { used, since, max }: IdReading): Promise<void> {
    for (let count = 0; count < max && !this.#hasAllIds; count++) {
      if (this.#isStopped) return void await ids.return?.();
      const next = await ids.next();
      if (next.done) {
        this.#hasAllIds = true;
        return;
      }
      const { siteId, usedAt } = next.value;
      if (this.#removed?.has(siteId)) continue;
      this.#ids.add(siteId);
      if (usedAt >= since) used.push(next.value);
    }
  }

  /** Reads these while there is room for them. */
  async #readAll(sites: readonly UsedSite[]): Promise<void> {
    for (let from = 0; from < sites.length; from += configLimits.readAtOnce) {
      if (this.#isStopped || this.#keptBytes >= this.#options.keptBytesMax) return;
      const some = sites.slice(from, from + configLimits.readAtOnce);
      await Promise.all(some.map(({ siteId }) => this.#keep(siteId)));
    }
  }

  /** Reads a site's bytes, without parsing them. */
  async #keep(siteId: SiteId): Promise<void> {
    if (this.#kept.has(siteId) || this.#readings.has(siteId)) return;
    const reading = this.#begin(siteId, (site) => {
      if (site !== undefined) this.set(site);
      return undefined;
    });
    await reading.done;
  }

  /** Throws ConfigDamaged. */
  get(siteId: SiteId): SiteConfig | undefined {
    const parsed = this.#parsed.get(siteId);
    if (parsed !== undefined) {
      this.#parsed.delete(siteId);
      this.#parsed.set(siteId, parsed);
      return parsed;
    }
    const kept = this.#kept.get(siteId);
    if (kept === undefined) return undefined;
    const config = KnownSites.parse(siteId, kept.json);
    this.#noteParsed(siteId, config);
    return config;
  }

  #noteParsed(siteId: SiteId, config: SiteConfig): void {
    this.#parsed.delete(siteId);
    this.#parsed.set(siteId, config);
    if (this.#parsed.size <= this.#options.parsedMax) return;
    const [oldest] = this.#parsed.keys();
    if (oldest !== undefined) this.#parsed.delete(oldest);
  }

  /** Throws ConfigDamaged. */
  async load(siteId: SiteId): Promise<SiteConfig | undefined> {
    if (this.#kept.has(siteId)) return this.get(siteId);
    if (this.#hasAllIds && !this.#ids.has(siteId)) return undefined;
    const reading = this.#readings.get(siteId) ?? this.#begin(siteId, (site) => {
      if (site === undefined) return undefined;
      this.set(site);
      return this.get(siteId);
    });
    await reading.done;
    // Also whoever waited for a reading that only kept the bytes.
    return this.#kept.has(siteId) || !reading.isStale ? this.get(siteId) : await this.load(siteId);
  }

  #begin(
    siteId: SiteId,
    take: (site: StoredSite | undefined) => SiteConfig | undefined,
  ): Reading {
    const reading: Reading = {
      isStale: false,
      done: this.#store.read(siteId).then((site) => {
        this.#readings.delete(siteId);
        return reading.isStale ? undefined : take(site);
      }, (error) => {
        this.#readings.delete(siteId);
        throw error;
      }),
    };
    this.#readings.set(siteId, reading);
    return reading;
  }

  siteIds(): SiteId[] {
    return [...this.#ids];
  }

  isLoaded(siteId: SiteId): boolean {
    return this.#kept.has(siteId);
  }

  /**
   * The store has become another: what is being read is read again. Ids of what is loaded, for the
   * caller to renew.
   */
  renewAll(): SiteId[] {
    for (const reading of this.#readings.values()) reading.isStale = true;
    return [...this.#kept.keys()];
  }

  /** There is such a site. */
  add(siteId: SiteId): void {
    this.#removed?.delete(siteId);
    this.#ids.add(siteId);
  }

  /** This is the site from here on. */
  set(site: StoredSite, config?: SiteConfig): void {
    const { siteId, version, json } = site;
    this.#forget(siteId);
    this.add(siteId);
    this.#kept.set(siteId, { version, json });
    this.#keptBytes += json.length;
    if (config !== undefined) this.#noteParsed(siteId, config);
  }

  /** This is the site from here on, if it is loaded; whether that changed something. */
  renew(site: StoredSite): boolean {
    this.add(site.siteId);
    const kept = this.#kept.get(site.siteId);
    if (kept === undefined) {
      this.#forget(site.siteId);
      return false;
    }
    if (kept.version === site.version && kept.json === site.json) return false;
    this.set(site);
    return true;
  }

  remove(siteId: SiteId): void {
    this.#forget(siteId);
    this.#ids.delete(siteId);
    this.#removed?.add(siteId);
  }

  #forget(siteId: SiteId): void {
    const reading = this.#readings.get(siteId);
    if (reading !== undefined) reading.isStale = true;
    this.#keptBytes -= this.#kept.get(siteId)?.json.length ?? 0;
    this.#kept.delete(siteId);
    this.#parsed.delete(siteId);
  }

  /** Reads nothing more ahead; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#rest?.ids.return?.();
    await this.#readAhead;
  }
}

interface UsedSite {
  readonly siteId: SiteId;
  readonly usedAt: Millis;
}

interface IdReading {
  /** Those used since then are added here. */
  readonly used: UsedSite[];
  readonly since: Millis;
  readonly max: number;
}

/** A list of sites that was begun, and those of it that are to be read. */
interface Rest extends Omit<IdReading, "max"> {
  readonly ids: AsyncIterator<UsedSite>;
}

/** Takes out those used last. */
function takeLatest(used: UsedSite[], count: number): UsedSite[] {
  used.sort((one, other) => other.usedAt - one.usedAt);
  return used.splice(0, count);
}
