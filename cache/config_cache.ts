import type { Millis, SiteId } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { ConfigDamaged, type KnownCounts, KnownSites } from "./known_sites.ts";
import { configLimits } from "./config_limits.ts";
import type {
  ChangesPage,
  ConfigStore,
  LogPosition,
  RemovedSite,
  StoredSite,
} from "./config_store.ts";
import { savedAgents } from "./saved_agents.ts";
import { Turns } from "./turns.ts";
import { type ConfigIssue, validConfig } from "./valid_config.ts";

/** What somebody wants to be different. */
export interface SiteChange {
  readonly siteId: SiteId;
  /** The version that the writer saw; 0: there is no such site. Absent: whatever it is now. */
  readonly from?: number | undefined;
  /** Who does it: "operator", "agent:ana", "queue:agent.ban". */
  readonly by: string;
  /** What is done, for people: "agents.create zoe". */
  readonly what: string;
  readonly at: Millis;
  /** Where it comes from, for the audit log. */
  readonly address?: string | undefined;
  /**
   * The configuration as it is to be, as input of siteConfigSchema, made of that which is (none:
   * there is no such site); null removes the site. Called again when somebody else was faster.
   * Undefined for a site that is not there: unknown_site. Its `version` does not count.
   */
  edit(config: SiteConfig | undefined): unknown;
}

/**
 * written: on disk, and served from here on; an edit that changes nothing is written as it was.
 * conflict: the site is at another version than the writer saw. refused: the edit made no valid
 * configuration. Nothing but written changed anything.
 */
export type ChangeResult =
  | {
    readonly type: "written";
    readonly version: number;
    /** Undefined: the site was removed. */
    readonly config: SiteConfig | undefined;
  }
  | { readonly type: "conflict"; readonly version: number }
  | { readonly type: "refused"; readonly issues: readonly ConfigIssue[] }
  | { readonly type: "unknown_site" };

/** Configuration is written at another process, which this one follows. */
export class WrittenElsewhere extends Error {
  override name = "WrittenElsewhere";

  constructor(siteId: SiteId, where: string) {
    super(`Cannot change "${siteId}" here: configuration is written at ${where}`);
  }
}

/** What may be otherwise. */
export interface ConfigCacheOptions {
  /**
   * The process that is followed: change() and put() throw WrittenElsewhere, as a change made here
   * would be in no other log.
   */
  readonly writtenAt?: string | undefined;
  readonly now?: () => Millis;
  /** Parsed configurations kept at once. */
  readonly parsedMax?: number;
  /** Bytes of configurations that are read before they are asked for. */
  readonly keptBytesMax?: number;
  /** Told of what goes wrong where nobody waits: reading ahead, noting use. */
  readonly onError?: (error: unknown) => void;
}

/** Told of a site's new configuration; undefined: the site was removed. */
export type ConfigListener = (siteId: SiteId, config: SiteConfig | undefined) => void;

/**
 * The configurations of the sites known to this node. Those in use are in memory, as bytes, and
 * parsed on first use; the others are read from the store on first use. Whoever changes one, or
 * follows those who do, does it through here. [DB2, DB3]
 */
export class ConfigCache {
  readonly store: ConfigStore;
  readonly #known: KnownSites;
  readonly #now: () => Millis;
  readonly #onError: (error: unknown) => void;
  readonly #writtenAt: string | undefined;
  readonly #turns = new Turns<SiteId>();
  readonly #listeners = new Set<ConfigListener>();
  readonly #logListeners = new Set<() => void>();
  #used = new Set<SiteId>();
  #notingUse = false;

