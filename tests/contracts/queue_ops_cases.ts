import assert from "node:assert/strict";
import {
  countsOf,
  drain,
  given,
  idsOf,
  leaseMs,
  messages,
  payloadOf,
  type QueueCase,
  queueCase,
  rememberMs,
  statsOf,
} from "./queue_case.ts";
import type { QueueBench } from "./queue_driver.ts";

/** Makes dead letters of messages from..to. */
async function bury(bench: QueueBench, from: number, to: number): Promise<void> {
  await bench.queue.publishAll(messages(bench, from, to));
  const consumer = bench.queue.createConsumer("jobs");
  for (const one of await consumer.dequeueAll(to - from + 1)) {
    await consumer.giveBack(one, { delayMs: "never", error: `no ${one.uniqueId}` });
  }
  await consumer.close();
}

/** What ops do: dead letters, pause, numbers, erasure. */
export const opsCases: readonly QueueCase[] = [
  queueCase("[QD11] dead letters are read page by page, oldest first", async (bench) => {
    await bury(bench, 1, 25);
    await bench.crash();
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await bench.queue.deadLetters("jobs", { after, limit: 10 });
      assert.ok(page.items.length <= 10);
      ids.push(...page.items.map(({ uniqueId }) => uniqueId));
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual(ids, Array.from({ length: 25 }, (_, place) => `m${place + 1}`));
  }),
  queueCase("[QD11] a dead letter shows all that is known of it", async (bench) => {
    const { queue } = bench;
    const diedAfter = bench.now();
    await bury(bench, 1, 1);
    const { items: [letter], next } = await queue.deadLetters("jobs", { limit: 10 });
    assert.equal(next, undefined);
    const { at, diedAt, ...rest } = given(letter);
    assert.deepEqual(rest, {
      queueName: "jobs",
      uniqueId: "m1",
      payload: { n: 1 },
      attempts: 1,
      kind: "dead",
      error: "no m1",
    });
    assert.ok(at <= diedAt && diedAt >= diedAfter);
  }),
  queueCase("[QD11] a replayed letter is delivered as if new", async (bench) => {
    const { queue } = bench;
    await bury(bench, 1, 2);
    assert.equal(await queue.replay("jobs", "m1"), true);
    assert.equal(await queue.replay("jobs", "m1"), false);
    assert.deepEqual(await countsOf(queue), [1, 0, 0, 1]);
    await bench.crash();
    const consumer = bench.queue.createConsumer("jobs");
    const delivery = given(await consumer.dequeue());
    assert.equal(delivery.attempt, 1);
    assert.deepEqual(delivery.payload, { n: 1 });
    await consumer.giveBack(delivery, { delayMs: "never", error: "still no" });
    const { items } = await bench.queue.deadLetters("jobs", { limit: 10 });
    assert.deepEqual(items.map(({ uniqueId }) => uniqueId), ["m2", "m1"]);
    assert.equal(items[1]?.error, "still no");
  }),
  queueCase("[QD11] a replay wakes who waits", async (bench) => {
    await bury(bench, 1, 1);
    const waiting = bench.queue.createConsumer("jobs").dequeue(60_000);
    await bench.queue.replay("jobs", "m1");
    assert.equal(given(await waiting).uniqueId, "m1");
  }),
  queueCase("[QD11 QD2] a dropped letter is gone, and its id stays taken", async (bench) => {
    const { queue } = bench;
    await bury(bench, 1, 1);
    assert.equal(await queue.drop("jobs", "m1"), true);
    assert.equal(await queue.drop("jobs", "m1"), false);
    assert.equal(await queue.replay("jobs", "m1"), false);
    assert.deepEqual(await countsOf(queue), [0, 0, 0, 0]);
    assert.equal(await queue.publish("jobs", "m1", payloadOf(1)), "duplicate");
  }, ["dedupesPublish"]),
  queueCase("[QD11] what cannot be published is set aside, with its error", async (bench) => {
    const { queue } = bench;
    // Its payload is what its queue refuses.
    const message = { queueName: "jobs", uniqueId: "m1", payload: { n: "x" }, at: bench.now() };
    await queue.setAside(message, "n: an integer is needed");
    await queue.setAside(message, "again");
    await bench.crash();
    const { items } = await bench.queue.deadLetters("jobs", { limit: 10 });
    assert.equal(items.length, 1);
    assert.deepEqual(items[0]?.payload, { n: "x" });
    assert.equal(items[0]?.error, "again");
    assert.equal(items[0]?.kind, "set_aside");
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 1]);
  }),
  queueCase("[QD11] setting aside does not take an id", async (bench) => {
    const { queue } = bench;
    const [one] = messages(bench, 1, 1);
    await queue.setAside(given(one), "the broker refused it");
    assert.equal(await queue.publish("jobs", "m1", payloadOf(1)), "published");
    // The letter speaks of a message that is on its way: a replay does not double it.
    assert.equal(await queue.replay("jobs", "m1"), true);
    assert.deepEqual(await drain(queue), ["m1"]);
    assert.deepEqual(await countsOf(queue), [0, 0, 0, 0]);
  }, ["dedupesPublish"]),
  queueCase("[QD11] a payload too big to be published is set aside without it", async (bench) => {
    const payload = payloadOf(1, { text: "x".repeat(300_000) });
    const message = { queueName: "jobs", uniqueId: "m1", payload, at: bench.now() };
    await bench.queue.setAside(message, "too big");
    const { items: [letter] } = await bench.queue.deadLetters("jobs", { limit: 1 });
    assert.equal(letter?.error, "too big");
    assert.match(JSON.stringify(letter?.payload), /at most 262144/);
  }),
  queueCase("[QD12] a paused queue takes messages and hands none out", async (bench) => {
    const { queue } = bench;
    await queue.publishAll(messages(bench, 1, 2));
    const consumer = queue.createConsumer("jobs");
    const held = given(await consumer.dequeue());
    await queue.pause("jobs");
    assert.equal(await consumer.dequeue(), undefined);
    assert.equal(await queue.publish("jobs", "m3", payloadOf(3)), "published");
    assert.deepEqual(await consumer.ackAll([held]), ["done"]);
    assert.equal((await statsOf(queue)).isPaused, true);
    assert.equal((await statsOf(queue, "mails")).isPaused, false);
    await queue.publish("mails", "m1", payloadOf(1));
    assert.deepEqual(await drain(queue, "mails"), ["m1"]);
    const waiting = consumer.dequeueAll(5, 60_000);
    await queue.resume("jobs");
    assert.deepEqual(idsOf(await waiting), ["m2", "m3"]);
  }),
  queueCase("[QD12] a pause survives a restart and a kill", async (bench) => {
    await bench.queue.pause("jobs");
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    await bench.reopen();
    assert.equal(await bench.queue.createConsumer("jobs").dequeue(), undefined);
    await bench.crash();
    assert.equal((await statsOf(bench.queue)).isPaused, true);
    assert.equal(await bench.queue.createConsumer("jobs").dequeue(), undefined);
    await bench.queue.resume("jobs");
    await bench.crash();
    assert.deepEqual(await drain(bench.queue), ["m1"]);
  }),
  queueCase("[QD14] numbers are exact, also after a kill", async (bench) => {
    const { queue } = bench;
    await queue.publishAll(messages(bench, 1, 10));
    const consumer = queue.createConsumer("jobs");
    const [one, two, three] = await consumer.dequeueAll(4);
    await consumer.ackAll([given(one)]);
    await consumer.giveBack(given(two), { delayMs: "never", error: "no" });
    await consumer.giveBack(given(three), { delayMs: 20 * leaseMs, error: "later" });
    assert.deepEqual(await countsOf(queue), [6, 1, 1, 1]);
    await bench.crash();
    await bench.advance(leaseMs + 100);
    assert.deepEqual(await countsOf(bench.queue), [7, 1, 0, 1]);
    assert.deepEqual(await countsOf(bench.queue, "mails"), [0, 0, 0, 0]);
  }),
  queueCase(
    "[QD14] the oldest message is the oldest by its cause, until it is acked",
    async (bench) => {
      const { queue } = bench;
      assert.equal((await statsOf(queue)).oldestAt, undefined);
      const now = bench.now();
      const ages = [100, 5_000, 3_000, 9_000];
      await queue.publishAll(
        messages(bench, 1, 4).map((one, place) => ({
          ...one,
          at: now - given(ages[place]),
        })),
      );
      assert.equal((await statsOf(queue)).oldestAt, now - 9_000);
      const consumer = queue.createConsumer("jobs");
      const [, two, , four] = await consumer.dequeueAll(4);
      assert.equal((await statsOf(queue)).oldestAt, now - 9_000);
      await consumer.ackAll([given(four)]);
      assert.equal((await statsOf(queue)).oldestAt, now - 5_000);
      await consumer.giveBack(given(two), { delayMs: 60_000, error: "later" });
      await bench.reopen();
      assert.equal((await statsOf(bench.queue)).oldestAt, now - 5_000);
    },
  ),
  queueCase("[QD15] an erasure deletes what is concerned wherever it is kept", async (bench) => {
    const { queue } = bench;
    const of = (n: number, who: string) => ({
      queueName: "jobs",
      uniqueId: `m${n}`,
      payload: payloadOf(n, { who }),
      at: bench.now(),
    });
    await queue.publishAll(Array.from({ length: 8 }, (_, n) => of(n, n % 2 === 0 ? "vik" : "eve")));
    const consumer = queue.createConsumer("jobs");
    const [zero, one, two, three, four] = await consumer.dequeueAll(5);
    for (const delivery of [zero, one]) {
      await consumer.giveBack(given(delivery), { delayMs: 100, error: "later" });
    }
    for (const delivery of [two, three]) {
      await consumer.giveBack(given(delivery), { delayMs: "never", error: "no" });
    }
    await queue.setAside({ ...of(20, "vik"), queueName: "mails" }, "never published");
    const seen: string[] = [];
    const count = await queue.erase((name, payload) => {
      seen.push(name);
      return payload.who === "vik";
    });
    assert.equal(count, 5);
    assert.equal(seen.length, 9);
    // The one in hand is gone, too.
    assert.deepEqual(await consumer.ackAll([given(four)]), ["lost"]);
    assert.deepEqual(await countsOf(queue), [2, 1, 0, 1]);
    assert.deepEqual(await countsOf(queue, "mails"), [0, 0, 0, 0]);
    assert.equal(await queue.publish("jobs", "m0", payloadOf(0)), "duplicate");
    await bench.crash();
    await bench.advance(leaseMs + 100);
    assert.deepEqual(await drain(bench.queue), ["m1", "m5", "m7"]);
    const { items } = await bench.queue.deadLetters("jobs", { limit: 10 });
    assert.deepEqual(items.map(({ uniqueId }) => uniqueId), ["m3"]);
  }, ["dedupesPublish"]),
  queueCase("[QD15] an erasure sees more messages than fit a page", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 450));
    const isOdd = (_: string, { n }: { readonly n?: unknown }) => Number(n) % 2 === 1;
    assert.equal(await bench.queue.erase(isOdd), 225);
    assert.equal((await drain(bench.queue)).length, 225);
  }),
  queueCase("[QD13 QD15] erased ids are forgotten in their time", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 1));
    assert.equal(await bench.queue.erase(() => true), 1);
    await bench.advance(rememberMs + 48 * 3_600_000);
    await bench.queue.tidy();
    assert.equal(await bench.queue.publish("jobs", "m1", payloadOf(1)), "published");
  }, ["dedupesPublish", "virtualTime"]),
];
