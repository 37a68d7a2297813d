import assert from "node:assert/strict";
import { ConfigCache } from "../cache/config_cache.ts";
import type { ConfigStore } from "../cache/config_store.ts";
import { KvConfigStore } from "../cache/store_kv.ts";
import { departmentIdSchema } from "../core/ids.ts";
import { type NewMessage, type Queue, QueueUnavailable } from "../mq/queue.ts";
import { passTime, until } from "../tests/harness/event_turns.ts";
import { MemoryConfigStore } from "../tests/harness/memory_config_store.ts";
import { drained, openQueue, passing } from "../tests/harness/queue_bench.ts";
import { agentOf } from "../tests/harness/saved_agent.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { VirtualClock } from "../tests/harness/virtual_clock.ts";
import { AgentOutbox } from "./agent_outbox.ts";

const log = { write() {} };
const queueName = "agent.save";

/** A cache over this store with a relay that runs. */
async function relaying(queue: Queue, clock: VirtualClock, store: ConfigStore) {
  const configs = await ConfigCache.open(store, { now: () => clock.now() });
  const counts = { published: 0, duplicates: 0, setAside: 0, dropped: 0, failures: 0 };
  const outbox = new AgentOutbox({ configs, queue, clock, log, counts, random: () => 0.5 });
  outbox.start();
  return { configs, outbox, counts };
}

/** A site with these agents. */
function siteOf(siteId: string, ...agentIds: string[]) {
  return benchConfig({ siteId, agents: Object.fromEntries(agentIds.map((id) => [id, 3])) });
}

/** Until nothing is left to be published, or time is over. */
async function published(clock: VirtualClock, store: ConfigStore): Promise<void> {
  await until(async () => {
    await clock.advance(50);
    return (await store.savedAgents(1)).length === 0;
  }, "all agents are published");
}

/** "acme 1 +ana" of each message in the queue. */
async function told(queue: Queue): Promise<string[]> {
  return (await drained(queue, queueName)).map(({ payload }) => {
    const { siteId, version, removed, agentId } = payload;
    return `${siteId} ${version} ${removed === true ? "-" : "+"}${agentId}`;
  });
}

Deno.test("[OB12] agents that are made, changed or removed are published in order, each once", async () => {
  const clock = new VirtualClock();
  const queue = await openQueue(clock);
  const store = new MemoryConfigStore();
  const { configs, outbox, counts } = await relaying(queue, clock, store);
  await configs.put(siteOf("acme", "ana", "ben"));
  const madeAt = clock.now();
  await published(clock, store);
  await configs.put(siteOf("shop", "zoe"));
  await configs.put(siteOf("acme", "ben", "cat"));
  const gone = { siteId: siteOf("acme").siteId, by: "operator", what: "sites.remove" };
  await configs.change({ ...gone, at: clock.now(), edit: () => null });
  await published(clock, store);
  const messages = await drained(queue, queueName);
  assert.deepEqual(messages[0]?.payload, {
    ...{ siteId: "acme", agentId: "ana", name: "Ana", role: "agent", departmentIds: [] },
    ...{ disabled: false, removed: false, version: 1, time: new Date(madeAt).toISOString() },
  });
  assert.equal(messages[0]?.at, madeAt);
  assert.deepEqual(
    messages.map(({ payload: { siteId, agentId, version, removed } }) =>
      `${siteId} ${version} ${removed === true ? "-" : "+"}${agentId}`
    ),
    [
      ...["acme 1 +ana", "acme 1 +ben", "shop 1 +zoe", "acme 2 +cat", "acme 2 -ana"],
      ...["acme 3 -ben", "acme 3 -cat"],
    ],
  );
  assert.deepEqual([counts.published, counts.duplicates], [7, 0]);
  await outbox.stop();
  await queue.close();
  assert.equal(clock.timerCount, 0);
});

Deno.test("[OB12] an agent of a site that is made anew is published, whatever its version was", async () => {
  const clock = new VirtualClock();
  const queue = await openQueue(clock);
  const store = new MemoryConfigStore();
  const { configs, outbox } = await relaying(queue, clock, store);
  const { siteId } = siteOf("acme");
  for (let life = 0; life < 2; life++) {
    await configs.put(siteOf("acme", "ana"));
    const gone = { siteId, by: "operator", what: "sites.remove", at: clock.now() };
    await configs.change({ ...gone, edit: () => null });
  }
  await published(clock, store);
  const life = ["acme 1 +ana", "acme 2 -ana"];
  assert.deepEqual(await told(queue), [...life, ...life]);
  await outbox.stop();
  await queue.close();
});

Deno.test("[OB12] while the broker is away agents stay in the store, and are published once it is back", async () => {
  const clock = new VirtualClock();
  const queue = await openQueue(clock);
  let isAway = true;
  let calls = 0;
  const flaky: Queue = Object.assign(Object.create(queue), {
    publishAll(messages: readonly NewMessage[]) {
      calls += 1;
      if (isAway) return Promise.reject(new QueueUnavailable("The broker is away"));
      return queue.publishAll(messages);
    },
  });
  const store = new MemoryConfigStore();
  const { configs, outbox, counts } = await relaying(flaky, clock, store);
  await configs.put(siteOf("acme", "ana"));
  await passTime(clock, 60_000);
  await configs.put(siteOf("acme", "ana", "ben"));
  await passTime(clock, 60_000);
  assert.equal((await store.savedAgents(10)).length, 2);
  assert.ok(calls > 3 && calls < 60, `${calls} attempts`);
  assert.equal(counts.failures, calls);
  isAway = false;
  await passTime(clock, 15_000);
  assert.deepEqual(await store.savedAgents(10), []);
  assert.deepEqual(await told(queue), ["acme 1 +ana", "acme 2 +ben"]);
  await outbox.stop();
  await queue.close();
});

