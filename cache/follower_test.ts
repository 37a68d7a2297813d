import assert from "node:assert/strict";
import { type SiteId, siteIdSchema } from "../core/ids.ts";
import { MemoryConfigStore } from "../tests/harness/memory_config_store.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { settled, VirtualClock } from "../tests/harness/virtual_clock.ts";
import { CacheFeed } from "./cache_feed.ts";
import { ConfigCache, WrittenElsewhere } from "./config_cache.ts";
import { type ConfigFeed, FeedUnavailable, type SitesPage } from "./config_feed.ts";
import { configLimits } from "./config_limits.ts";
import { ConfigFollower } from "./follower.ts";

const acme = siteIdSchema.parse("acme");

/** What happens on the way between source and follower. */
interface Line {
  /** Why the source cannot be reached; undefined: it can. */
  away: string | undefined;
  /** Questions that were asked. */
  asked: number;
  /** Whether questions get no answer at all. */
  isDeaf: boolean;
  /** Called before each page of sites. */
  beforeSites: () => Promise<void>;
}

/** A source with the site "acme" and a cache that follows it, on virtual time. */
async function opened(store = new MemoryConfigStore(), logChangesMax = 100_000) {
  const clock = new VirtualClock();
  const now = () => clock.now();
  const source = await ConfigCache.open(new MemoryConfigStore({ logChangesMax }), { now });
  await source.put(benchConfig());
  const feed = new CacheFeed(source, (ms, task) => clock.after(ms, task));
  const line: Line = {
    away: undefined,
    asked: 0,
    isDeaf: false,
    beforeSites: () => Promise.resolve(),
  };
  const reach = async (signal: AbortSignal | undefined) => {
    line.asked += 1;
    if (line.away !== undefined) throw new FeedUnavailable(line.away);
    if (line.isDeaf) await untilAborted(signal);
  };
  const faulty: ConfigFeed = {
    async changes(after, question) {
      await reach(question.signal);
      return await feed.changes(after, question);
    },
    async sites(after: SiteId | undefined, signal): Promise<SitesPage> {
      await reach(signal);
      const page = await feed.sites(after);
      await line.beforeSites();
      return page;
    },
  };
  const cache = await ConfigCache.open(store, { now, writtenAt: "the source" });
  const told: string[] = [];
  const follower = new ConfigFollower({
    ...{ cache, clock, feed: faulty },
    random: () => 0.999,
    tell: (event, why) => told.push(`${event}: ${why}`),
  });
  const isCopy = async () => {
    assert.deepEqual(await cache.store.head(), await source.store.head());
    for (const siteId of source.siteIds()) {
      assert.deepEqual(await cache.load(siteId), await source.load(siteId));
    }
    assert.deepEqual(cache.siteIds().sort(), source.siteIds().sort());
  };
  const stop = async () => {
    await follower.stop();
    feed.close();
    assert.equal(clock.timerCount, 0, "nothing is left behind");
  };
  return { clock, source, cache, follower, line, told, isCopy, stop };
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

Deno.test("[CC6] a new follower loads every site, and then sees every change at once", async () => {
  const { source, cache, follower, told, isCopy, stop } = await opened();
  const seen: unknown[] = [];
  cache.onChange((siteId, config) => seen.push([siteId, config?.version]));
  follower.start();
  await settled();
  assert.equal(cache.get(acme), undefined, "not loaded before it is asked for");
  await isCopy();
  await source.put(benchConfig({ mode: "manual" }));
  await source.put(benchConfig({ siteId: "shop" }));
  await settled();
  await isCopy();
  assert.deepEqual(seen, [["acme", 2]], "whoever uses a site is told");
  assert.deepEqual(follower.state, {
    isConnected: true,
    behind: 0,
    heardAt: follower.state.heardAt,
    lastError: undefined,
    copies: 1,
  });
  assert.deepEqual(told, ["follower_copies: the source does not know our position"]);
  await stop();
});

Deno.test("[CC6] while the source is away it serves on, and goes on from its own position", async () => {
  const { clock, source, cache, follower, line, told, isCopy, stop } = await opened();
  follower.start();
  await settled();
  line.away = "no route";
  await source.put(benchConfig({ mode: "manual" }));
  await settled();
  assert.equal((await cache.load(acme))?.version, 2, "the question was on its way already");
  await clock.advance(60_000);
  assert.equal(follower.state.isConnected, false);
  assert.equal(follower.state.lastError, "no route");
  const tries = line.asked;
  await clock.advance(15_000);
  const mostMs = configLimits.followRetryMsMax;
  assert.ok(line.asked - tries <= 11, `${line.asked - tries} questions`);
  assert.ok(line.asked - tries >= 15_000 / mostMs - 1, "asks on");
  for (let n = 0; n < 700; n++) {
    await source.put(benchConfig({ siteId: `s${n % 90}`, agents: { ana: 1 + n % 50 } }));
  }
  assert.equal(cache.get(acme)?.version, 2, "serves what it has");
  line.away = undefined;
  await clock.advance(mostMs);
  await isCopy();
  assert.equal(follower.state.copies, 1, "nothing was loaded anew");
  assert.deepEqual(told.slice(1), ["follower_away: no route", told.at(-1)]);
  assert.match(told.at(-1) ?? "", /^follower_back: after \d+ attempts$/);
  await stop();
});

Deno.test("[CC6] an answer that does not come is given up, and asked for again", async () => {
  const { clock, source, follower, line, told, isCopy, stop } = await opened();
  follower.start();
  await settled();
  line.isDeaf = true;
  await clock.advance(configLimits.followWaitMs);
  await source.put(benchConfig({ mode: "manual" }));
  await clock.advance(configLimits.followWaitMs + configLimits.followAnswerMsMax - 1);
  assert.equal(follower.state.isConnected, true);
  line.isDeaf = false;
  await clock.advance(configLimits.followRetryMsMax + 1);
  assert.ok(told.includes("follower_away: No answer within 15000 ms"), told.join());
  await isCopy();
  await stop();
});

Deno.test("[CC6] what changes while every site is loaded is seen behind it", async () => {
  const { source, follower, line, isCopy, stop } = await opened();
  line.beforeSites = async () => {
    line.beforeSites = () => Promise.resolve();
    await source.put(benchConfig({ siteId: "shop" }));
    const by = { by: "operator", what: "test", at: 1 };
    await source.change({ siteId: acme, ...by, edit: () => null });
  };
  follower.start();
  await settled();
  await isCopy();
  assert.deepEqual(source.siteIds(), ["shop"]);
  await stop();
});

Deno.test("[CC6] a source that is another one now is loaded anew, and sites of the old one are gone", async () => {
  const store = new MemoryConfigStore();
  const first = await opened(store);
  await first.source.put(benchConfig({ siteId: "only-there" }));
  first.follower.start();
  await settled();
  await first.isCopy();
  await first.stop();
  const second = await opened(store);
  assert.deepEqual(second.cache.siteIds().sort(), ["acme", "only-there"]);
  second.follower.start();
  await settled();
  await second.isCopy();
  assert.deepEqual(second.cache.siteIds(), ["acme"]);
  await second.stop();
});

Deno.test("[CC6] who is further behind than the log is long loads every site, and says so", async () => {
  const { clock, source, follower, line, isCopy, stop } = await opened(undefined, 5);
  follower.start();
  await settled();
  assert.equal(follower.state.isConnected, true);
  line.away = "no route";
  await clock.advance(60_000);
  for (let n = 0; n < 20; n++) await source.put(benchConfig({ siteId: `s${n}` }));
  const connected: boolean[] = [];
  line.beforeSites = () => {
    connected.push(follower.state.isConnected);
    return Promise.resolve();
  };
  line.away = undefined;
  await clock.advance(configLimits.followRetryMsMax);
  await settled();
  await isCopy();
  assert.deepEqual(connected, [false], "what it knows is not all there is");
  assert.deepEqual([follower.state.isConnected, follower.state.copies], [true, 2]);
  await stop();
});

Deno.test("[CC6] a source that holds nobody is asked once a second", async () => {
  const { clock, source, cache, follower, line, stop } = await opened();
  const feed = new CacheFeed(source, (ms, task) => clock.after(ms, task));
  feed.close();
  const unheld = new ConfigFollower({
    ...{ cache, clock },
    feed: {
      changes(after, question) {
        line.asked += 1;
        return feed.changes(after, question);
      },
      sites: (after) => feed.sites(after),
    },
    random: () => 0.5,
    tell() {},
  });
  unheld.start();
  await settled();
  const before = line.asked;
  await clock.advance(10_000);
  assert.equal(line.asked - before, 10);
  await source.put(benchConfig({ mode: "manual" }));
  await clock.advance(configLimits.followPollMs);
  assert.equal((await cache.load(acme))?.version, 2);
  await unheld.stop();
  await follower.stop();
  await stop();
});

Deno.test("[CC11] nothing can be changed where configuration is followed", async () => {
  const { cache, follower, stop, isCopy } = await opened();
  follower.start();
  await settled();
  const by = { by: "queue:agent.ban", what: "test", at: 1 };
  const edit = (config: object | undefined) => ({ ...config, name: "Changed here" });
  await assert.rejects(cache.change({ siteId: acme, ...by, edit }), WrittenElsewhere);
  await assert.rejects(cache.put(benchConfig({ siteId: "shop" })), WrittenElsewhere);
  await isCopy();
  await stop();
});
