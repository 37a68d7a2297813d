import assert from "node:assert/strict";
import { KvQueue } from "../mq/queue_kv.ts";
import { createMetrics } from "../server/metrics.ts";
import { addQueueMetrics } from "../server/queue_metrics.ts";
import { startEdge } from "../tests/harness/edge_bench.ts";
import { noQueue } from "../tests/harness/no_queue.ts";
import { createInternalApp } from "./internal_app.ts";

const names = ["chat.end", "chat.end.email"];

/** The operators' port over a queue with two letters, a/1 and b, and one message in it. */
async function operators() {
  let now = 1_800_000_000_000;
  const queue = await KvQueue.open({
    path: ":memory:",
    definitions: names.map((name) => ({
      name,
      leaseMs: 1_000,
      attemptsMax: 3,
      check: () => undefined,
    })),
    now: () => now,
  });
  const payload = { siteId: "acme" };
  for (const id of ["a/1", "b", "c"]) await queue.publish("chat.end", id, payload);
  const consumer = queue.createConsumer("chat.end");
  for (const one of await consumer.dequeueAll(2)) {
    await consumer.giveBack(one, { delayMs: "never", error: "no" });
  }
  const { bench, deps } = await startEdge({ queue });
  const metrics = createMetrics(bench.node, deps.disk);
  addQueueMetrics(metrics, queue, () => now);
  const app = createInternalApp(deps, metrics);
  const headers = { authorization: "Bearer op_bench" };
  return {
    queue,
    deeds: async () =>
      (await deps.configs.store.auditRows(undefined, { limit: 50 })).map(({ by, what }) =>
        `${by}: ${what}`
      ).sort(),
    call: (path: string, method = "GET") => app.request(path, { method, headers }),
    bare: (path: string, method = "GET") => app.request(path, { method }),
    pass: (ms: number) => now += ms,
    async [Symbol.asyncDispose]() {
      bench.stop();
      await queue.close();
    },
  };
}

Deno.test("[QD19] nobody but the operator sees or touches queues", async () => {
  await using ops = await operators();
  const rows: readonly [string, string][] = [
    ["GET", "/v1/ops/queues"],
    ["GET", "/v1/ops/queues/chat.end/dead"],
    ["POST", "/v1/ops/queues/chat.end/dead/b/replay"],
    ["DELETE", "/v1/ops/queues/chat.end/dead/b"],
    ["POST", "/v1/ops/queues/chat.end/pause"],
    ["POST", "/v1/ops/queues/chat.end/resume"],
  ];
  for (const [method, path] of rows) {
    const response = await ops.bare(path, method);
    assert.equal(response.status, 401, path);
    await response.body?.cancel();
  }
  const [first] = await ops.queue.stats();
  assert.deepEqual([first?.dead, first?.isPaused], [2, false]);
});

Deno.test("[QD19] the operator sees each queue's numbers", async () => {
  await using ops = await operators();
  ops.pass(5_000);
  const response = await ops.call("/v1/ops/queues");
  assert.equal(response.status, 200);
  const { items } = await response.json();
  assert.equal(items.length, 2);
  const { oldestAt, oldestAgeSeconds: _, ...first } = items[0];
  assert.deepEqual(first, {
    queueName: "chat.end",
    ready: 1,
    delayed: 0,
    inFlight: 0,
    dead: 2,
    isPaused: false,
  });
  assert.equal(oldestAt, new Date(1_800_000_000_000).toISOString());
  assert.equal(items[1].oldestAt, null);
});

Deno.test("[QD19] dead letters come in pages, with payload", async () => {
  await using ops = await operators();
  const first = await (await ops.call("/v1/ops/queues/chat.end/dead?limit=1")).json();
  assert.equal(first.items.length, 1);
  assert.equal(first.items[0].uniqueId, "a/1");
  assert.deepEqual(first.items[0].payload, { siteId: "acme" });
  assert.equal(first.items[0].error, "no");
  const path = `/v1/ops/queues/chat.end/dead?limit=1&after=${first.next}`;
  const second = await (await ops.call(path)).json();
  assert.deepEqual([second.items[0].uniqueId, second.next], ["b", null]);
});

Deno.test("[QD19] the operator replays and drops dead letters, whatever their id", async () => {
  await using ops = await operators();
  const id = encodeURIComponent("a/1");
  const path = `/v1/ops/queues/chat.end/dead/${id}`;
  assert.equal((await ops.call(`${path}/replay`, "POST")).status, 204);
  const again = await ops.call(`${path}/replay`, "POST");
  assert.deepEqual([again.status, (await again.json()).field], [404, "uniqueId"]);
  assert.equal((await ops.call("/v1/ops/queues/chat.end/dead/b", "DELETE")).status, 204);
  const gone = await ops.call("/v1/ops/queues/chat.end/dead/b", "DELETE");
  assert.deepEqual([gone.status, (await gone.json()).field], [404, "uniqueId"]);
  const [first] = await ops.queue.stats();
  assert.deepEqual([first?.ready, first?.dead], [2, 0]);
});

