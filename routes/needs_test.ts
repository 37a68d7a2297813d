import assert from "node:assert/strict";
import { CacheFeed } from "../cache/cache_feed.ts";
import { KvArchive } from "../archive/archive_kv.ts";
import type { PartName } from "../server/parts.ts";
import { createMetrics } from "../server/metrics.ts";
import { AdminBench, staffedSite } from "../tests/harness/admin_bench.ts";
import { noArchive } from "../tests/harness/no_archive.ts";
import { noQueue } from "../tests/harness/no_queue.ts";
import { openQueue, passing } from "../tests/harness/queue_bench.ts";
import { VirtualClock } from "../tests/harness/virtual_clock.ts";
import { configFeedRoutes } from "./config_feed.ts";
import { createInternalApp } from "./internal_app.ts";
import { partsNeededBy } from "./needs.ts";

// Every route of the public and of the operators' port, and the parts without which it answers 503.
// {a,b} stands for a row each. "queue" is found away when it is asked: no part of its own yet.
const table = `
GET              | / /visitor /agent                                   |
GET              | /healthz /readyz /metrics                           |
GET              | /v1/openapi.json /v1/keys                           |
GET              | /v1/config/changes /v1/config/sites                 |
GET              | /v1/sites                                           |
POST             | /v1/sites                                           | config-write
GET              | /v1/sites/:siteId                                   |
PUT PATCH        | /v1/sites/:siteId                                   | config-write
GET              | /v1/sites/:siteId/{lists}                           |
POST             | /v1/sites/:siteId/{lists}                           | config-write
GET              | /v1/sites/:siteId/{items}                           |
PUT PATCH DELETE | /v1/sites/:siteId/{items}                           | config-write
GET              | /v1/sites/:siteId/{sections}                        |
PUT PATCH DELETE | /v1/sites/:siteId/{sections}                        | config-write
GET              | /v1/sites/:siteId/visitor /v1/sites/:siteId/agent   |
POST             | /v1/sites/:siteId/visitors                          |
POST             | /v1/sites/:siteId/agents/login                      |
PUT              | /v1/sites/:siteId/agents/:agentId/password          | config-write
DELETE           | /v1/sites/:siteId/agents/:agentId/sessions          | config-write
DELETE           | /v1/sites/:siteId/agents/:agentId/lock              |
GET              | /v1/sites/:siteId/audit /v1/audit                   |
GET              | /v1/sites/:siteId/chats/:chatId/transcript          |
GET              | /v1/sites/:siteId/history/chats                     | archive
GET              | /v1/sites/:siteId/history/chats/:chatId             | archive
GET              | /v1/sites/:siteId/history/chats/:chatId/transcript  | archive
GET              | /v1/sites/:siteId/history/offline-messages          | archive
GET              | /v1/sites/:siteId/history/logs/:log                 | archive
GET              | /v1/sites/:siteId/history/visits                    | archive
GET              | /v1/sites/:siteId/visitors/:visitorId/export        | archive
DELETE           | /v1/sites/:siteId/visitors/:visitorId               | archive queue
GET              | /v1/ops/queues /v1/ops/queues/:name/dead            | queue
POST             | /v1/ops/queues/:name/dead/:uniqueId/replay          | queue
DELETE           | /v1/ops/queues/:name/dead/:uniqueId                 | queue
POST             | /v1/ops/queues/:name/pause                          | queue
POST             | /v1/ops/queues/:name/resume                         | queue
DELETE           | /v1/sites/:siteId                                   | config-write
`.trim().split("\n").flatMap((line) => {
  const [methods = [], paths = [], parts = []] = line.split("|").map((cell) =>
    cell.split(" ").filter((word) => word !== "")
  );
  return methods.flatMap((method) =>
    paths.flatMap(spread).map((path) => ({ method, path, parts }))
  );
});

/** What the names in braces stand for. */
function spread(path: string): string[] {
  const sets: Readonly<Record<string, readonly string[]>> = {
    lists: ["agents", "departments", "campaigns", "canned-messages", "bans"],
    items: [
      "agents/:agentId",
      "departments/:departmentId",
      "campaigns/:campaignId",
      "canned-messages/:cannedId",
      "bans/:banId",
    ],
    sections: [
      ...["texts", "routing", "queue", "hours", "inactivity", "absence", "custom-variables"],
      ...["away-reasons", "wrap-up-categories", "sign-in", "bot", "translation", "retention"],
      ...["integrations", "allowed-domains"],
    ],
  };
  const [head = "", name = "", tail = ""] = path.split(/[{}]/);
  return (sets[name] ?? [""]).map((one) => head + one + tail);
}

/** What stands before the routes: limits, headers, who may, files of pages. */
const before = ["/*", "/v1/*", "/v1/config/*", "/v1/ops/queues/*", "/assets/*"];

