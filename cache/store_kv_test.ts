import assert from "node:assert/strict";
import { siteIdSchema } from "../core/ids.ts";
import { agentOf } from "../tests/harness/saved_agent.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { ConfigCache } from "./config_cache.ts";
import { KvConfigStore } from "./store_kv.ts";

const acme = siteIdSchema.parse("acme");

Deno.test("[CC1] a data folder from before the log is taken over, and its sites can be changed", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/config.kv`;
  const agents = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`agent-${n}`, 3]));
  const long = { ...benchConfig({ siteId: "long", agents }), version: 4 };
  const kv = await Deno.openKv(path);
  for (const config of [benchConfig(), long]) {
    const bytes = new TextEncoder().encode(JSON.stringify(config));
    for (let part = 0; part * 60_000 < bytes.length; part++) {
      const value = bytes.subarray(part * 60_000, (part + 1) * 60_000);
      await kv.set(["config", config.siteId, part], value);
    }
  }
  kv.close();
  const cache = await ConfigCache.open(await KvConfigStore.open(path));
  assert.deepEqual(cache.siteIds(), ["acme", "long"]);
  assert.deepEqual(cache.get(siteIdSchema.parse("long")), long);
  const result = await cache.change({
    siteId: acme,
    from: 1,
    by: "operator",
    what: "site.rename",
    at: Date.now(),
    edit: (config) => ({ ...config, name: "Acme Ltd" }),
  });
  assert.equal(result.type === "written" ? result.version : result.type, 2);
  await cache.close();
  const again = await KvConfigStore.open(path);
  assert.equal((await again.read(acme))?.version, 2);
  assert.equal((await again.head()).n, 1);
  again.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[CC7] audit rows are kept for 400 days, and the oldest go first", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/config.kv`;
  const dayMs = 24 * 3_600_000;
  const start = Date.UTC(2026, 0, 1);
  const row = (day: number) => ({
    ...{ auditId: `01A${String(day).padStart(23, "0")}`, at: start + day * dayMs, siteId: acme },
    ...{ by: "operator", what: `day ${day}`, address: undefined },
  });
  const store = await KvConfigStore.open(path, { now: () => start });
  const kept = async () => (await store.auditRows(acme, { limit: 9 })).map(({ what }) => what);
  for (const day of [0, 1, 399, 400]) await store.audit(row(day));
  assert.deepEqual(await kept(), ["day 400", "day 399", "day 1", "day 0"]);
  await store.audit(row(401));
  assert.deepEqual(await kept(), ["day 401", "day 400", "day 399", "day 1"]);
  store.close();
  const again = await KvConfigStore.open(path, { now: () => start + 900 * dayMs });
  assert.deepEqual(await again.auditRows(acme, { limit: 9 }), []);
  again.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[CC12] agents of a change that could not be written are not there, and in nobody's way", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/config.kv`;
  let store = await KvConfigStore.open(path);
  const wanted = { siteId: acme, from: 0, json: "{}", by: "operator", what: "test", at: 1 };
  const agents = Array.from({ length: 300 }, (_, n) => agentOf(`agent-${n}`));
  // Over what a transaction of Deno KV takes: agents are written ahead, and it fails.
  const tooLong = JSON.stringify("x".repeat(900_000));
  await assert.rejects(store.write({ ...wanted, json: tooLong, agents }), /too large/);
  assert.deepEqual(await store.savedAgents(10), []);
  store.close();
  store = await KvConfigStore.open(path);
  assert.deepEqual([await store.savedAgents(10), (await store.head()).n], [[], 0]);
  for (const [from, id] of ["ana", "ben", "cat", "dan"].entries()) {
    await store.write({ ...wanted, from, agents: [agentOf(id)] });
  }
  const rows = await store.savedAgents(10);
  assert.deepEqual(rows.flatMap((row) => row.agents.map(({ agentId }) => agentId)), [
    ...["ana", "ben", "cat", "dan"],
  ]);
  store.close();
  await Deno.remove(dir, { recursive: true });
});
