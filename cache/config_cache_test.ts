import assert from "node:assert/strict";
import { siteIdSchema } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { MemoryConfigStore } from "../tests/harness/memory_config_store.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { ConfigCache, type SiteChange } from "./config_cache.ts";
import { ConfigDamaged } from "./known_sites.ts";

const acme = siteIdSchema.parse("acme");
const at = 1_800_000_000_000;
const now = () => at;

/** A cache on a store in memory that has "acme" at version 1. */
async function opened(): Promise<ConfigCache> {
  const cache = await ConfigCache.open(new MemoryConfigStore(), { now });
  await cache.put(benchConfig());
  return cache;
}

function change(edit: SiteChange["edit"], more: Partial<SiteChange> = {}): SiteChange {
  return { siteId: acme, by: "operator", what: "test", at, edit, ...more };
}

function renamed(name: string) {
  return (config: SiteConfig | undefined) => ({ ...config, name });
}

Deno.test("[SE1] a site is served from memory, as it was stored last", async () => {
  const store = new MemoryConfigStore();
  const cache = await ConfigCache.open(store, { now });
  assert.equal(cache.get(acme), undefined);
  await cache.put(benchConfig({ mode: "manual" }));
  assert.equal(cache.get(acme)?.routing.mode, "manual");
  await cache.put(benchConfig({ mode: "load_balancing" }));
  assert.equal(cache.get(acme)?.routing.mode, "load_balancing");
  const again = await ConfigCache.open(store, { now });
  assert.deepEqual(again.get(acme), cache.get(acme));
  assert.deepEqual(again.siteIds(), ["acme"]);
  assert.equal(again.get(acme), again.get(acme), "parsed once");
});

Deno.test("[SE1] a site whose stored configuration is damaged does not keep others from starting", async () => {
  const store = new MemoryConfigStore();
  const broken = siteIdSchema.parse("broken");
  store.kept.set(broken, { version: 1, json: "{}", usedAt: at });
  await (await ConfigCache.open(store, { now })).put(benchConfig());
  const cache = await ConfigCache.open(store, { now });
  assert.equal(cache.get(acme)?.siteId, "acme");
  assert.throws(() => cache.get(broken), ConfigDamaged);
  await assert.rejects(cache.load(broken), ConfigDamaged);
  await cache.put(benchConfig({ siteId: "broken" }));
  assert.equal(cache.get(broken)?.version, 2, "repaired");
});

Deno.test("[CC2] a change is served, logged, and told once it is on disk", async () => {
  const cache = await opened();
  const told: unknown[] = [];
  cache.onChange((siteId, config) => told.push([siteId, config?.name, cache.get(siteId)?.name]));
  const result = await cache.change(change(renamed("New"), { from: 1 }));
  assert.equal(result.type === "written" && result.version, 2);
  assert.deepEqual(told, [["acme", "New", "New"]]);
  assert.equal((await cache.store.head()).n, 2);
  const [row] = await cache.store.auditRows(acme, { limit: 1 });
  assert.deepEqual([row?.by, row?.what, row?.at], ["operator", "test", at]);
});

Deno.test("[CC3] whoever saw another version is told the one there is, and changes nothing", async () => {
  const cache = await opened();
  await cache.change(change(renamed("Two"), { from: 1 }));
  assert.deepEqual(await cache.change(change(renamed("Late"), { from: 1 })), {
    type: "conflict",
    version: 2,
  });
  assert.deepEqual(await cache.change(change(renamed("Made"), { from: 0 })), {
    type: "conflict",
    version: 2,
  });
  assert.equal(cache.get(acme)?.name, "Two");
  assert.equal((await cache.store.head()).n, 2);
});

Deno.test("[CC3] who does not mind the version loses no change to others", async () => {
  const cache = await opened();
  const add = (n: number) =>
    change((config) => ({ ...config, awayReasons: [...config?.awayReasons ?? [], `reason ${n}`] }));
  const results = await Promise.all(Array.from({ length: 30 }, (_, n) => cache.change(add(n))));
  assert.deepEqual(results.map(({ type }) => type), Array(30).fill("written"));
  assert.equal(cache.get(acme)?.awayReasons.length, 30);
  assert.equal(cache.get(acme)?.version, 31);
});

Deno.test("[CC4] an edit that makes no valid configuration is refused by path, and changes nothing", async () => {
  const cache = await opened();
  const issuesOf = async (edit: SiteChange["edit"]) => {
    const result = await cache.change(change(edit));
    return result.type === "refused" ? result.issues.map(({ path }) => path) : result.type;
  };
  assert.deepEqual(await issuesOf((config) => ({ ...config, name: "", queue: 7 })), [
    "name",
    "queue",
  ]);
  assert.deepEqual(await issuesOf((config) => ({ ...config, siteId: "other" })), ["siteId"]);
  assert.deepEqual(await issuesOf(() => "text"), [""]);
  const text = "x".repeat(4_000);
  const cannedMessages = Array.from({ length: 200 }, (_, n) => ({
    cannedId: `c${n}`,
    title: "long",
    text,
  }));
  assert.deepEqual(await issuesOf((config) => ({ ...config, cannedMessages })), [""]);
  assert.equal(cache.get(acme)?.version, 1);
  assert.equal((await cache.store.head()).n, 1);
});

