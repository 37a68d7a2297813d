import type { ConfigCache } from "../cache/config_cache.ts";
import { ConfigDamaged } from "../cache/known_sites.ts";
import { isOver } from "../core/ban.ts";
import type { Millis } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { storable } from "../core/storable_text.ts";
import {
  type ConsumerOptions,
  type HandleResult,
  type RunningConsumer,
  startConsumer,
} from "../mq/consumer_loop.ts";
import type { AgentBan } from "../mq/payloads/agent_payloads.ts";
import { millisOf } from "./archive_records.ts";
import { parsedAs } from "./persistence.ts";

/** What the consumer stands on. */
export interface BanConfigurationDeps
  extends Pick<ConsumerOptions<unknown>, "queue" | "clock" | "log" | "random"> {
  readonly configs: Pick<ConfigCache, "change">;
  /** Whether configuration is written here, and not at another process that this one follows. */
  readonly isConfigWritable: () => boolean;
  readonly prefix: string;
}

/** Changes of configurations, one after the other. */
const batchMax = 10;
/** Lifted bans that are remembered. */
const liftedMax = 10_000;
/**
 * How long the lifting of a ban that is not there waits for it: one that is tried again while the
 * configuration is away comes within 30 s, and what is only remembered is lost with the process.
 */
const liftedWaitMs = 60_000;

/**
 * Writes the bans that agents set into their site's configuration, and takes those out that they
 * lifted, also when the lifting comes first; a repeat changes nothing. While the configuration
 * cannot be written here, they wait. [OB8]
 */
export function startBanConfiguration(
  deps: BanConfigurationDeps,
  queueName: string,
): RunningConsumer {
  const bans = new BanWriter(deps);
  return startConsumer<AgentBan>({
    ...deps,
    queueName: deps.prefix + queueName,
    batchMax,
    concurrency: 1,
    parse: (payload) => parsedAs("agent.ban", payload),
    async handle(batch) {
      const results: HandleResult[] = [];
      for (const { message } of batch) results.push(await bans.write(message));
      return results;
    },
  });
}

class BanWriter {
  readonly #deps: BanConfigurationDeps;
  /** When the lifting of a ban was first seen here. */
  readonly #liftedAt = new Map<string, Millis>();

  constructor(deps: BanConfigurationDeps) {
    this.#deps = deps;
  }

  async write(ban: AgentBan): Promise<HandleResult> {
    const { clock, isConfigWritable } = this.#deps;
    const now = clock.now();
    const key = `${ban.siteId}/${ban.banId}`;
    if (ban.lifted && !this.#liftedAt.has(key)) {
      if (this.#liftedAt.size >= liftedMax) this.#liftedAt.clear();
      this.#liftedAt.set(key, now);
    }
    const liftedAt = this.#liftedAt.get(key);
    if (!ban.lifted && liftedAt !== undefined) return { type: "done" };
    if (!isConfigWritable()) {
      const error = "Configuration is not written here at present";
      return { type: "retry", kind: "unavailable", error };
    }
    try {
      return await this.#change(ban, now, liftedAt);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      // The other sites' can be written.
      if (error instanceof ConfigDamaged) return { type: "retry", error: why };
      return { type: "retry", kind: "unavailable", error: why };
    }
  }

  async #change(
    ban: AgentBan,
    now: Millis,
    liftedAt: Millis | undefined,
  ): Promise<HandleResult> {
    const { siteId, banId, lifted } = ban;
    let wasThere = false;
    const result = await this.#deps.configs.change({
      siteId,
      by: "queue:agent.ban",
      what: `bans.${lifted ? "remove" : "add"} ${banId}`,
      at: now,
      edit(config) {
        if (config === undefined) return undefined;
        wasThere = hasBan(config, banId);
        return edited(config, ban, now);
      },
    });
    switch (result.type) {
      case "written": {
        const delayMs = liftedAt === undefined || wasThere ? 0 : liftedAt + liftedWaitMs - now;
        const error = "The ban that was lifted is not here yet";
        return delayMs > 0 ? { type: "not_yet", delayMs, error } : { type: "done" };
      }
      case "unknown_site":
        return { type: "done" };
      case "conflict":
        return { type: "retry", error: "The site's configuration is changed all the time" };
      case "refused": {
        const [issue] = result.issues;
        return { type: "dead", error: `${issue?.path || "configuration"}: ${issue?.message}` };
      }
    }
  }
}

function hasBan({ bans }: SiteConfig, banId: string): boolean {
  return bans.some((one) => one.banId === banId);
}

/** The configuration with the ban in it, or out of it; the same when that changes nothing. */
function edited(config: SiteConfig, ban: AgentBan, now: Millis): SiteConfig {
  const { banId, target, agentId, lifted } = ban;
  if (hasBan(config, banId) !== lifted) return config;
  if (lifted) return { ...config, bans: config.bans.filter((one) => one.banId !== banId) };
  const until = ban.until === null ? undefined : millisOf(ban.until);
  if (isOver({ banId, target, until }, now)) return config;
  const holding = config.bans.filter((one) => !isOver(one, now));
  const comment = ban.comment === null || ban.comment === undefined
    ? undefined
    : storable(ban.comment.slice(0, limits.commentCharsMax));
  const added = {
    ...{ banId, target, agentId },
    ...(until === undefined ? {} : { until }),
    ...(comment === undefined ? {} : { comment }),
  };
  return { ...config, bans: [...holding, added] };
}
