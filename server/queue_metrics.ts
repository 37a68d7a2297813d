import { Gauge, type Registry } from "prom-client";
import type { Queue, QueueStats } from "../mq/queue.ts";

/** A gauge's value for each set of labels. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Adds the queues to a node's metrics, read when asked. While the broker is away their gauges have
 * no values, and chatnode_queue_up is 0. [QD20]
 */
export function addQueueMetrics(registry: Registry, queue: Queue, now: () => number): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    samplesOf: (stats: readonly QueueStats[] | undefined) => readonly Sample[],
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const samples = samplesOf(await queue.stats().catch(() => undefined));
        this.reset();
        for (const { labels, value } of samples) this.set(labels, value);
      },
    });
  gauge("chatnode_queue_up", "Whether the broker answers", [], (stats) => [
    { labels: {}, value: stats === undefined ? 0 : 1 },
  ]);
  gauge(
    "chatnode_queue_messages",
    "Messages by state",
    ["queue", "state"],
    (stats = []) =>
      stats.flatMap((one) =>
        Object.entries(statesOf(one)).map(([state, value]) => ({
          labels: { queue: one.queueName, state },
          value,
        }))
      ),
  );
  gauge(
    "chatnode_queue_oldest_seconds",
    "Age of the oldest message that is not acked",
    ["queue"],
    (stats = []) =>
      stats.map(({ queueName: name, oldestAt }) => ({
        labels: { queue: name },
        value: oldestAt === undefined ? 0 : Math.max(0, (now() - oldestAt) / 1_000),
      })),
  );
  gauge(
    "chatnode_queue_paused",
    "Whether ops paused it",
    ["queue"],
    (stats = []) =>
      stats.map(({ queueName: name, isPaused }) => ({
        labels: { queue: name },
        value: isPaused ? 1 : 0,
      })),
  );
}

function statesOf(stats: QueueStats): Readonly<Record<string, number>> {
  const { ready, delayed, inFlight, dead } = stats;
  return { ready, delayed, in_flight: inFlight, dead };
}