Deno.test("[CC4] an edit that changes nothing writes nothing", async () => {
  const cache = await opened();
  const result = await cache.change(change((config) => config, { from: 1 }));
  assert.deepEqual(result, { type: "written", version: 1, config: cache.get(acme) });
  await cache.put(benchConfig());
  assert.equal((await cache.store.head()).n, 1);
});

Deno.test("[CC2] a site is made, removed and made again; one that is not there is unknown", async () => {
  const cache = await opened();
  const told: unknown[] = [];
  cache.onChange((siteId, config) => told.push([siteId, config?.version]));
  const shop = siteIdSchema.parse("shop");
  const make = change(() => ({ siteId: "shop", name: "Shop" }), { siteId: shop, from: 0 });
  assert.deepEqual(await cache.change({ ...make, from: 3 }), { type: "unknown_site" });
  assert.deepEqual(await cache.change({ ...make, edit: () => null }), { type: "unknown_site" });
  const unseen = { ...make, from: undefined, edit: (config: unknown) => config };
  assert.deepEqual(await cache.change(unseen), { type: "unknown_site" });
  assert.equal((await cache.change(make)).type, "written");
  const removed = await cache.change({ ...make, from: 1, edit: () => null });
  assert.deepEqual(removed, { type: "written", version: 2, config: undefined });
  assert.equal(cache.get(shop), undefined);
  assert.deepEqual(cache.siteIds(), ["acme"]);
  assert.equal((await cache.change(make)).type, "written");
  assert.equal((await cache.load(shop))?.version, 1);
  assert.deepEqual(told, [["shop", 1], ["shop", undefined], ["shop", 1]]);
});

Deno.test("[CC5] a site that was not used for a month is read on first use, once for all who ask", async () => {
  const store = new MemoryConfigStore();
  const old = at - 40 * 24 * 3_600_000;
  for (const [siteId, usedAt] of [["fresh", at], ["stale", old]] as const) {
    const json = JSON.stringify(benchConfig({ siteId }));
    store.kept.set(siteIdSchema.parse(siteId), { version: 1, json, usedAt });
  }
  const cache = await ConfigCache.open(store, { now });
  await cache.readAhead();
  const [fresh, stale] = [siteIdSchema.parse("fresh"), siteIdSchema.parse("stale")];
  assert.deepEqual(cache.counts, { parsed: 0, kept: 1, known: 2, isReadingAhead: false });
  assert.equal(cache.get(fresh)?.siteId, "fresh");
  assert.equal(cache.get(stale), undefined);
  const reads = store.reads;
  const loaded = await Promise.all([cache.load(stale), cache.load(stale), cache.load(stale)]);
  assert.deepEqual(loaded.map((config) => config?.siteId), ["stale", "stale", "stale"]);
  assert.equal(store.reads - reads, 1);
  assert.equal(await cache.load(siteIdSchema.parse("nobody")), undefined);
  assert.equal(store.reads - reads, 1, "what is no site is known without reading");
  cache.noteUse(stale);
  const again = await ConfigCache.open(store, { now });
  assert.equal(again.get(stale)?.siteId, "stale");
});

Deno.test("[SC7] what another release has stored is served, and can be changed", async () => {
  const store = new MemoryConfigStore();
  const newer = { ...benchConfig(), version: 3, mood: "good" };
  store.kept.set(acme, { version: 3, json: JSON.stringify(newer), usedAt: at });
  const cache = await ConfigCache.open(store, { now });
  assert.deepEqual(cache.get(acme), { ...benchConfig(), version: 3 });
  assert.equal((await cache.change(change((config) => config))).type, "written");
  assert.match((await store.read(acme))?.json ?? "", /mood/, "nothing changed: it stays");
  assert.equal((await cache.change(change(renamed("New")))).type, "written");
  assert.deepEqual((await cache.load(acme))?.name, "New");
  const backup = { departmentId: "sales", name: "Sales", backupDepartmentId: "gone" };
  const odd = { ...benchConfig(), departments: [backup] };
  store.kept.set(acme, { version: 5, json: JSON.stringify(odd), usedAt: at });
  const again = await ConfigCache.open(store, { now });
  assert.equal(again.get(acme)?.departments.length, 1);
  const refused = await again.change(change(renamed("Newer")));
  assert.equal(refused.type, "refused", "whoever writes has to take the contradiction out");
  const mended = await again.change(change((config) => ({ ...config, departments: [] })));
  assert.equal(mended.type, "written");
});
