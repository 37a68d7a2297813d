import type { ConfigStore } from "../../cache/config_cache.ts";
import type { SiteId } from "../../core/ids.ts";

/** Configurations in memory: a driver of the cache's store for tests. */
export class MemoryConfigStore implements ConfigStore {
  readonly json = new Map<SiteId, string>();

  async *load() {
    for (const [siteId, json] of this.json) {
      yield { siteId, json };
      await Promise.resolve();
    }
  }

  put(siteId: SiteId, json: string): Promise<void> {
    this.json.set(siteId, json);
    return Promise.resolve();
  }

  close(): void {}
}
