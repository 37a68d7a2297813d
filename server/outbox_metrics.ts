import { Counter, Gauge, type Registry } from "prom-client";
import type { Journal } from "./journal.ts";
import type { Outbox } from "./outbox.ts";

/** Adds the outbox to a node's metrics: what waits in the journal, and what became of it. */
export function addOutboxMetrics(registry: Registry, outbox: Outbox, journal: Journal): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read());
      },
    });
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const { counts } = outbox;
  gauge(
    "chatnode_outbox_records",
    "Journal records whose jobs are not published",
    () => journal.unrelayed.records,
  );
  gauge(
    "chatnode_outbox_bytes",
    "Their bytes, by the mean of all records",
    () => journal.unrelayed.bytes,
  );
  gauge(
    "chatnode_outbox_lag_seconds",
    "Since the oldest of them was written",
    () => outbox.lagMs / 1e3,
  );
  counter("chatnode_outbox_published_total", "Jobs published", () => counts.published);
  counter(
    "chatnode_outbox_duplicates_total",
    "Jobs that had been published before",
    () => counts.duplicates,
  );
  counter("chatnode_outbox_set_aside_total", "Jobs set aside for ops", () => counts.setAside);
  counter(
    "chatnode_outbox_dropped_total",
    "Jobs that no queue has a name for, and nothing keeps",
    () => counts.dropped,
  );
  counter(
    "chatnode_outbox_failures_total",
    "Times that the broker did not take any",
    () => counts.failures,
  );
}
