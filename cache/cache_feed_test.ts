import assert from "node:assert/strict";
import { siteIdSchema } from "../core/ids.ts";
import { MemoryConfigStore } from "../tests/harness/memory_config_store.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { settled, VirtualClock } from "../tests/harness/virtual_clock.ts";
import { CacheFeed } from "./cache_feed.ts";
import { ConfigCache } from "./config_cache.ts";
import type { FeedQuestion } from "./config_feed.ts";
import { configLimits } from "./config_limits.ts";
import type { LogPosition } from "./config_store.ts";

/** A feed of a cache with the site "acme", on virtual time. */
async function opened() {
  const clock = new VirtualClock();
  const cache = await ConfigCache.open(new MemoryConfigStore(), { now: () => clock.now() });
  await cache.put(benchConfig());
  const feed = new CacheFeed(cache, (ms, task) => clock.after(ms, task));
  /** Asks, and tells what the answer is by now. */
  const ask = (after: LogPosition, question: Partial<FeedQuestion> = {}) => {
    const seen: { answer: string | undefined } = { answer: undefined };
    void feed.changes(after, { limit: 10, waitMs: 5_000, ...question }).then((page) => {
      seen.answer = page === "gone" ? page : page.changes.map(({ n }) => n).join(" ");
    });
    return seen;
  };
  return { clock, cache, feed, ask, head: await cache.store.head() };
}

Deno.test("[CC10] a question is held until the log grows", async () => {
  const { cache, feed, ask, head, clock } = await opened();
  const seen = ask(head);
  await settled();
  assert.deepEqual([seen.answer, feed.waiting], [undefined, 1]);
  await cache.put(benchConfig({ siteId: "shop" }));
  await settled();
  assert.deepEqual([seen.answer, feed.waiting, clock.timerCount], ["2", 0, 0]);
  const behind = ask(head);
  await settled();
  assert.equal(behind.answer, "2", "there is an answer already");
});

Deno.test("[CC10] a question is answered with nothing when its time is up, or its asker gone", async () => {
  const { feed, ask, head, clock } = await opened();
  const seen = ask(head);
  const endless = ask(head, { waitMs: 3_600_000 });
  const gone = new AbortController();
  const aborted = ask(head, { signal: gone.signal });
  await settled();
  gone.abort();
  await settled();
  assert.deepEqual([aborted.answer, feed.waiting], ["", 2]);
  await clock.advance(5_000);
  assert.deepEqual([seen.answer, endless.answer], ["", undefined]);
  await clock.advance(configLimits.feedWaitMsMax - 5_000);
  assert.deepEqual([endless.answer, feed.waiting, clock.timerCount], ["", 0, 0]);
});

Deno.test("[CC10] beyond so many waiting a question is answered at once", async () => {
  const { feed, ask, head } = await opened();
  const held = Array.from({ length: configLimits.feedWaitersMax }, () => ask(head));
  await settled();
  const beyond = ask(head);
  await settled();
  assert.deepEqual([beyond.answer, feed.waiting], ["", configLimits.feedWaitersMax]);
  feed.close();
  await settled();
  assert.ok(held.every(({ answer }) => answer === ""), "closing answers all");
  const late = ask(head);
  await settled();
  assert.deepEqual([late.answer, feed.waiting], ["", 0], "and holds nobody any more");
});

Deno.test("[CC10] a position of another log is gone at once", async () => {
  const { ask, head } = await opened();
  const seen = [ask({ ...head, logId: "other" }), ask({ ...head, n: head.n + 1 })];
  await settled();
  assert.deepEqual(seen.map(({ answer }) => answer), ["gone", "gone"]);
});

Deno.test("[CC10] every site is told, in pages of bounded bytes and of so many sites", async () => {
  const { cache, feed, head } = await opened();
  const long = Array.from({ length: 90 }, (_, n) => ({
    cannedId: `c${n}`,
    title: "Long",
    text: "x".repeat(4_000),
  }));
  for (const siteId of ["b", "c"]) {
    await cache.put({ ...benchConfig({ siteId }), cannedMessages: long });
  }
  const pages: string[][] = [];
  let after: ReturnType<typeof siteIdSchema.parse> | undefined;
  do {
    const page = await feed.sites(after);
    assert.equal(page.head.n, head.n + 2);
    pages.push(page.sites.map(({ siteId }) => siteId));
    after = page.next;
  } while (after !== undefined);
  assert.deepEqual(pages, [["acme", "b"], ["c"]]);
});

Deno.test("[CC13] removals come page by page with the sites, each once, however many", async () => {
  const { cache, feed } = await opened();
  const many = configLimits.pageSitesMax + 10;
  const by = { by: "test", what: "test", at: 1_000 };
  const gone = Array.from({ length: many }, (_, n) => siteIdSchema.parse(`b${10_000 + n}`));
  for (const siteId of [...gone, siteIdSchema.parse("zoo")]) {
    await cache.put(benchConfig({ siteId }));
  }
  for (const siteId of gone) await cache.change({ siteId, ...by, edit: () => null });
  const pages = [await feed.sites(undefined)];
  for (let next = pages[0]?.next; next !== undefined; next = pages.at(-1)?.next) {
    pages.push(await feed.sites(next));
  }
  const seen = pages.map((
    { sites, removed },
  ) => [sites.map(({ siteId }) => siteId), removed.length]);
  assert.deepEqual(seen, [[["acme"], configLimits.pageSitesMax], [["zoo"], 10]]);
  const removed = pages.flatMap((page) => page.removed);
  assert.deepEqual(removed, gone.map((siteId) => ({ siteId, removedAt: 1_000 })));
  feed.close();
});
