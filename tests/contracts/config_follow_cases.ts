import assert from "node:assert/strict";
import { PageOutOfPlace, type StoredSite } from "../../cache/config_store.ts";
import {
  changesOf,
  contentOf,
  copyAll,
  followAll,
  jsonOf,
  noon,
  site,
  type StoreBench,
  write,
} from "./config_store_driver.ts";

/** How a store takes over what another one has. */
export const followCases: readonly {
  readonly name: string;
  run(bench: StoreBench): Promise<void>;
}[] = [
  {
    name: "[CC6] whoever follows has the same sites and the same log, and can be followed",
    async run({ open }) {
      const [source, follower, third] = [await open(), await open(), await open()];
      await write(source, "old");
      await copyAll(follower, source);
      await copyAll(third, follower);
      for (let n = 0; n < 25; n++) await write(source, `s${n % 7}`);
      await write(source, "old", { json: null });
      await write(source, "s3", { json: null });
      await write(source, "s3");
      await followAll(follower, source, 4);
      await followAll(third, follower, 9);
      assert.deepEqual(await contentOf(follower), await contentOf(source));
      assert.deepEqual(await contentOf(third), await contentOf(source));
      const [first] = (await changesOf(source, await firstOf(source))).changes;
      assert.ok(first !== undefined);
      assert.deepEqual(
        (await changesOf(follower, first)).changes,
        (await changesOf(source, first)).changes,
      );
    },
  },
  {
    name:
      "[CC13] whoever follows or copies remembers what was removed, and keeps what is there again",
    async run({ open }) {
      const [source, follower, copy] = [await open(), await open(), await open()];
      await copyAll(follower, source);
      for (const id of ["a", "b", "c"]) await write(source, id);
      await write(source, "a", { json: null, at: noon + 1 });
      await write(source, "b", { json: null, at: noon + 2 });
      await write(source, "b");
      await followAll(follower, source, 100);
      await copyAll(copy, follower);
      for (const store of [follower, copy]) {
        assert.deepEqual(await contentOf(store), await contentOf(source));
        assert.equal(await store.removedAt(site("a")), noon + 1);
        assert.equal(await store.removedAt(site("b")), noon + 2);
        assert.notEqual(await store.read(site("b")), undefined);
      }
    },
  },
  {
    name: "[CC6] who was away goes on from its own head, also after a restart",
    async run(bench) {
      const source = await bench.open();
      let follower = await bench.open();
      await copyAll(follower, source);
      for (let n = 0; n < 5; n++) await write(source, "acme");
      await followAll(follower, source);
      follower = await bench.reopen(follower);
      for (let n = 0; n < 5; n++) await write(source, "acme");
      await followAll(follower, source);
      assert.deepEqual(await contentOf(follower), await contentOf(source));
    },
  },
  {
    name: "[CC6] a page with long configurations is taken over whole",
    async run({ open }) {
      const [source, follower] = [await open(), await open()];
      await write(source, "big", { json: jsonOf("", 500_000) });
      await copyAll(follower, source);
      const head = await follower.head();
      const sites: StoredSite[] = [];
      for (let n = 0; n < 6; n++) {
        const json = jsonOf(`${n}`, n % 2 === 0 ? 400_000 : 10);
        await write(source, `s${n}`, { json });
        sites.push({ siteId: site(`s${n}`), version: 1, json });
      }
      await write(source, "big", { json: "{}" });
      sites.push({ siteId: site("big"), version: 2, json: "{}" });
      const changes = [];
      for (let after = head; changes.length < 7; after = changes.at(-1) ?? after) {
        changes.push(...(await changesOf(source, after)).changes);
      }
      await follower.follow({ changes, sites, head: await source.head() });
      assert.deepEqual(await contentOf(follower), await contentOf(source));
    },
  },
  {
    name: "[CC6] a page that does not begin behind the head, or has a gap, changes nothing",
    async run({ open }) {
      const [source, follower] = [await open(), await open()];
      await copyAll(follower, source);
      const start = await source.head();
      for (let n = 0; n < 3; n++) await write(source, `s${n}`);
      const page = await changesOf(source, start);
      const [first] = page.changes;
      assert.ok(first !== undefined);
      const late = { ...page, changes: page.changes.slice(1) };
      await assert.rejects(follower.follow(late), PageOutOfPlace);
      const [one, , three] = page.changes;
      assert.ok(one !== undefined && three !== undefined);
      const holey = { ...page, changes: [one, three] };
      await assert.rejects(follower.follow(holey), PageOutOfPlace);
      const swapped = { ...page, changes: [one, three, ...page.changes.slice(1, 2)] };
      await assert.rejects(follower.follow(swapped), PageOutOfPlace);
      const foreign = { ...page, changes: [{ ...first, logId: "01BBBBBBBBBBBBBBBBBBBBBBBB" }] };
      await assert.rejects(follower.follow(foreign), PageOutOfPlace);
      await follower.follow(page);
      await assert.rejects(follower.follow(page), PageOutOfPlace);
      assert.deepEqual(await contentOf(follower), await contentOf(source));
    },
  },
  {
    name: "[CC6] a copy has no site that its source has not, and goes on behind the head",
    async run({ open }) {
      const [source, follower] = [await open(), await open()];
      for (const id of ["a", "own", "z"]) await write(follower, id);
      await follower.noteUse([site("a")], noon + 24 * 3_600_000);
      for (let n = 0; n < 150; n++) await write(source, `s${n}`);
      await write(source, "a");
      const before = await source.head();
      await copyAll(follower, source);
      assert.deepEqual(await contentOf(follower), await contentOf(source));
      assert.equal(await follower.read(site("own")), undefined);
      const [used] = await Array.fromAsync(follower.sites());
      const tomorrow = noon + 12 * 3_600_000;
      assert.deepEqual(used, { siteId: "a", usedAt: tomorrow }, "use here is kept");
      assert.deepEqual((await changesOf(follower, before)).changes, []);
      await write(source, "a");
      await followAll(follower, source);
      assert.equal((await changesOf(follower, before)).changes.length, 1);
    },
  },
  {
    name: "[CC6] a copy that was interrupted is not taken for one",
    async run(bench) {
      const source = await bench.open();
      let follower = await bench.open();
      await write(source, "acme");
      async function* interrupted() {
        yield { siteId: site("acme"), version: 1, json: "{}" };
        await Promise.reject(new Error("The line is cut"));
      }
      const copying = follower.replaceAll(await source.head(), interrupted());
      await assert.rejects(copying, /The line is cut/);
      follower = await bench.reopen(follower);
      assert.equal(await source.changes(await follower.head(), 10), "gone");
      assert.equal(await follower.changes(await follower.head(), 10), "gone");
      await copyAll(follower, source);
      assert.deepEqual(await contentOf(follower), await contentOf(source));
    },
  },
];

/** Where the source's log begins. */
async function firstOf(source: Parameters<typeof changesOf>[0]) {
  const { logId } = await source.head();
  return { logId, n: 0, changeId: "" };
}
