import type { Archive } from "../archive/archive.ts";
import type { ConfigCache } from "../cache/config_cache.ts";
import { ConfigDamaged } from "../cache/known_sites.ts";
import type { SiteId } from "../core/ids.ts";
import { type SiteConfig, siteConfigSchema } from "../core/site_config.ts";
import type { ConsumerOptions, RunningConsumer } from "../mq/consumer_loop.ts";
import { distribution, prefixedDistribution } from "../mq/distribution.ts";
import { SiteUnreadable, startDistributor } from "../mq/distributor.ts";
import { startBanConfiguration } from "./ban_configuration.ts";
import { persistChatEnds } from "./chat_end_persistence.ts";
import { persistence } from "./persistence.ts";

/** What the consumers of a deployment stand on. */
export interface ConsumersDeps
  extends Pick<ConsumerOptions<unknown>, "queue" | "clock" | "log" | "random"> {
  readonly archive: Archive;
  readonly configs: Pick<ConfigCache, "load" | "change">;
  /** Whether configuration is written here, and not at another process that this one follows. */
  readonly isConfigWritable: () => boolean;
  /** Stands before every queue's name. */
  readonly prefix?: string;
}

type Start = (
  deps: ConsumersDeps & { readonly prefix: string },
  queueName: string,
) => RunningConsumer;

const distributors = Object.fromEntries(
  Object.keys(distribution).map((queueName): [string, Start] => [queueName, distribute]),
);

/** Who consumes each queue. A queue that nobody consumes stands in `laterQueues`. [OB9] */
export const consumers: Readonly<Record<string, Start>> = {
  ...distributors,
  ...persistence,
  "chat.end.persistence": persistChatEnds,
  "agent.ban.configuration": startBanConfiguration,
};

/** Queues whose consumers call somebody else's system: their messages wait for the adapters. */
export const laterQueues: readonly string[] = [
  "chat.transcript",
  ...["chat.end", "offlineMessage.submit"].flatMap((event) =>
    ["email", "ticket", "webhook", "salesforce", "zendesk"].map((name) => `${event}.${name}`)
  ),
  "agent.wrapup.webhook",
];

function distribute(
  deps: ConsumersDeps & { readonly prefix: string },
  queueName: string,
): RunningConsumer {
  const { configs, prefix } = deps;
  return startDistributor({
    ...deps,
    queueName: prefix + queueName,
    table: prefixedDistribution(prefix),
    configOf: (siteId) => configOf(configs, siteId),
  });
}

async function configOf(configs: Pick<ConfigCache, "load">, siteId: SiteId): Promise<SiteConfig> {
  try {
    return await configs.load(siteId) ?? bareConfig(siteId);
  } catch (error) {
    if (!(error instanceof ConfigDamaged)) throw error;
    throw new SiteUnreadable(error.message, { cause: error });
  }
}

/** A site that was removed has no integrations; what happened on it is archived all the same. */
function bareConfig(siteId: SiteId): SiteConfig {
  return siteConfigSchema.parse({ siteId, name: siteId });
}

/** Everything that consumes, at work. */
export interface RunningConsumers {
  readonly byQueue: ReadonlyMap<string, RunningConsumer>;
  /** Ends them after what they have in hand. */
  stop(): Promise<void>;
}

/** Starts the distributors, and the consumers that write the archive and the configuration. */
export function startConsumers({ prefix = "", ...deps }: ConsumersDeps): RunningConsumers {
  const byQueue = new Map(
    Object.entries(consumers).map(([queueName, start]) => [
      queueName,
      start({ ...deps, prefix }, queueName),
    ]),
  );
  return {
    byQueue,
    stop: async () => {
      await Promise.all([...byQueue.values()].map((consumer) => consumer.stop()));
    },
  };
}
