import assert from "node:assert/strict";
import type { ServerKind } from "./job.ts";
import { cpuRatio, rateRatio, type RelayRow } from "./relay_row.ts";

function row(
  server: ServerKind,
  outstanding: number,
  figures: { cpuUs: number; messagesPerSecond: number; loadShare?: number },
): RelayRow {
  return { server, outstanding, serverShare: 1, loadShare: 0.5, p50Ms: 1, p99Ms: 2, ...figures };
}

Deno.test("A ratio is that of the worse loop: CPU peer to ours, rate ours to the peer's", () => {
  const rows = [
    row("chatnode", 1, { cpuUs: 20, messagesPerSecond: 40_000 }),
    row("chatnode", 8, { cpuUs: 10, messagesPerSecond: 90_000 }),
    row("deno", 1, { cpuUs: 16, messagesPerSecond: 50_000 }),
    row("deno", 8, { cpuUs: 15, messagesPerSecond: 60_000 }),
  ];
  assert.equal(cpuRatio(rows, "deno"), 0.8);
  assert.equal(rateRatio(rows, "deno"), 0.8);
  assert.ok(Number.isNaN(cpuRatio(rows, "socketio")), "no figures, no ratio");
});

Deno.test("A rate set by the load generator does not count, the CPU figure does", () => {
  const rows = [
    row("chatnode", 1, { cpuUs: 20, messagesPerSecond: 40_000 }),
    row("chatnode", 8, { cpuUs: 10, messagesPerSecond: 90_000 }),
    row("deno", 1, { cpuUs: 16, messagesPerSecond: 50_000, loadShare: 0.95 }),
    row("deno", 8, { cpuUs: 15, messagesPerSecond: 60_000 }),
  ];
  assert.equal(cpuRatio(rows, "deno"), 0.8);
  assert.equal(rateRatio(rows, "deno"), 1.5);
});
