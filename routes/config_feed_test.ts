import assert from "node:assert/strict";
import { CacheFeed } from "../cache/cache_feed.ts";
import { type ConfigFeed, FeedUnavailable } from "../cache/config_feed.ts";
import { type Dial, HttpFeed } from "../cache/http_feed.ts";
import { siteIdSchema } from "../core/ids.ts";
import { startEdge } from "../tests/harness/edge_bench.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { configFeedRoutes } from "./config_feed.ts";

const key = "k".repeat(32);
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** The feed's routes over a node with the site "acme". */
async function opened(options: { key?: string | undefined; feed?: ConfigFeed } = { key }) {
  const edge = await startEdge();
  const { clock, configs } = edge.bench;
  const feed = new CacheFeed(configs, (ms, task) => clock.after(ms, task));
  const app = configFeedRoutes(edge.deps, { feed: options.feed ?? feed, key: options.key });
  const dial: Dial = (url, init) => Promise.resolve(app.request(url, init));
  return { edge, app, feed, configs, dial, head: await configs.store.head() };
}

Deno.test("[CC10] only who carries CONFIG_KEY may follow, and without one nobody", async () => {
  const { edge, app, head } = await opened();
  const { logId, n, changeId } = head;
  const changes = `/v1/config/changes?${new URLSearchParams({ logId, n: `${n}`, changeId })}`;
  const closed = configFeedRoutes(edge.deps, {
    feed: new CacheFeed(edge.bench.configs, () => () => {}),
    key: undefined,
  });
  for (const path of [changes, "/v1/config/sites"]) {
    assert.equal((await app.request(path, bearer(key))).status, 200);
    const others = [bearer(""), bearer(key.slice(1)), bearer(edge.deps.operatorKey), undefined];
    for (const other of others) {
      const response = await app.request(path, other);
      assert.equal(response.status, 401);
      assert.match((await response.json()).detail, /CONFIG_KEY/);
    }
    const response = await closed.request(path, bearer(key));
    assert.equal(response.status, 403);
    assert.match((await response.json()).detail, /CONFIG_KEY is not set/);
  }
  edge.bench.stop();
});

Deno.test("[CC10] a wrong question is refused with the field", async () => {
  const { edge, app } = await opened();
  const rows: readonly [string, string][] = [
    ["changes?n=0&changeId=", "logId"],
    ["changes?logId=a&n=-1&changeId=", "n"],
    ["changes?logId=a&n=x&changeId=", "n"],
    ["changes?logId=a&n=1&changeId=nonsense", "changeId"],
    ["changes?logId=a&n=0&changeId=&limit=301", "limit"],
    ["changes?logId=a&n=0&changeId=&waitMs=20001", "waitMs"],
    ["changes?logId=a&n=0&changeId=&more=1", "query"],
    ["sites?after=NO%20SITE", "after"],
  ];
  for (const [question, field] of rows) {
    const response = await app.request(`/v1/config/${question}`, bearer(key));
    assert.equal(response.status, 400, question);
    assert.equal((await response.json()).field, field, question);
  }
  edge.bench.stop();
});

Deno.test("[CC10] a log that does not have the position says gone; one that has it says what is behind", async () => {
  const { edge, configs, dial, head } = await opened();
  const client = new HttpFeed({ url: "http://127.0.0.1:1/", key, dial });
  const question = { limit: 10, waitMs: 0 };
  assert.equal(await client.changes({ ...head, logId: "other" }, question), "gone");
  assert.equal(await client.changes({ logId: "", n: 0, changeId: "" }, question), "gone");
  await configs.put(benchConfig({ siteId: "shop" }));
  const page = await client.changes(head, question);
  assert.ok(page !== "gone");
  assert.deepEqual(page.changes.map(({ siteId, n }) => [siteId, n]), [["shop", head.n + 1]]);
  assert.deepEqual(page.sites, [await configs.store.read(siteIdSchema.parse("shop"))]);
  const { sites, next } = await client.sites(undefined);
  assert.deepEqual([sites.map(({ siteId }) => siteId), next], [["acme", "shop"], undefined]);
  edge.bench.stop();
});

Deno.test("[CC10] a feed that fails is told as a fault of ours, without what it was", async () => {
  const feed: ConfigFeed = {
    changes: () => Promise.reject(new Error("the disk said /secret/path")),
    sites: () => Promise.reject(new Error("the disk said /secret/path")),
  };
  const { edge, app } = await opened({ key, feed });
  const response = await app.request("/v1/config/sites", bearer(key));
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /secret/);
  assert.ok(edge.bench.logged.includes("request_failed"));
  edge.bench.stop();
});

Deno.test("[CC10] whoever follows says why it cannot: refused, failed, not understood, too long", async () => {
  const answering = (response: () => Response): HttpFeed =>
    new HttpFeed({ url: "http://127.0.0.1:1", key, dial: () => Promise.resolve(response()) });
  const rows: readonly [HttpFeed, RegExp, RegExp | undefined][] = [
    [answering(() => new Response("", { status: 401 })), /CONFIG_KEY must be the same/, undefined],
    [answering(() => new Response("", { status: 403 })), /CONFIG_KEY must be the same/, undefined],
    [answering(() => new Response("", { status: 502 })), /answers 502/, undefined],
    [answering(() => new Response("no json")), /Cannot read the answer/, /JSON/],
    [answering(() => Response.json({ sites: 7 })), /Cannot read the answer/, /head/],
    [answering(() => new Response("x".repeat(9 * 2 ** 20))), /Cannot read the answer/, /longer/],
    [
      new HttpFeed({ url: "http://127.0.0.1:1", key, dial: () => Promise.reject(new Error("no")) }),
      /Cannot reach http:\/\/127.0.0.1:1/,
      /no/,
    ],
  ];
  for (const [feed, message, cause] of rows) {
    await assert.rejects(feed.sites(undefined), (error) => {
      assert.ok(error instanceof FeedUnavailable);
      assert.match(error.message, message);
      if (cause !== undefined) assert.match(String(error.cause), cause);
      return true;
    });
  }
});
