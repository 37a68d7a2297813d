import type { SiteId } from "../core/ids.ts";
import { type SiteConfig, siteConfigSchema } from "../core/site_config.ts";

/** Where configurations are kept: as bytes, by site. */
export interface ConfigStore {
  load(): AsyncIterable<{ readonly siteId: SiteId; readonly json: string }>;
  put(siteId: SiteId, json: string): Promise<void>;
  close(): void;
}

/**
 * The configurations of all sites known to this node, read from memory. What the store holds is
 * parsed on first use, so that many sites cost little at start. [DB2]
 */
export class ConfigCache {
  readonly #store: ConfigStore;
  readonly #json = new Map<SiteId, string>();
  readonly #parsed = new Map<SiteId, SiteConfig>();

  private constructor(store: ConfigStore) {
    this.#store = store;
  }

  /** Reads the store once; from then on nothing here waits. */
  static async open(store: ConfigStore): Promise<ConfigCache> {
    const cache = new ConfigCache(store);
    for await (const { siteId, json } of store.load()) cache.#json.set(siteId, json);
    return cache;
  }

  get(siteId: SiteId): SiteConfig | undefined {
    const parsed = this.#parsed.get(siteId);
    if (parsed !== undefined) return parsed;
    const json = this.#json.get(siteId);
    if (json === undefined) return undefined;
    const config = siteConfigSchema.parse(JSON.parse(json));
    this.#parsed.set(siteId, config);
    return config;
  }

  siteIds(): SiteId[] {
    return [...this.#json.keys()];
  }

  /** Stores a valid configuration and serves it from here on. */
  async put(config: SiteConfig): Promise<void> {
    const json = JSON.stringify(config);
    await this.#store.put(config.siteId, json);
    this.#json.set(config.siteId, json);
    this.#parsed.set(config.siteId, config);
  }

  close(): void {
    this.#store.close();
  }
}
