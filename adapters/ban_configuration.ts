import type { ConfigCache } from "../cache/config_cache.ts";
import { isOver } from "../core/ban.ts";
import { limits } from "../core/limits.ts";
import type { SiteConfig } from "../core/site_config.ts";
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
  readonly prefix: string;
}

/** Changes of configurations, one after the other. */
const batchMax = 10;
/** Lifted bans that are remembered, as the message that set one may be tried again behind. */
const liftedMax = 10_000;

/**
 * Writes the bans that agents set into their site's configuration, and takes those out that they
 * lifted; a repeat changes nothing. While the configuration cannot be written here, they wait. [OB8]
 */
export function startBanConfiguration(
  deps: BanConfigurationDeps,
  queueName: string,
): RunningConsumer {
  const lifted = new Set<string>();
  return startConsumer<AgentBan>({
    ...deps,
    queueName: deps.prefix + queueName,
    batchMax,
    concurrency: 1,
    parse: (payload) => parsedAs("agent.ban", payload),
    failureOf: () => "unavailable",
    async handle(batch) {
      const results: HandleResult[] = [];
      for (const { message: ban } of batch) {
        const key = `${ban.siteId}/${ban.banId}`;
        if (lifted.size >= liftedMax) lifted.clear();
        if (ban.lifted) lifted.add(key);
        results.push(
          !ban.lifted && lifted.has(key) ? { type: "done" } : await write(deps, ban),
        );
      }
      return results;
    },
  });
}

async function write(
  { configs, clock }: BanConfigurationDeps,
  ban: AgentBan,
): Promise<HandleResult> {
  const { siteId, banId, lifted } = ban;
  const now = clock.now();
  const result = await configs.change({
    siteId,
    by: "queue:agent.ban",
    what: `bans.${lifted ? "remove" : "add"} ${banId}`,
    at: now,
    edit: (config) => config === undefined ? undefined : edited(config, ban, now),
  });
  switch (result.type) {
    case "written":
    case "unknown_site":
      return { type: "done" };
    case "conflict":
      return { type: "retry", error: "The site's configuration is changed all the time" };
    case "refused": {
      const [issue] = result.issues;
      return { type: "dead", error: `${issue?.path}: ${issue?.message}` };
    }
  }
}

/** The configuration with the ban in it, or out of it; the same when that changes nothing. */
function edited(config: SiteConfig, ban: AgentBan, now: number): SiteConfig {
  const { banId, target, agentId, lifted } = ban;
  const has = config.bans.some((one) => one.banId === banId);
  if (has !== lifted) return config;
  if (lifted) return { ...config, bans: config.bans.filter((one) => one.banId !== banId) };
  const until = ban.until === null ? undefined : millisOf(ban.until);
  if (isOver({ banId, target, until }, now)) return config;
  const holding = config.bans.filter((one) => !isOver(one, now));
  const comment = ban.comment?.slice(0, limits.commentCharsMax);
  const added = {
    ...{ banId, target, agentId },
    ...(until === undefined ? {} : { until }),
    ...(comment === undefined ? {} : { comment }),
  };
  return { ...config, bans: [...holding, added] };
}
