import assert from "node:assert/strict";
import { createMetrics } from "../server/metrics.ts";
import { startEdge } from "../tests/harness/edge_bench.ts";

const rows: readonly [number, string, number][] = [
  [100, "normal", 0],
  [800, "tight", 1],
  [950, "full", 2],
  [100, "normal", 0],
];

Deno.test("[PB10] readiness and metrics show how the disk stands, and a full one takes no node out", async () => {
  let used = 0;
  const { app, bench, deps } = await startEdge({ diskUsed: () => used });
  const metrics = createMetrics(bench.node, deps.disk);
  for (const [bytes, disk, state] of rows) {
    used = bytes;
    const ready = await app.request("/readyz");
    assert.deepEqual([ready.status, await ready.json()], [200, { status: "ready", disk }]);
    const lines = new Set((await metrics.metrics()).split("\n"));
    for (
      const line of [
        `chatnode_disk_state ${state}`,
        `chatnode_disk_used_bytes ${bytes}`,
        "chatnode_disk_budget_bytes 1000",
      ]
    ) assert.ok(lines.has(line), line);
  }
  bench.stop();
});
