import { Gauge, type Registry } from "prom-client";
import type { ConfigCache } from "../cache/config_cache.ts";
import type { FollowerState } from "../cache/follower.ts";

/** Adds the configurations in memory and, on a node that follows another, how it stands. */
export function addConfigMetrics(
  registry: Registry,
  configs: ConfigCache,
  follower: () => FollowerState | undefined,
): void {
  const gauge = (
    name: string,
    help: string,
    read: () => number | undefined | Promise<number | undefined>,
  ) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const value = await read();
        if (value === undefined) this.reset();
        else this.set(value);
      },
    });
  gauge("chatnode_configs_known", "Sites known here", () => configs.counts.known);
  gauge("chatnode_configs_kept", "Configurations in memory", () => configs.counts.kept);
  gauge("chatnode_configs_parsed", "Of those, parsed", () => configs.counts.parsed);
  gauge(
    "chatnode_configs_reading_ahead",
    "Whether configurations are read before they are asked for",
    () => configs.counts.isReadingAhead ? 1 : 0,
  );
  gauge("chatnode_config_log_position", "Changes in the log", async () => {
    return (await configs.store.head()).n;
  });
  if (follower() === undefined) return;
  gauge(
    "chatnode_config_follower_connected",
    "Whether the followed process answers",
    () => follower()?.isConnected ? 1 : 0,
  );
  gauge(
    "chatnode_config_follower_behind",
    "Changes that are not here, as of its last answer",
    () => follower()?.behind,
  );
  gauge("chatnode_config_copies", "Times that every site was loaded anew", () => {
    return follower()?.copies;
  });
}
