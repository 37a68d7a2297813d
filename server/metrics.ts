import { Counter, Gauge, Registry } from "prom-client";
import type { DiskBudget } from "./disk_budget.ts";
import { addDiskMetrics } from "./disk_metrics.ts";
import type { Node } from "./node.ts";

/**
 * Prometheus metrics of a node, read from its own counters when asked; the hot path only counts.
 */
export function createMetrics(node: Node, disk: DiskBudget): Registry {
  const registry = new Registry();
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const { counts } = node.loop;
  const startedAt = performance.now();
  gauge(
    "chatnode_uptime_seconds",
    "Since the process started",
    () => (performance.now() - startedAt) / 1e3,
  );
  gauge("chatnode_connections", "Open WebSockets", () => node.hub.size);
  gauge("chatnode_sites", "Sites activated", () => node.siteCount);
  gauge("chatnode_sites_failed", "Sites that answer 503 here", () => node.failedSites().length);
  counter("chatnode_events_total", "Events decided", () => counts.events);
  counter("chatnode_commits_total", "Journal commits", () => counts.commits);
  counter("chatnode_commits_failed_total", "Journal commits that failed", () => counts.failed);
  counter("chatnode_journal_records_total", "Journal records written", () => counts.records);
  counter("chatnode_journal_bytes_total", "Journal bytes written", () => counts.bytes);
  counter(
    "chatnode_commit_seconds_total",
    "Time spent in commits",
    () => counts.commitMsTotal / 1e3,
  );
  counter("chatnode_rebuilds_total", "Sites rebuilt from the journal", () => node.rebuilds);
  counter("chatnode_frames_sent_total", "Frames sent", () => node.hub.sentFrames);
  counter(
    "chatnode_list_frames_encoded_total",
    "Frames of agents' lists encoded",
    () => node.encoder.listFrames,
  );
  counter("chatnode_slow_consumers_total", "Slow connections closed", () => node.hub.slowConsumers);
  counter(
    "chatnode_statistics_dropped_total",
    "Statistics that were not kept as the disk budget is nearly used",
    () => counts.statisticsDropped,
  );
  addDiskMetrics(registry, disk);
  return registry;
}
