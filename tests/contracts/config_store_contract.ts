import assert from "node:assert/strict";
import { agentCases } from "./config_agent_cases.ts";
import { followCases } from "./config_follow_cases.ts";
import {
  changesOf,
  type ConfigStoreDriver,
  jsonOf,
  noon,
  site,
  type StoreBench,
  write,
} from "./config_store_driver.ts";

/** One case of the contract of configuration stores. */
export interface ConfigStoreCase {
  readonly name: string;
  run(driver: ConfigStoreDriver): Promise<void>;
}

/** A case that needs stores and nothing else. */
export function storeCase(
  name: string,
  run: (bench: StoreBench) => Promise<void>,
): ConfigStoreCase {
  return { name, run: (driver) => driver.use(run) };
}

const dayMs = 24 * 3_600_000;

const writeCases: readonly ConfigStoreCase[] = [
  storeCase("[CC1] an empty store has a log that nothing stands in", async ({ open }) => {
    const [store, other] = [await open(), await open()];
    const head = await store.head();
    assert.deepEqual([head.n, head.changeId], [0, ""]);
    assert.notEqual(head.logId, "");
    assert.notEqual((await other.head()).logId, head.logId);
    assert.equal(await store.read(site("acme")), undefined);
    assert.deepEqual(await Array.fromAsync(store.sites()), []);
    assert.deepEqual(await changesOf(store, head), { changes: [], sites: [], head });
  }),
  storeCase("[CC1] what is written is read, logged and audited", async ({ open }) => {
    const store = await open();
    const json = jsonOf("one");
    const [by, what, address] = ["agent:ana", "site.make", "192.0.2.1"];
    const change = await write(store, "acme", { json, by, what, address });
    const { logId, n, changeId } = await store.head();
    assert.deepEqual(change, {
      ...{ logId, n, changeId, siteId: "acme", version: 1, isRemoved: false },
      ...{ at: noon, by: "agent:ana", what: "site.make" },
    });
    assert.equal(n, 1);
    assert.match(changeId, /^[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.deepEqual(await store.read(site("acme")), { siteId: "acme", version: 1, json });
    assert.deepEqual(await store.auditRows(site("acme"), { limit: 5 }), [{
      ...{ auditId: changeId, at: noon, siteId: "acme", by: "agent:ana", what: "site.make" },
      address,
    }]);
  }),
  storeCase("[CC3] a write from another version changes nothing", async ({ open }) => {
    const store = await open();
    await write(store, "acme");
    const before = [await store.head(), await store.read(site("acme"))];
    for (const [id, from, version] of [["acme", 0, 1], ["acme", 2, 1], ["none", 1, 0]] as const) {
      const asked = { siteId: site(id), from, json: "{}", by: "b", what: "w", at: noon };
      assert.deepEqual(await store.write(asked), { type: "conflict", version });
    }
    assert.deepEqual([await store.head(), await store.read(site("acme"))], before);
    assert.equal(await store.read(site("none")), undefined);
    assert.equal((await store.auditRows(site("acme"), { limit: 5 })).length, 1);
  }),
  storeCase("[CC1] a removed site is gone, and can be made again", async ({ open }) => {
    const store = await open();
    await write(store, "acme");
    const removal = await write(store, "acme", { json: null });
    assert.deepEqual([removal.isRemoved, removal.version], [true, 2]);
    assert.equal(await store.read(site("acme")), undefined);
    assert.deepEqual(await Array.fromAsync(store.sites()), []);
    assert.equal((await write(store, "acme")).version, 1);
  }),
  storeCase(
    "[CC13] when a site was removed last is remembered, also once it is there again",
    async (bench) => {
      let store = await bench.open();
      assert.equal(await store.removedAt(site("acme")), undefined);
      for (const id of ["zoo", "acme", "bar"]) await write(store, id);
      await write(store, "zoo", { json: null, at: noon + 1 });
      await write(store, "acme", { json: null, at: noon + 2 });
      await write(store, "acme");
      await write(store, "acme", { json: null, at: noon + 3 });
      await write(store, "acme");
      store = await bench.reopen(store);
      assert.equal(await store.removedAt(site("acme")), noon + 3);
      assert.equal(await store.removedAt(site("bar")), undefined);
      assert.deepEqual(await Array.fromAsync(store.removedSites()), [
        { siteId: "acme", removedAt: noon + 3 },
        { siteId: "zoo", removedAt: noon + 1 },
      ]);
      const behind = await Array.fromAsync(store.removedSites(site("acme")));
      assert.deepEqual(behind.map(({ siteId }) => siteId), ["zoo"]);
    },
  ),
  storeCase("[CC1] position order is commit order, whoever writes", async ({ open }) => {
    const store = await open();
    const start = await store.head();
    const add = async () => {
      for (;;) {
        const from = (await store.read(site("acme")))?.version ?? 0;
        const asked = { from, json: "{}", by: "b", what: "w", at: noon, siteId: site("acme") };
        const result = await store.write(asked);
        if (result.type === "written") return result.change;
      }
    };
    const others = Array.from({ length: 20 }, (_, n) => write(store, `site${n}`));
    const made = await Promise.all([...Array.from({ length: 20 }, add), ...others]);
    const { changes } = await changesOf(store, start);
    assert.deepEqual(changes.map(({ n }) => n), Array.from({ length: 40 }, (_, n) => n + 1));
    assert.deepEqual(changes, made.toSorted((one, other) => one.n - other.n));
    assert.equal(new Set(changes.map(({ changeId }) => changeId)).size, 40);
    const versions = changes.filter(({ siteId }) => siteId === "acme").map((one) => one.version);
    assert.deepEqual(versions, Array.from({ length: 20 }, (_, n) => n + 1));
  }),
  storeCase("[CC1] long configurations come back whole, also in other scripts", async (bench) => {
    let store = await bench.open();
    const long = JSON.stringify({ text: "\u8a9e".repeat(150_000) });
    await write(store, "long", { json: long });
    await write(store, "shrinks", { json: jsonOf("big", 400_000) });
    await write(store, "shrinks", { json: "{}" });
    store = await bench.reopen(store);
    assert.equal((await store.read(site("long")))?.json, long);
    assert.equal((await store.read(site("shrinks")))?.json, "{}");
  }),
  storeCase("[CC1] everything is there again after a restart", async (bench) => {
    let store = await bench.open();
    const start = await store.head();
    for (const id of ["b", "a", "c"]) await write(store, id);
    await write(store, "b", { json: null });
    const before = await Promise.all([store.head(), changesOf(store, start)]);
    store = await bench.reopen(store);
    assert.deepEqual(await Promise.all([store.head(), changesOf(store, start)]), before);
    assert.equal((await write(store, "b")).n, 5);
  }),
];

const logCases: readonly ConfigStoreCase[] = [
  storeCase("[CC1] the log is read in pages, with the sites as they are now", async ({ open }) => {
    const store = await open();
    const start = await store.head();
    for (const id of ["a", "b", "a", "c"]) await write(store, id);
    await write(store, "b", { json: null });
    const first = await changesOf(store, start, 3);
    assert.deepEqual(first.changes.map(({ n, siteId }) => `${n} ${siteId}`), ["1 a", "2 b", "3 a"]);
    assert.deepEqual(first.sites, [{ siteId: "a", version: 2, json: jsonOf("a 2") }]);
    assert.deepEqual(first.head, await store.head());
    const rest = await changesOf(store, first.changes[2] ?? start, 3);
    assert.deepEqual(rest.changes.map(({ siteId, isRemoved }) => `${siteId} ${isRemoved}`), [
      "c false",
      "b true",
    ]);
    assert.deepEqual(rest.sites.map(({ siteId }) => siteId), ["c"]);
  }),
  storeCase("[CC1] a page is bounded in bytes, and never empty before the end", async (bench) => {
    const store = await bench.open();
    let after = await store.head();
    for (let n = 0; n < 5; n++) await write(store, `big${n}`, { json: jsonOf("", 400_000) });
    for (let n = 1; n <= 5; n++) {
      const { changes } = await changesOf(store, after);
      assert.deepEqual(changes.map((change) => change.n), [n]);
      after = changes[0] ?? after;
    }
  }),
  storeCase("[CC6] a position that the log does not have is gone", async ({ open }) => {
    const [store, other] = [await open(), await open()];
    const start = await store.head();
    for (const id of ["a", "b"]) await write(store, id);
    const [first, second] = (await changesOf(store, start)).changes;
    assert.ok(first !== undefined && second !== undefined);
    const changeId = "01AAAAAAAAAAAAAAAAAAAAAAAA";
    for (
      const position of [
        { ...first, changeId },
        { ...second, changeId },
        { ...first, changeId: "" },
        { ...second, n: 3 },
        { ...first, logId: (await other.head()).logId },
        await other.head(),
        { logId: "", n: 0, changeId: "" },
      ]
    ) assert.equal(await store.changes(position, 10), "gone");
  }),
  storeCase("[CC6] of a log that was trimmed, who is too far behind is told so", async (bench) => {
    const store = await bench.open({ logChangesMax: 10 });
    const start = await store.head();
    const made = [];
    for (let n = 0; n < 30; n++) made.push(await write(store, "acme"));
    assert.equal(await store.changes(start, 100), "gone");
    const [early, late] = [made[15], made[20]];
    assert.ok(early !== undefined && late !== undefined);
    assert.equal(await store.changes(early, 100), "gone");
    assert.deepEqual((await changesOf(store, late)).changes, made.slice(21));
    assert.deepEqual((await changesOf(store, made[29] ?? start)).changes, []);
  }),
];

const useCases: readonly ConfigStoreCase[] = [
  storeCase("[CC5] sites are listed by id with the day of their last use", async ({ open }) => {
    const store = await open();
    for (const id of ["c", "a-1", "a", "b"]) await write(store, id);
    await store.noteUse([site("b"), site("nobody")], noon + 2 * dayMs);
    await store.noteUse([site("b"), site("c")], noon - 2 * dayMs);
    await write(store, "b", { at: noon + 9 * dayMs });
    const today = noon - 12 * 3_600_000;
    const listed = await Array.fromAsync(store.sites());
    assert.deepEqual(listed, [
      { siteId: "a", usedAt: today },
      { siteId: "a-1", usedAt: today },
      { siteId: "b", usedAt: today + 2 * dayMs },
      { siteId: "c", usedAt: today },
    ]);
    assert.deepEqual(await Array.fromAsync(store.sites(site("a"))), listed.slice(1));
    assert.deepEqual(await Array.fromAsync(store.sites(site("aa"))), listed.slice(2));
    assert.equal((await store.head()).n, 5, "use is no change");
  }),
  storeCase("[CC7] audit rows are read newest first, site by site, in pages", async (bench) => {
    let store = await bench.open();
    const row = (n: number, id: string | undefined) => ({
      ...{ auditId: `01ACT${String(n).padStart(21, "0")}`, at: noon + n, by: "operator" },
      ...{ what: `act ${n}`, address: "127.0.0.1", siteId: id === undefined ? id : site(id) },
    });
    for (let n = 0; n < 6; n++) await store.audit(row(n, ["a", "b", undefined][n % 3]));
    store = await bench.reopen(store);
    assert.deepEqual(await store.auditRows(site("a"), { limit: 9 }), [row(3, "a"), row(0, "a")]);
    assert.deepEqual(await store.auditRows(undefined, { limit: 1 }), [row(5, undefined)]);
    const before = row(5, undefined).auditId;
    assert.deepEqual(await store.auditRows(undefined, { limit: 9, before }), [row(2, undefined)]);
    assert.deepEqual(await store.auditRows(site("c"), { limit: 9 }), []);
  }),
];

/** What every store of configurations has to do. */
export const configStoreCases: readonly ConfigStoreCase[] = [
  ...writeCases,
  ...logCases,
  ...useCases,
  ...[...followCases, ...agentCases].map(({ name, run }) => storeCase(name, run)),
];