Deno.test("[QD19] the operator pauses and resumes a queue", async () => {
  await using ops = await operators();
  const consumer = ops.queue.createConsumer("chat.end");
  assert.equal((await ops.call("/v1/ops/queues/chat.end/pause", "POST")).status, 204);
  assert.equal(await consumer.dequeue(), undefined);
  assert.equal((await ops.call("/v1/ops/queues/chat.end/resume", "POST")).status, 204);
  assert.equal((await consumer.dequeue())?.uniqueId, "c");
});

Deno.test("[QD19] an unknown queue and a bad query are told by field", async () => {
  await using ops = await operators();
  const rows: readonly [string, string, number, string][] = [
    ["GET", "/v1/ops/queues/nope/dead", 404, "queueName"],
    ["POST", "/v1/ops/queues/nope/pause", 404, "queueName"],
    ["POST", "/v1/ops/queues/nope/resume", 404, "queueName"],
    ["POST", "/v1/ops/queues/nope/dead/b/replay", 404, "queueName"],
    ["DELETE", "/v1/ops/queues/nope/dead/b", 404, "queueName"],
    ["POST", `/v1/ops/queues/chat.end/dead/${"x".repeat(5_000)}/replay`, 404, "uniqueId"],
    ["DELETE", `/v1/ops/queues/chat.end/dead/${"x".repeat(5_000)}`, 404, "uniqueId"],
    ["DELETE", "/v1/ops/queues/chat.end/dead/%C3%A9", 404, "uniqueId"],
    ["GET", "/v1/ops/queues/chat.end/dead?limit=0", 400, "limit"],
    ["GET", "/v1/ops/queues/chat.end/dead?limit=many", 400, "limit"],
    ["GET", "/v1/ops/queues/chat.end/dead?after=x", 400, "after"],
  ];
  for (const [method, path, status, field] of rows) {
    const response = await ops.call(path, method);
    const told = await response.json();
    assert.deepEqual([response.status, told.field], [status, field], path);
    assert.ok(!told.detail.includes("publish"), "nothing is published here");
  }
});

Deno.test("[QD19 QD18] a broker that is away is a 503", async () => {
  const { bench, deps } = await startEdge({ queue: noQueue });
  const app = createInternalApp(deps, createMetrics(bench.node, deps.disk));
  const headers = { authorization: "Bearer op_bench" };
  const response = await app.request("/v1/ops/queues", { headers });
  assert.equal(response.status, 503);
  assert.equal((await response.json()).title, "The queue is away");
  const since = new Date(bench.clock.now()).toISOString();
  deps.parts.down("queue", "queue.kv is damaged");
  await bench.clock.advance(60_000);
  const later = await (await app.request("/v1/ops/queues", { headers })).json();
  assert.deepEqual([later.detail, later.since], ["queue.kv is damaged", since]);
  bench.stop();
});

Deno.test("[QD20] metrics have each queue by state, and the age of its oldest message", async () => {
  await using ops = await operators();
  ops.pass(90_000);
  const text = await (await ops.bare("/metrics")).text();
  const lines = new Set(text.split("\n"));
  for (
    const line of [
      "chatnode_queue_up 1",
      'chatnode_queue_messages{queue="chat.end",state="ready"} 1',
      'chatnode_queue_messages{queue="chat.end",state="dead"} 2',
      'chatnode_queue_messages{queue="chat.end.email",state="in_flight"} 0',
      'chatnode_queue_oldest_seconds{queue="chat.end"} 90',
      'chatnode_queue_oldest_seconds{queue="chat.end.email"} 0',
      'chatnode_queue_paused{queue="chat.end"} 0',
    ]
  ) assert.ok(lines.has(line), line);
});

Deno.test("[QD20] while the broker is away the metrics say so and show no numbers", async () => {
  const { bench, deps } = await startEdge({ queue: noQueue });
  const metrics = createMetrics(bench.node, deps.disk);
  addQueueMetrics(metrics, noQueue, () => 0);
  const text = await metrics.metrics();
  assert.ok(text.includes("chatnode_queue_up 0"));
  assert.ok(!text.includes("chatnode_queue_messages{"));
  bench.stop();
});

Deno.test("[AM10] what the operator does to queues is in the audit log of the deployment", async () => {
  await using ops = await operators();
  const rows = [
    ["POST", "chat.end/dead/a%2F1/replay"],
    ["DELETE", "chat.end/dead/b"],
    ["POST", "chat.end/pause"],
    ["POST", "chat.end/resume"],
    ["POST", "chat.end/dead/none/replay"],
  ] as const;
  for (const [method, path] of rows) {
    const response = await ops.call(`/v1/ops/queues/${path}`, method);
    await response.body?.cancel();
  }
  assert.deepEqual(await ops.deeds(), [
    "operator: queues.drop chat.end b",
    "operator: queues.pause chat.end",
    "operator: queues.replay chat.end a/1",
    "operator: queues.resume chat.end",
  ]);
});
