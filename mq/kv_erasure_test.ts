import assert from "node:assert/strict";
import { KvBench } from "../tests/harness/kv_bench.ts";
import type { Consumer } from "./queue.ts";

/** Two pages of messages; m0, which is to be erased, is somewhere else. */
async function benchWith(delayMs: number | "never"): Promise<KvBench> {
  const bench = await KvBench.start();
  const [first, ...rest] = bench.messages(150);
  assert.ok(first);
  await bench.queue.publishAll([{ ...first, payload: { visitor: "v" } }, ...rest]);
  const consumer = bench.queue.createConsumer("jobs");
  const [delivery] = await consumer.dequeueAll(1);
  assert.ok(delivery);
  await consumer.giveBack(delivery, { delayMs, error: "busy" });
  return bench;
}

/** Erases the messages of v, and does something else when so many were looked at. */
async function eraseWhile(bench: KvBench, looked: number, act: () => unknown): Promise<number> {
  let count = 0;
  const acts: unknown[] = [];
  const erased = await bench.queue.erase((_, { visitor }) => {
    if (++count === looked) acts.push(act());
    return visitor === "v";
  });
  await Promise.all(acts);
  assert.ok(count >= looked, `only ${count} were looked at`);
  return erased;
}

Deno.test("[QD25] what is due while an erasure looks through its queue is erased", async () => {
  await using bench = await benchWith(500);
  await bench.clock.advance(600);
  // The first page of ready messages is looked at, and now m0 stands before it.
  assert.equal(await eraseWhile(bench, 1, () => bench.queue.stats()), 1);
  assert.deepEqual(await bench.counts(), [149, 0, 0, 0]);
  assert.equal(await bench.queue.publish("jobs", "m0", {}), "duplicate");
  await bench.kill();
  assert.deepEqual(await bench.counts(), [149, 0, 0, 0]);
});

Deno.test("[QD25] what is replayed while an erasure looks through its queue is erased", async () => {
  await using bench = await benchWith("never");
  // All ready messages are looked at, and the dead letters not yet.
  assert.equal(await eraseWhile(bench, 149, () => bench.queue.replay("jobs", "m0")), 1);
  assert.deepEqual(await bench.counts(), [149, 0, 0, 0]);
  await bench.kill();
  assert.deepEqual(await bench.counts(), [149, 0, 0, 0]);
});

Deno.test("[QD25] wherever a message goes meanwhile, an erasure finds it", async () => {
  for (let looked = 1; looked <= 149; looked += 37) {
    await using bench = await benchWith(500);
    await bench.clock.advance(600);
    const consumer = bench.queue.createConsumer("jobs");
    const erased = await eraseWhile(bench, looked, () => goAround(bench, consumer));
    assert.equal(erased, 1, `at ${looked}`);
    const [ready = 0, delayed = 0, inFlight = 0, dead = 0] = await bench.counts();
    assert.equal(ready + delayed + inFlight + dead, 149, `at ${looked}`);
    assert.equal(await bench.queue.erase((_, { visitor }) => visitor === "v"), 0);
  }
});

/** Messages are handed out, delayed, dead and replayed, as fast as the queue allows. */
async function goAround(bench: KvBench, consumer: Consumer): Promise<void> {
  for (let turn = 0; turn < 40; turn++) {
    await bench.queue.stats();
    const some = await consumer.dequeueAll(30);
    const back = some.map((one, place) => {
      const delayMs = place % 3 === 0 ? "never" : place % 3;
      return consumer.giveBack(one, { delayMs, error: "busy", counts: false });
    });
    await Promise.all(back);
    await bench.clock.advance(1);
    const { items } = await bench.queue.deadLetters("jobs", { limit: 7 });
    for (const { uniqueId } of items) await bench.queue.replay("jobs", uniqueId);
  }
}
