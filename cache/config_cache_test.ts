import assert from "node:assert/strict";
import { siteIdSchema } from "../core/ids.ts";
import { MemoryConfigStore } from "../tests/harness/memory_config_store.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { ConfigCache } from "./config_cache.ts";

const acme = siteIdSchema.parse("acme");

Deno.test("[SE1] a site is served from memory, as it was stored last", async () => {
  const store = new MemoryConfigStore();
  const cache = await ConfigCache.open(store);
  assert.equal(cache.get(acme), undefined);
  await cache.put(benchConfig({ mode: "manual" }));
  assert.equal(cache.get(acme)?.routing.mode, "manual");
  await cache.put(benchConfig({ mode: "load_balancing" }));
  assert.equal(cache.get(acme)?.routing.mode, "load_balancing");
  const again = await ConfigCache.open(store);
  assert.deepEqual(again.get(acme), cache.get(acme));
  assert.deepEqual(again.siteIds(), ["acme"]);
  assert.equal(again.get(acme), again.get(acme), "parsed once");
});

Deno.test("[SE1] a site whose stored configuration is damaged does not keep others from starting", async () => {
  const store = new MemoryConfigStore();
  store.json.set(siteIdSchema.parse("broken"), "{}");
  await (await ConfigCache.open(store)).put(benchConfig());
  const cache = await ConfigCache.open(store);
  assert.equal(cache.get(acme)?.siteId, "acme");
  assert.throws(() => cache.get(siteIdSchema.parse("broken")));
});
