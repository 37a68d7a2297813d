import assert from "node:assert/strict";
import { turnOfEvents } from "../harness/event_turns.ts";
import {
  attemptsMax,
  countsOf,
  drain,
  given,
  idsOf,
  leaseMs,
  messages,
  type QueueCase,
  queueCase,
} from "./queue_case.ts";
import type { QueueBench } from "./queue_driver.ts";

/** The process dies as often as a message has attempts, the first 20 of 50 in hand. */
async function crashLoop(bench: QueueBench): Promise<void> {
  await bench.queue.publishAll(messages(bench, 1, 50));
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const batch = await bench.queue.createConsumer("jobs").dequeueAll(20);
    assert.deepEqual(idsOf(batch), numbered(1, 20));
    await die(bench);
  }
}

async function die(bench: QueueBench): Promise<void> {
  await bench.crash();
  await bench.advance(leaseMs + 100);
}

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, place) => `m${from + place}`);
}

/** What becomes of messages whose process dies, or whose consumer never answers. */
export const loneCases: readonly QueueCase[] = [
  queueCase("[QD23] a crash loop of something else makes no dead letters", async (bench) => {
    await crashLoop(bench);
    const ids = await drain(bench.queue);
    assert.deepEqual(ids, numbered(1, 50));
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 0]);
  }),
  queueCase("[QD23] of those in hand when it kills, only the poison dies", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 50));
    const acked: string[] = [];
    let kills = 0;
    while (acked.length < 49) {
      const consumer = bench.queue.createConsumer("jobs");
      const batch = await consumer.dequeueAll(20);
      assert.ok(batch.length > 0 && kills <= attemptsMax + 1);
      if (idsOf(batch).includes("m7")) {
        kills += 1;
        await die(bench);
      } else {
        await consumer.ackAll(batch);
        acked.push(...idsOf(batch));
      }
    }
    assert.equal(await bench.queue.createConsumer("jobs").dequeue(), undefined);
    assert.equal(kills, attemptsMax + 1);
    const { items } = await bench.queue.deadLetters("jobs", { limit: 10 });
    assert.deepEqual(items.map(({ uniqueId }) => uniqueId), ["m7"]);
    assert.equal(items[0]?.attempts, attemptsMax + 1);
    assert.equal(new Set(acked).size, 49);
  }),
  queueCase("[QD23] a death costs no more than the one in hand alone", async (bench) => {
    await crashLoop(bench);
    for (let times = 1; times <= 3; times++) {
      const one = bench.queue.createConsumer("jobs");
      const other = bench.queue.createConsumer("jobs");
      assert.deepEqual(idsOf(await one.dequeueAll(20)), [`m${times}`]);
      assert.deepEqual(await other.dequeueAll(20), [], "nothing else is in hand");
      await die(bench);
    }
    assert.deepEqual(await drain(bench.queue), numbered(4, 50));
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 3]);
  }),
  queueCase("[QD23] an answer in time ends it as any other, and lets the next come", async (b) => {
    await crashLoop(b);
    const one = b.queue.createConsumer("jobs");
    const other = b.queue.createConsumer("jobs");
    const first = given(await one.dequeue());
    assert.equal(first.attempt, attemptsMax + 1);
    const waiting = other.dequeueAll(20, 10_000);
    await turnOfEvents();
    assert.equal(await one.giveBack(first, { delayMs: 0, error: "no" }), "done");
    const [second] = await waiting;
    assert.equal(given(second).uniqueId, "m2");
    await other.giveBack(given(second), { delayMs: 0, error: "not yet", counts: false });
    assert.deepEqual(await drain(b.queue), numbered(2, 50));
    const { items } = await b.queue.deadLetters("jobs", { limit: 10 });
    assert.deepEqual(items.map(({ uniqueId, error }) => [uniqueId, error]), [["m1", "no"]]);
  }),
  queueCase("[QD23] one that hangs alone holds the others up for one lease", async (bench) => {
    await crashLoop(bench);
    const one = bench.queue.createConsumer("jobs");
    const lone = given(await one.dequeue());
    const waiting = bench.queue.createConsumer("jobs").dequeueAll(20, 10 * leaseMs);
    await bench.advance(leaseMs * 0.6);
    assert.deepEqual(await one.extend([lone]), ["done"]);
    await bench.advance(leaseMs * 0.6);
    assert.deepEqual(idsOf(await waiting), ["m2"]);
    assert.deepEqual(await one.ackAll([lone]), ["done"]);
  }),
  queueCase("[QD23] one that is to come alone waits for those in hand", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 3));
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      assert.deepEqual(idsOf(await bench.queue.createConsumer("jobs").dequeueAll(1)), ["m1"]);
      if (attempt < attemptsMax) await die(bench);
    }
    // The last lease of m1 ends while m2 and m3 are in hand, and m3 hangs.
    await bench.advance(leaseMs * 0.6);
    const one = bench.queue.createConsumer("jobs");
    const [two, three] = await one.dequeueAll(2);
    const waiting = bench.queue.createConsumer("jobs").dequeue(10 * leaseMs);
    await bench.advance(leaseMs * 0.5);
    assert.deepEqual(await one.extend([given(two), given(three)]), ["done", "done"]);
    assert.deepEqual(await countsOf(bench.queue), [1, 0, 2, 0]);
    assert.deepEqual(await one.ackAll([given(two)]), ["done"]);
    assert.deepEqual(await countsOf(bench.queue), [1, 0, 1, 0]);
    await bench.advance(leaseMs * 0.6);
    const alone = given(await waiting);
    assert.deepEqual([alone.uniqueId, alone.attempt], ["m1", attemptsMax + 1]);
    assert.deepEqual(await one.ackAll([given(three)]), ["done"]);
  }),
];
