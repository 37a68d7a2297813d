import assert from "node:assert/strict";
import { passTime } from "../tests/harness/event_turns.ts";
import { HistoryBench } from "../tests/harness/history_bench.ts";
import { passing } from "../tests/harness/queue_bench.ts";
import { startJobsPart } from "./jobs_part.ts";

Deno.test("[OB12] what an admin does to agents stands in the history of the site, without secrets", async () => {
  await using bench = await HistoryBench.start();
  const { admin, queue, archive, clock } = bench;
  const { deps, bench: { journal, log } } = admin.edge;
  const { configs, parts } = deps;
  const jobs = startJobsPart({
    ...{ queue, archive, configs, journal, clock, log, parts },
    isBusy: () => false,
    isBehind: () => false,
  });
  const write = async (method: string, path: string, body?: unknown) => {
    const { status } = await bench.call("admin", method, path, { ifMatch: "*", body });
    assert.ok(status < 300, `${method} ${path}: ${status}`);
    await passTime(clock, 2_000);
  };
  const zoe = { agentId: "zoe", name: "Zoe", password: "long enough 1", departmentIds: ["sales"] };
  await write("POST", "/agents", zoe);
  await write("PATCH", "/agents/zoe", { name: "Zoe Z.", disabled: true });
  await write("PATCH", "/agents/zoe", { chatLimit: 5 });
  await write("DELETE", "/agents/zoe");
  const rows = await bench.list("admin", "logs/agent?agentId=zoe");
  const was = { siteId: "acme", agentId: "zoe", departmentIds: ["sales"], role: "agent" };
  const bodies = rows.map(({ body }) => body as Record<string, unknown>); // as the schema has it
  assert.deepEqual(bodies.map(({ time: _, ...body }) => body), [
    { ...was, name: "Zoe Z.", disabled: true, removed: true, version: 5 },
    { ...was, name: "Zoe Z.", disabled: true, removed: false, version: 3 },
    { ...was, name: "Zoe", disabled: false, removed: false, version: 2 },
  ]);
  // The others were there when the bench put its site.
  const all = await bench.list("admin", "logs/agent");
  assert.deepEqual(all.map(({ agentId }) => agentId).slice(3).toSorted(), [
    ...["ada", "ana", "ben", "old", "sue"],
  ]);
  assert.doesNotMatch(JSON.stringify(all), /scrypt|password/i);
  await passing(clock, jobs.stop());
});
