import { type SiteId, siteIdSchema } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import {
  type ConsumerOptions,
  type HandleResult,
  type Parsed,
  type RunningConsumer,
  startConsumer,
  type TypedDelivery,
} from "./consumer_loop.ts";
import type { Payload } from "./queue.ts";

/** First-level messages that are distributed at once. */
const batchMax = 50;

/**
 * Which second-level queues a first-level event goes on to, by the first level's name: one entry a
 * consumer, with the predicate over the site's configuration that says whether it wants one. [MQ5]
 */
export type Distribution = Readonly<Record<string, readonly SecondLevel[]>>;

/** One consumer of a first-level event. */
export interface SecondLevel {
  /** First level + consumer: chat.end.email. */
  readonly queueName: string;
  wants(config: SiteConfig): boolean;
}

/** What a distributor stands on; everything but the table is as for any consumer. */
export interface DistributorOptions
  extends Pick<ConsumerOptions<SiteId>, "queue" | "clock" | "log" | "random"> {
  /** The first-level queue. */
  readonly queueName: string;
  readonly table: Distribution;
  /**
   * A site's configuration as it is now; undefined: there is no such site here. Throws
   * SiteUnreadable when this site's cannot be read; any other error says that none can be read now.
   */
  configOf(siteId: SiteId): Promise<SiteConfig | undefined>;
}

/** The configuration of one site is damaged; those of the others can be read. */
export class SiteUnreadable extends Error {
  override name = "SiteUnreadable";
}

/**
 * Consumes one first-level queue and publishes each message, under its uniqueId, to the
 * second-level queues that its site's configuration asks for. Ack and publishing are one
 * transaction where the driver can; elsewhere a repeat has the same ids. [QD9]
 */
export function startDistributor(options: DistributorOptions): RunningConsumer {
  const { queue, queueName, clock, log, random } = options;
  const seconds = options.table[queueName] ?? [];
  return startConsumer<SiteId>({
    queue,
    queueName,
    clock,
    log,
    random,
    batchMax,
    concurrency: 1,
    parse: siteOf,
    handle: (batch) => Promise.all(batch.map((one) => distribute(one, seconds, options))),
  });
}

function siteOf(payload: Payload): Parsed<SiteId> {
  const parsed = siteIdSchema.safeParse(payload.siteId);
  if (parsed.success) return { type: "message", message: parsed.data };
  const message = parsed.error.issues[0]?.message ?? "a siteId is needed";
  return { type: "fault", fault: { path: "siteId", message } };
}

async function distribute(
  { message: siteId, uniqueId, payload, at }: TypedDelivery<SiteId>,
  seconds: readonly SecondLevel[],
  options: DistributorOptions,
): Promise<HandleResult> {
  let config: SiteConfig | undefined;
  try {
    config = await options.configOf(siteId);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const text = `The configuration of ${siteId} cannot be read: ${why}`;
    // One site's fault holds nobody else up; after the queue's attempts it is for ops to mend.
    if (error instanceof SiteUnreadable) return { type: "retry", error: text };
    return { type: "retry", kind: "unavailable", error: text };
  }
  // It may be on its way here; after the queue's attempts it is for ops to say.
  if (config === undefined) return { type: "retry", error: `There is no site ${siteId}` };
  const site = config;
  const wanted = seconds.filter(({ wants }) => wants(site));
  const messages = wanted.map(({ queueName }) => ({ queueName, uniqueId, payload, at }));
  return { type: "forward", messages };
}