/** Both ports of a node, of which everything is there unless it is named as away. */
async function ports(away?: PartName | "queue") {
  const clock = new VirtualClock();
  const archive = await KvArchive.open({ path: ":memory:", now: () => clock.now() });
  const queue = await openQueue(clock);
  const admin = await AdminBench.start(staffedSite(), {}, {
    clock,
    archive: away === "archive" ? noArchive : archive,
    queue: away === "queue" ? noQueue : queue,
  });
  const { deps, app, bench } = admin.edge;
  const feed = new CacheFeed(bench.configs, (ms, task) => clock.after(ms, task));
  const feedRoutes = configFeedRoutes(deps, { feed, key: "a key" });
  const metrics = createMetrics(bench.node, deps.disk);
  const internal = createInternalApp(deps, metrics).route("/", feedRoutes);
  const since = new Date(clock.now()).toISOString();
  if (away !== undefined && away !== "queue") deps.parts.down(away, "its disk is full");
  await clock.advance(7_000);
  return {
    ...{ admin, app, internal, clock, since, bench },
    async [Symbol.asyncDispose]() {
      feed.close();
      admin.stop();
      await queue.close();
      await archive.close();
    },
  };
}

Deno.test("[PB20] every route is in the table, and says itself what it needs", async () => {
  await using both = await ports();
  const found = new Map<string, string[]>();
  for (const { method, path, handler } of [...both.app.routes, ...both.internal.routes]) {
    if (method === "ALL") {
      assert.ok(before.includes(path), `${path} stands before routes, and is not in the list`);
      continue;
    }
    const name = `${method} ${path}`;
    const parts = new Set([...found.get(name) ?? [], ...partsNeededBy(handler) ?? []]);
    found.set(name, [...parts]);
  }
  const listed = new Map(
    table.map(({ method, path, parts }) => [
      `${method} ${path}`,
      parts.filter((name) => name !== "queue"),
    ]),
  );
  assert.equal(listed.size, table.length, "no route stands twice in the table");
  assert.deepEqual([...found.keys()].sort(), [...listed.keys()].sort());
  for (const [name, parts] of found) assert.deepEqual(parts, listed.get(name), name);
});

/** A chat that runs, so that its transcript is there without an archive. */
async function chatOn({ bench }: Awaited<ReturnType<typeof ports>>): Promise<string> {
  const { ids } = bench;
  const [agent, visitor] = [bench.agent("ana"), bench.visitor()];
  agent.send({ type: "set_status", commandId: ids.command(), status: "online" });
  const chatId = visitor.requestChat();
  agent.send({ type: "accept_chat", commandId: ids.command(), chatId });
  await bench.idle();
  return chatId;
}

for (const away of ["archive", "config-write", "queue"] as const) {
  Deno.test(`[PB20] without ${away} exactly the routes that need it answer 503, with the reason and since when`, async () => {
    await using both = await ports(away);
    const chatId = await chatOn(both);
    const names: Readonly<Record<string, string>> = {
      ...{ siteId: "acme", agentId: "ben", departmentId: "help", campaignId: "main" },
      ...{ cannedId: "hi", banId: "b1", log: "rating", name: "chat.end", uniqueId: "x" },
      ...{ chatId, visitorId: both.bench.ids.visitor() },
    };
    const agent = await both.admin.edge.token({ kind: "agent", sub: "ana" });
    let refused = 0;
    for (const { method, path, parts } of table) {
      const isInternal = /^\/(metrics|v1\/(ops|keys|config))/.test(path);
      const app = isInternal ? both.internal : both.app;
      const token = path.endsWith("/chats/:chatId/transcript") && !path.includes("history")
        ? agent
        : path.startsWith("/v1/config/")
        ? "a key"
        : "op_bench";
      const url = path.replace(/:(\w+)/g, (_, name) => names[name] ?? "");
      const headers = { authorization: `Bearer ${token}` };
      const asked = Promise.resolve(app.request(url, { method, headers }));
      const response = await passing(both.clock, asked);
      const text = await response.text();
      const name = `${method} ${path}: ${response.status} ${text.slice(0, 200)}`;
      if (!parts.includes(away)) {
        assert.ok(response.status !== 503 || text.includes("Pages not built"), name);
        continue;
      }
      refused += 1;
      assert.equal(response.status, 503, name);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      assert.equal(response.headers.get("retry-after"), "10");
      const { title, detail, part, since } = JSON.parse(text);
      assert.deepEqual([title, part], [`The ${away} is away`, away], name);
      assert.equal(detail, away === "queue" ? "This bench has no broker" : "its disk is full");
      if (away === "queue") assert.ok(Date.parse(since) <= both.clock.now());
      else assert.equal(since, both.since, name);
    }
    assert.equal(refused, table.filter(({ parts }) => parts.includes(away)).length);
    assert.ok(refused > 5);
  });
}

Deno.test("[PB20] a part that comes back is asked again, and since when starts anew", async () => {
  await using both = await ports("archive");
  const { parts } = both.admin.edge.deps;
  const asked = async () => {
    const { status, json } = await both.admin.call("admin", "GET", "/history/chats");
    return [status, json["detail"], json["since"]];
  };
  parts.down("archive", "it is being opened");
  assert.deepEqual(await asked(), [503, "it is being opened", both.since]);
  parts.up("archive");
  assert.equal((await asked())[1], "This bench has no archive");
  parts.down("archive", "it failed");
  assert.deepEqual(await asked(), [503, "it failed", new Date(both.clock.now()).toISOString()]);
});
