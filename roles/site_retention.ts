import type { RetentionOf } from "../archive/archive.ts";
import type { ConfigCache } from "../cache/config_cache.ts";
import { ConfigDamaged } from "../cache/known_sites.ts";
import { siteConfigSchema } from "../core/site_config.ts";

/**
 * How long a site keeps what: as it is configured, and by default once it was removed. Undefined
 * when its configuration is damaged, or not known here while this process is behind. [AR12]
 */
export function siteRetention(
  configs: Pick<ConfigCache, "load">,
  isBehind: () => boolean,
): RetentionOf {
  return async (siteId) => {
    try {
      const config = await configs.load(siteId);
      if (config !== undefined) return config.retention;
    } catch (error) {
      if (!(error instanceof ConfigDamaged)) throw error;
      return undefined;
    }
    return isBehind() ? undefined : siteConfigSchema.parse({ siteId, name: siteId }).retention;
  };
}
