import { startConsumers } from "../adapters/consumers.ts";
import type { Archive } from "../archive/archive.ts";
import { Retention } from "../archive/retention.ts";
import type { ConfigCache } from "../cache/config_cache.ts";
import type { Queue } from "../mq/queue.ts";
import { startTidying } from "../mq/tidying.ts";
import { AgentOutbox } from "../server/agent_outbox.ts";
import type { Relay } from "../server/backup_turn.ts";
import type { Clock } from "../server/clock.ts";
import type { Journal } from "../server/journal.ts";
import { errorFields, type Log } from "../server/log.ts";
import type { Parts } from "../server/parts.ts";
import { Outbox } from "../server/outbox.ts";
import { siteRetention } from "./site_retention.ts";

/** What the way of the jobs stands on. */
export interface JobsPartDeps {
  readonly journal: Journal;
  readonly queue: Queue;
  readonly archive: Archive;
  readonly configs: ConfigCache;
  /** Says whether configuration is written here, or at another process that this one follows. */
  readonly parts: Parts;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether people chat so much here that jobs have to wait. */
  isBusy(): boolean;
  /** Whether a site that is not known here may yet be known elsewhere. */
  isBehind(): boolean;
}

/** The jobs of this process on their way: published, distributed, consumed. */
export interface JobsPart {
  readonly outbox: Outbox;
  /** All that publishes: a backup has it stand still for a moment. */
  readonly relay: Relay;
  /** Ends each after what it has in hand; the rest stays where it is. */
  stop(): Promise<void>;
}

/**
 * Starts the relays, the consumers and the loops that delete what is kept no longer. The journal
 * must be recovered.
 */
export function startJobsPart(deps: JobsPartDeps): JobsPart {
  const { clock, log, archive, queue, parts } = deps;
  const { random } = Math;
  const outbox = new Outbox({ ...deps, random });
  const agents = new AgentOutbox({ ...deps, random, counts: outbox.counts });
  const relay: Relay = {
    start() {
      outbox.start();
      agents.start();
    },
    async stop() {
      await Promise.all([outbox.stop(), agents.stop()]);
    },
  };
  relay.start();
  const isConfigWritable = () => parts.state("config-write").state === "up";
  const consumers = startConsumers({ ...deps, isConfigWritable, random });
  const retention = new Retention({
    archive,
    now: () => clock.now(),
    after: (ms, task) => clock.after(ms, task),
    retentionOf: siteRetention(deps.configs, () => deps.isBehind()),
    report: (outcome) => {
      if ("error" in outcome) log.write("error", "retention_failed", errorFields(outcome.error));
      else log.write("info", "retention_deleted", { items: outcome.deleted });
    },
  });
  retention.start();
  const stopTidying = startTidying({ queue, clock, log });
  return {
    outbox,
    relay,
    async stop() {
      await relay.stop();
      await Promise.all([consumers.stop(), retention.stop(), stopTidying()]);
    },
  };
}
