import assert from "node:assert/strict";
import { siteIdSchema } from "../core/ids.ts";
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
