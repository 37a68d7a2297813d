import assert from "node:assert/strict";
import { type SiteId, siteIdSchema } from "../core/ids.ts";
import { MemoryConfigStore } from "../tests/harness/memory_config_store.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { ConfigCache } from "./config_cache.ts";
import { configLimits } from "./config_limits.ts";

const at = 1_800_000_000_000;
const now = () => at;
const dayMs = 24 * 3_600_000;
const many = configLimits.idsAtOpenMax + 500;

function siteOf(n: number): SiteId {
  return siteIdSchema.parse(`s${String(n).padStart(5, "0")}`);
}

/** A store with so many sites, the first ones used longest ago. */
function storeOf(count: number, usedAt = (n: number) => at - dayMs + n): MemoryConfigStore {
  const store = new MemoryConfigStore();
  for (let n = 0; n < count; n++) {
    const json = JSON.stringify(benchConfig({ siteId: siteOf(n) }));
    store.kept.set(siteOf(n), { version: 1, json, usedAt: usedAt(n) });
  }
  return store;
}

Deno.test("[CC5] of many sites few are read at the start, and every one is served before it is read ahead", async () => {
  const store = storeOf(many);
  const cache = await ConfigCache.open(store, { now });
  assert.deepEqual(cache.counts, {
    parsed: 0,
    kept: 0,
    known: configLimits.idsAtOpenMax,
    isReadingAhead: false,
  });
  assert.equal((await cache.load(siteOf(many - 1)))?.siteId, siteOf(many - 1));
  assert.equal(await cache.load(siteOf(many)), undefined, "asked of the store");
  assert.equal(store.reads, 2);
  await cache.readAhead();
  assert.deepEqual(cache.counts, { parsed: 1, kept: many, known: many, isReadingAhead: false });
  await cache.readAhead();
  assert.equal(store.reads, many + 1, "each once");
});

Deno.test("[CC5] of a few sites those used last are read at the start", async () => {
  const count = configLimits.readAtOpenMax + 20;
  const cache = await ConfigCache.open(storeOf(count), { now });
  assert.deepEqual([cache.counts.kept, cache.counts.known], [configLimits.readAtOpenMax, count]);
  assert.equal(cache.get(siteOf(0)), undefined);
  assert.equal(cache.get(siteOf(count - 1))?.siteId, siteOf(count - 1));
  await cache.close();
});

Deno.test("[CC5] what is made, changed or removed while sites are read ahead is as it was made", async () => {
  const cache = await ConfigCache.open(storeOf(many), { now });
  const reading = cache.readAhead();
  const by = { by: "operator", what: "test", at };
  const [removed, changed] = [siteOf(many - 1), siteOf(many - 2)];
  await cache.change({ siteId: removed, ...by, edit: () => null });
  await cache.change({ siteId: changed, ...by, edit: (now) => ({ ...now, name: "Changed" }) });
  await cache.put(benchConfig({ siteId: "zoo" }));
  await reading;
  assert.equal(cache.get(removed), undefined);
  assert.equal(await cache.load(removed), undefined);
  assert.equal(cache.get(changed)?.name, "Changed");
  assert.equal(cache.counts.known, many);
  assert.ok(!cache.siteIds().includes(removed));
});

Deno.test("[CC5] only so many bytes are read ahead, of the sites used last, and so many stay parsed", async () => {
  const count = 300;
  const cache = await ConfigCache.open(storeOf(count), {
    ...{ now, parsedMax: 2 },
    keptBytesMax: 120 * JSON.stringify(benchConfig()).length,
  });
  await cache.readAhead();
  const { kept } = cache.counts;
  assert.ok(kept >= 115 && kept <= 120 + configLimits.readAtOnce, `${kept}`);
  assert.equal(cache.get(siteOf(0)), undefined);
  assert.equal((await cache.load(siteOf(0)))?.siteId, siteOf(0));
  const first = cache.get(siteOf(count - 1));
  const second = cache.get(siteOf(count - 2));
  assert.equal(cache.counts.parsed, 2);
  assert.equal(cache.get(siteOf(count - 1)), first);
  await cache.load(siteOf(0));
  assert.equal(cache.get(siteOf(count - 1)), first, "asked for later than the second");
  assert.notEqual(cache.get(siteOf(count - 2)), second, "parsed again");
});

Deno.test("[CC5] a store that fails while sites are read ahead is told, and they are read on first use", async () => {
  const store = storeOf(many);
  const told: unknown[] = [];
  const cache = await ConfigCache.open(store, { now, onError: (error) => told.push(error) });
  const read = store.read.bind(store);
  store.read = () => Promise.reject(new Error("the disk is away"));
  await cache.readAhead();
  assert.match(String(told), /the disk is away/);
  assert.equal(cache.counts.isReadingAhead, false);
  await assert.rejects(cache.load(siteOf(1)), /the disk is away/);
  store.read = read;
  assert.equal((await cache.load(siteOf(1)))?.siteId, siteOf(1));
});