Deno.test("[OB12] killed between publishing and forgetting, it publishes the same ids again", async () => {
  const dir = await Deno.makeTempDir();
  const clock = new VirtualClock();
  const queue = await openQueue(clock);
  const first = await KvConfigStore.open(`${dir}/config.kv`);
  let isKilled = false;
  const dying: ConfigStore = Object.assign(Object.create(first), {
    read: first.read.bind(first),
    write: first.write.bind(first),
    sites: first.sites.bind(first),
    savedAgents: first.savedAgents.bind(first),
    forgetSavedAgents() {
      isKilled = true;
      return Promise.reject(new Error("The process is dead"));
    },
  });
  const before = await relaying(queue, clock, dying);
  await before.configs.put(siteOf("acme", "ana", "ben"));
  await until(() => isKilled, "it is killed");
  await before.outbox.stop();
  first.close();
  const second = await KvConfigStore.open(`${dir}/config.kv`);
  assert.equal((await second.savedAgents(10)).length, 1);
  const after = await relaying(queue, clock, second);
  await published(clock, second);
  assert.deepEqual([after.counts.published, after.counts.duplicates], [0, 2]);
  await after.configs.put(siteOf("acme", "ana", "ben", "cat"));
  await published(clock, second);
  assert.deepEqual(await told(queue), ["acme 1 +ana", "acme 1 +ben", "acme 2 +cat"]);
  await passing(clock, after.outbox.stop());
  await after.configs.close();
  await queue.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[OB12] who follows publishes nothing of what it follows", async () => {
  const clock = new VirtualClock();
  const queue = await openQueue(clock);
  const [from, to] = [new MemoryConfigStore(), new MemoryConfigStore()];
  const source = await relaying(queue, clock, from);
  const follower = await relaying(queue, clock, to);
  await follower.configs.replaceAll(await from.head(), (async function* () {})());
  await source.configs.put(siteOf("acme", "ana"));
  const page = await from.changes(await to.head(), 10);
  assert.ok(page !== "gone");
  await follower.configs.follow(page);
  assert.deepEqual(follower.configs.siteIds(), ["acme"]);
  await published(clock, from);
  await passTime(clock, 1_000);
  assert.deepEqual([source.counts.published, follower.counts.published], [1, 0]);
  assert.equal(follower.counts.duplicates, 0);
  await source.outbox.stop();
  await follower.outbox.stop();
  await queue.close();
});

Deno.test("[OB12] a thousand agents that change at once are published in order, bit by bit", async () => {
  const clock = new VirtualClock();
  const queue = await openQueue(clock);
  const sizes: number[] = [];
  const counting: Queue = Object.assign(Object.create(queue), {
    publishAll(messages: readonly NewMessage[]) {
      sizes.push(messages.length);
      return queue.publishAll(messages);
    },
  });
  const dir = await Deno.makeTempDir();
  const store = await KvConfigStore.open(`${dir}/config.kv`);
  const { configs, outbox, counts } = await relaying(counting, clock, store);
  const ids = Array.from({ length: 1_000 }, (_, n) => `agent-${String(n).padStart(3, "0")}`);
  await configs.put(siteOf("acme", ...ids));
  await published(clock, store);
  const config = siteOf("acme", ...ids);
  const departmentId = departmentIdSchema.parse("sales");
  await configs.put({
    ...config,
    departments: [{ ...config.departments[0], departmentId, name: "Sales" }],
    agents: config.agents.map((agent) => ({ ...agent, departmentIds: [departmentId] })),
  });
  await published(clock, store);
  const names = (sign: string, version: number) => ids.map((id) => `acme ${version} ${sign}${id}`);
  assert.deepEqual(await told(queue), [...names("+", 1), ...names("+", 2)]);
  assert.equal(counts.published, 2_000);
  assert.ok(Math.max(...sizes) <= 228, `${sizes}`);
  await passing(clock, outbox.stop());
  await configs.close();
  await queue.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[OB5] an agent that its queue's schema refuses is set aside, and the others are published", async () => {
  const clock = new VirtualClock();
  const queue = await openQueue(clock);
  const store = new MemoryConfigStore();
  const { configs, outbox, counts } = await relaying(queue, clock, store);
  const agents = [{ ...agentOf("ana"), name: "" }, agentOf("ben")];
  const { siteId } = siteOf("acme");
  const at = clock.now();
  await store.write({ siteId, from: 0, json: "{}", by: "operator", what: "test", at, agents });
  await configs.put(siteOf("shop", "zoe"));
  await published(clock, store);
  assert.deepEqual(await told(queue), ["acme 1 +ben", "shop 1 +zoe"]);
  const [letter] = (await queue.deadLetters(queueName, { limit: 10 })).items;
  assert.match(letter?.error ?? "", /name/);
  assert.deepEqual([counts.published, counts.setAside], [2, 1]);
  await outbox.stop();
  await queue.close();
});

Deno.test("[OB12 PB4] while it stands still for a backup agents stay in the store", async () => {
  const clock = new VirtualClock();
  const queue = await openQueue(clock);
  const store = new MemoryConfigStore();
  const { configs, outbox } = await relaying(queue, clock, store);
  await outbox.stop();
  await configs.put(siteOf("acme", "ana"));
  await passTime(clock, 5_000);
  assert.equal((await store.savedAgents(10)).length, 1);
  assert.deepEqual(await told(queue), []);
  outbox.start();
  await published(clock, store);
  assert.deepEqual(await told(queue), ["acme 1 +ana"]);
  await outbox.stop();
  await queue.close();
});