  private constructor(store: ConfigStore, options: ConfigCacheOptions) {
    this.store = store;
    this.#now = options.now ?? Date.now;
    this.#onError = options.onError ?? (() => {});
    this.#writtenAt = options.writtenAt;
    this.#known = new KnownSites(store, {
      parsedMax: options.parsedMax ?? configLimits.parsedMax,
      keptBytesMax: options.keptBytesMax ?? configLimits.keptBytesMax,
      onError: this.#onError,
    });
  }

  /** Reads what a small installation has; the rest is for readAhead(), or read on first use. */
  static async open(store: ConfigStore, options: ConfigCacheOptions = {}): Promise<ConfigCache> {
    const cache = new ConfigCache(store, options);
    await cache.#known.open(cache.#now());
    return cache;
  }

  /**
   * Reads the sites used or made within the last month, bit by bit, so that their first use need
   * not wait: for when the process has begun to serve. Resolves when nothing more is read ahead.
   */
  readAhead(): Promise<void> {
    return this.#known.readAhead();
  }

  /** Configurations in memory: parsed, and all. */
  get counts(): KnownCounts {
    return this.#known.counts;
  }

  /** The site if it is loaded. Throws ConfigDamaged when its bytes cannot be read. */
  get(siteId: SiteId): SiteConfig | undefined {
    return this.#known.get(siteId);
  }

  /**
   * The site, read from the store on first use; those who ask at once share the reading. Throws
   * ConfigDamaged.
   */
  load(siteId: SiteId): Promise<SiteConfig | undefined> {
    return this.#known.load(siteId);
  }

  /** Ids of all sites, in no order; of many, as far as they are read by now: see readAhead. */
  siteIds(): SiteId[] {
    return this.#known.siteIds();
  }

  /**
   * Told of every change of a site that is loaded here, after get() gives the new configuration.
   * The answer ends it.
   */
  onChange(listener: ConfigListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Called when the log has grown, or was begun anew. The answer ends it. */
  onLog(listener: () => void): () => void {
    this.#logListeners.add(listener);
    return () => void this.#logListeners.delete(listener);
  }

  #logGrew(): void {
    for (const listener of [...this.#logListeners]) listener();
  }

  /**
   * Reads a site, lets it be edited, and writes it if nobody else was faster. Fields that a newer
   * release has written, and that this one does not know, are gone then.
   */
  change(change: SiteChange): Promise<ChangeResult> {
    return this.#turns.take(change.siteId, async () => {
      const attempts = change.from === undefined ? configLimits.changeAttemptsMax : 1;
      let result = await this.#tryChange(change);
      for (let attempt = 1; result.type === "conflict" && attempt < attempts; attempt++) {
        result = await this.#tryChange(change);
      }
      return result;
    });
  }

  async #tryChange(change: SiteChange): Promise<ChangeResult> {
    const { siteId, from } = change;
    const stored = await this.store.read(siteId);
    if (stored === undefined && from !== undefined && from > 0) return { type: "unknown_site" };
    const version = stored?.version ?? 0;
    if (from !== undefined && from !== version) return { type: "conflict", version };
    const before = stored === undefined ? undefined : parsed(stored);
    const edited = change.edit(before);
    if (stored === undefined && (edited === undefined || edited === null)) {
      return { type: "unknown_site" };
    }
    if (edited === null) {
      return await this.#write(change, { from: version, before, made: undefined });
    }
    const made = validConfig(siteId, edited, version + 1);
    if ("issues" in made) return { type: "refused", issues: made.issues };
    if (before !== undefined && isSame(before, made.config)) {
      return { type: "written", version, config: before };
    }
    return await this.#write(change, { from: version, before, made });
  }

  async #write(
    { siteId, by, what, at, address }: Omit<SiteChange, "edit">,
    { from, before, made }: {
      readonly from: number;
      readonly before: SiteConfig | undefined;
      readonly made: { readonly config: SiteConfig; readonly json: string } | undefined;
    },
  ): Promise<ChangeResult> {
    if (this.#writtenAt !== undefined) throw new WrittenElsewhere(siteId, this.#writtenAt);
    const json = made?.json ?? null;
    const agents = savedAgents(before, made?.config);
    const result = await this.store.write({ siteId, from, json, by, what, at, address, agents });
    if (result.type === "conflict") return result;
    const { version } = result.change;
    if (json === null) this.#known.remove(siteId);
    else this.#known.set({ siteId, version, json }, made?.config);
    this.#tell(siteId, made?.config);
    this.#logGrew();
    return { type: "written", version, config: made?.config };
  }

  /**
   * Writes a valid configuration whatever is there, unless it is there already: of the settings,
   * the demo site, tests. Its version is that behind the one that is there.
   */
  put(config: SiteConfig, by = "settings"): Promise<void> {
    const { siteId } = config;
    return this.#turns.take(siteId, async () => {
      for (let attempt = 0; attempt < configLimits.changeAttemptsMax; attempt++) {
        const stored = await this.store.read(siteId);
        const from = stored?.version ?? 0;
        const made = validConfig(siteId, { ...config, ...madeAtOf(stored) }, from + 1);
        if ("issues" in made) throw new Error(`Cannot put "${siteId}": ${made.issues[0]?.message}`);
        if (stored?.json === JSON.stringify({ ...made.config, version: from })) return;
        const change = { siteId, by, what: "site.put", at: this.#now() };
        const before = stored === undefined ? undefined : readable(stored);
        if ((await this.#write(change, { from, before, made })).type === "written") return;
      }
      throw new Error(`Cannot put "${siteId}": others change it all the time`);
    });
  }

  /** Takes over a page of another store's log. */
  async follow(page: ChangesPage): Promise<void> {
    await this.store.follow(page);
    const sites = new Map(page.sites.map((site) => [site.siteId, site]));
    for (const { siteId } of page.changes) {
      const site = sites.get(siteId);
      if (site === undefined) this.#gone(siteId);
      else this.#renewed(site);
    }
    this.#logGrew();
  }

  /** Becomes a copy of another store. Sites are served as they were until it is one. */
  async replaceAll(
    head: LogPosition,
    sites: AsyncIterable<StoredSite | RemovedSite>,
  ): Promise<void> {
    const known = this.#known;
    await known.readAhead();
    const here = new Set<SiteId>();
    async function* passing() {
      for await (const site of sites) {
        if (!("removedAt" in site)) {
          here.add(site.siteId);
          known.add(site.siteId);
        }
        yield site;
      }
    }
    await this.store.replaceAll(head, passing());
    for (const siteId of known.renewAll()) {
      if (!here.has(siteId)) continue;
      const site = await this.store.read(siteId);
      if (site !== undefined) this.#renewed(site);
    }
    for (const siteId of known.siteIds()) if (!here.has(siteId)) this.#gone(siteId);
    this.#logGrew();
  }

  /** What was learned of a site; the same bytes again change nothing. */
  #renewed(site: StoredSite): void {
    if (!this.#known.renew(site)) return;
    try {
      this.#tell(site.siteId, this.#known.get(site.siteId));
    } catch (error) {
      // The site goes on as it was, where it is served; whoever asks for it is told.
      this.#onError(error);
    }
  }

  #gone(siteId: SiteId): void {
    const wasLoaded = this.#known.isLoaded(siteId);
    this.#known.remove(siteId);
    if (wasLoaded) this.#tell(siteId, undefined);
  }

  #tell(siteId: SiteId, config: SiteConfig | undefined): void {
    for (const listener of this.#listeners) listener(siteId, config);
  }

  /** The site is used today. Kept soon, many at once; the caller says it once a day. [DB3] */
  noteUse(siteId: SiteId): void {
    this.#used.add(siteId);
    if (this.#notingUse) return;
    this.#notingUse = true;
    void this.#writeUse();
  }

  async #writeUse(): Promise<void> {
    while (this.#used.size > 0) {
      const used = [...this.#used];
      this.#used = new Set();
      try {
        await this.store.noteUse(used, this.#now());
      } catch (error) {
        // A site that is not noted is read on first use after the next start.
        this.#onError(error);
      }
    }
    this.#notingUse = false;
  }

  /** Ends reading ahead and closes the store. */
  async close(): Promise<void> {
    await this.#known.stop();
    this.store.close();
  }
}

function parsed({ siteId, json }: StoredSite): SiteConfig {
  return KnownSites.parse(siteId, json);
}

/** When a site was made, which stays as it is. */
function madeAtOf(stored: StoredSite | undefined): Pick<SiteConfig, "madeAt"> {
  try {
    const madeAt = stored === undefined ? undefined : parsed(stored).madeAt;
    return madeAt === undefined ? {} : { madeAt };
  } catch (error) {
    if (!(error instanceof ConfigDamaged)) throw error;
    return {};
  }
}

/** Undefined for one that is damaged: what is written instead has all agents anew. */
function readable(stored: StoredSite): SiteConfig | undefined {
  try {
    return parsed(stored);
  } catch (error) {
    if (error instanceof ConfigDamaged) return undefined;
    throw error;
  }
}

/** Whether two configurations differ in nothing but their version. */
function isSame(one: SiteConfig, other: SiteConfig): boolean {
  return JSON.stringify({ ...one, version: 0 }) === JSON.stringify({ ...other, version: 0 });
}
