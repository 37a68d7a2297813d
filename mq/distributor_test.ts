import assert from "node:assert/strict";
import type { SiteId } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { passTime, until } from "../tests/harness/event_turns.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { VirtualClock } from "../tests/harness/virtual_clock.ts";
import { type Distribution, startDistributor } from "./distributor.ts";
import { KvQueue } from "./queue_kv.ts";

const sites = ["acme", "globex"];
const names = ["end", "end.archive", "end.email", "end.webhook"];
const table: Distribution = {
  end: [
    { queueName: "end.archive", wants: () => true },
    { queueName: "end.email", wants: ({ siteId }) => siteId === "acme" },
    { queueName: "end.webhook", wants: ({ siteId }) => siteId === "globex" },
  ],
};

/** A distributor over two sites, acme and globex. */
async function distributing(
  configOf: (siteId: SiteId) => Promise<SiteConfig | undefined> = (siteId) =>
    Promise.resolve(sites.includes(siteId) ? { ...benchConfig(), siteId } : undefined),
) {
  const clock = new VirtualClock();
  const queue = await KvQueue.open({
    path: ":memory:",
    definitions: names.map((name) => ({
      name,
      leaseMs: 30_000,
      attemptsMax: 3,
      check: () => undefined,
    })),
    now: () => clock.now(),
    after: (ms, task) => clock.after(ms, task),
  });
  const distributor = startDistributor({
    queue,
    queueName: "end",
    table,
    configOf,
    clock,
    log: { write() {} },
    random: () => 1,
  });
  return {
    queue,
    clock,
    distributor,
    /** Each queue's messages as "queue id"; first level first. */
    async waiting() {
      const found: string[] = [];
      for (const name of names.slice(1)) {
        const consumer = queue.createConsumer(name);
        for (const one of await consumer.dequeueAll(100)) found.push(`${name} ${one.uniqueId}`);
        await consumer.close();
      }
      return found;
    },
    async dead() {
      const { items } = await queue.deadLetters("end", { limit: 10 });
      return items.map(({ uniqueId, error }) => `${uniqueId}: ${error}`);
    },
    async [Symbol.asyncDispose]() {
      await distributor.stop();
      await queue.close();
    },
  };
}

Deno.test("[QD9] a message goes where its site's configuration says, under its own id", async () => {
  await using bench = await distributing();
  const at = bench.clock.now() - 5_000;
  await bench.queue.publishAll(["acme", "globex"].map((siteId) => ({
    queueName: "end",
    uniqueId: `of ${siteId}`,
    payload: { siteId, text: "hello" },
    at,
  })));
  await until(() => bench.distributor.counts.done === 2, "both are distributed");
  assert.deepEqual(await bench.waiting(), [
    "end.archive of acme",
    "end.archive of globex",
    "end.email of acme",
    "end.webhook of globex",
  ]);
  const one = await bench.queue.createConsumer("end.email").dequeue();
  assert.deepEqual([one?.payload, one?.at], [{ siteId: "acme", text: "hello" }, at]);
  const [first] = await bench.queue.stats();
  assert.deepEqual([first?.ready, first?.inFlight], [0, 0]);
});

Deno.test("[QD9] a message that comes twice goes on once", async () => {
  await using bench = await distributing();
  for (let times = 0; times < 2; times++) {
    await bench.queue.publish("end", "m1", { siteId: "acme" });
    await until(() => bench.distributor.counts.done === 1, "it is distributed");
  }
  // As ops may do with a letter of a message that took effect.
  const message = { queueName: "end", uniqueId: "m1", payload: { siteId: "acme" }, at: 0 };
  await bench.queue.setAside(message, "by mistake");
  await bench.queue.replay("end", "m1");
  await until(() => bench.distributor.counts.done === 2, "it is distributed again");
  assert.deepEqual(await bench.waiting(), ["end.archive m1", "end.email m1"]);
});

Deno.test("[QD9] a message of no site is a dead letter: of no name at once, of none known later", async () => {
  await using bench = await distributing();
  await bench.queue.publish("end", "m1", { siteId: "NO NAME" });
  await bench.queue.publish("end", "m2", {});
  await bench.queue.publish("end", "m3", { siteId: "initech" });
  await until(() => bench.distributor.counts.retried === 1, "the last is tried again");
  assert.equal((await bench.dead()).length, 2);
  await bench.clock.advance(1_000);
  await until(() => bench.distributor.counts.retried === 2, "and again");
  await bench.clock.advance(2_000);
  await until(async () => (await bench.dead()).length === 3, "and is dead");
  assert.equal((await bench.dead()).at(-1), "m3: There is no site initech");
  assert.deepEqual(await bench.waiting(), []);
});

Deno.test("[QD9] while configurations cannot be read a message waits, no attempt used up", async () => {
  let isAway = true;
  await using bench = await distributing(() =>
    isAway ? Promise.reject(new Error("away")) : Promise.resolve(benchConfig())
  );
  await bench.queue.publish("end", "m1", { siteId: "acme" });
  await until(() => bench.distributor.counts.retried === 1, "it is tried");
  await passTime(bench.clock, 120_000);
  assert.ok(bench.distributor.counts.retried > 4, "it is tried again and again");
  isAway = false;
  await until(async () => {
    await passTime(bench.clock, 500);
    return bench.distributor.counts.done === 1;
  }, "it is distributed");
  assert.deepEqual(await bench.dead(), []);
});
