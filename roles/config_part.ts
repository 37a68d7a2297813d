import { CacheFeed } from "../cache/cache_feed.ts";
import type { ConfigCache } from "../cache/config_cache.ts";
import { ConfigFollower, type FollowerState } from "../cache/follower.ts";
import { type Dial, HttpFeed } from "../cache/http_feed.ts";
import type { FeedDeps } from "../routes/config_feed.ts";
import type { Clock } from "../server/clock.ts";
import type { Log } from "../server/log.ts";
import type { Parts } from "../server/parts.ts";
import type { Settings } from "./settings.ts";

/** What following and being followed stands on. */
export interface ConfigPartDeps {
  readonly configs: ConfigCache;
  readonly clock: Clock;
  readonly log: Log;
  readonly parts: Parts;
  readonly dial: Dial;
}

/** The configuration's way in and out of this process. */
export interface ConfigPart {
  /** What others follow here. */
  readonly feed: FeedDeps;
  /** Undefined: configuration is written here. */
  follower(): FollowerState | undefined;
  stop(): Promise<void>;
}

/**
 * Lets others follow this process's configuration, and follows that of CONFIG_FROM, where it is
 * written then. [CC11]
 */
export function startConfigPart(settings: Settings, deps: ConfigPartDeps): ConfigPart {
  const { configs, clock, log, parts, dial } = deps;
  const feed = new CacheFeed(configs, (ms, task) => clock.after(ms, task));
  const { CONFIG_FROM: url, CONFIG_KEY: key } = settings;
  let follower: ConfigFollower | undefined;
  if (url !== undefined && key !== undefined) {
    parts.down("config-write", `configuration is written at ${url}`);
    follower = new ConfigFollower({
      cache: configs,
      feed: new HttpFeed({ url, key, dial }),
      clock,
      random: Math.random,
      tell: (event, why) => log.write(event === "follower_away" ? "warn" : "info", event, { why }),
    });
    follower.start();
  }
  return {
    feed: { feed, key },
    follower: () => follower?.state,
    async stop() {
      feed.close();
      await follower?.stop();
    },
  };
}
