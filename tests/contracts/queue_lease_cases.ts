import assert from "node:assert/strict";
import type { Consumer, Delivery } from "../../mq/queue.ts";
import type { QueueBench } from "./queue_driver.ts";
import {
  attemptsMax,
  countsOf,
  drain,
  given,
  idsOf,
  leaseMs,
  messages,
  payloadOf,
  type QueueCase,
  queueCase,
  refuses,
} from "./queue_case.ts";

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, place) => `m${from + place}`);

/** What a delivery that is no longer held is told, whatever it asks. */
async function isLost(bench: QueueBench, delivery: Delivery): Promise<void> {
  const { queueName } = delivery;
  const consumer = bench.queue.createConsumer(queueName);
  const other = { queueName: "mails", uniqueId: "x1", payload: payloadOf(1), at: bench.now() };
  assert.deepEqual(await consumer.ackAll([delivery]), ["lost"]);
  assert.deepEqual(await consumer.extend([delivery]), ["lost"]);
  assert.equal(await consumer.giveBack(delivery, { delayMs: 0, error: "late" }), "lost");
  assert.equal(await consumer.giveBack(delivery, { delayMs: "never", error: "late" }), "lost");
  assert.equal(await consumer.forward(delivery, [other]), "lost");
  await consumer.close();
}

/** Everything that is ready; a look may bring fewer than it asked for. */
async function takeAll(consumer: Consumer): Promise<Delivery[]> {
  const all: Delivery[] = [];
  while (true) {
    const some = await consumer.dequeueAll(500);
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** Delivering: leases, order, retries, several consumers. */
export const leaseCases: readonly QueueCase[] = [
  queueCase(
    "[QD10] messages come in the order of publishing, over calls and batches",
    async (b) => {
      await b.queue.publishAll(messages(b, 1, 300));
      for (let n = 301; n <= 310; n++) await b.queue.publish("jobs", `m${n}`, payloadOf(n));
      assert.deepEqual(await drain(b.queue), numbered(1, 310));
    },
  ),
  queueCase("[QD10] a backlog larger than memory's share comes in order", async (bench) => {
    for (let from = 1; from < 5_000; from += 500) {
      await bench.queue.publishAll(messages(bench, from, from + 499));
    }
    assert.deepEqual(await drain(bench.queue), numbered(1, 5_000));
  }),
  queueCase("[QD10] a message that is retried keeps its place", async (bench) => {
    const { queue } = bench;
    await queue.publishAll(messages(bench, 1, 5));
    const consumer = queue.createConsumer("jobs");
    const [first, second] = await consumer.dequeueAll(2);
    await consumer.giveBack(given(second), { delayMs: 100, error: "later" });
    await consumer.giveBack(given(first), { delayMs: 0, error: "again" });
    assert.equal(given(await consumer.dequeue()).uniqueId, "m1");
    await bench.advance(150);
    assert.deepEqual(idsOf(await consumer.dequeueAll(10)), numbered(2, 5));
    await consumer.close();
  }, ["retriesInPlace"]),
  queueCase("[QD10] consumers share a queue: each message goes to one of them", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 200));
    const consumers = Array.from({ length: 8 }, () => bench.queue.createConsumer("jobs"));
    const taken = await Promise.all(consumers.map((one) => one.dequeueAll(10)));
    assert.ok(taken.every((some) => some.length > 0), "everybody got some");
    const ids = taken.flatMap(idsOf);
    assert.equal(new Set(ids).size, ids.length);
    await Promise.all(consumers.map((one) => one.close()));
    assert.equal((await drain(bench.queue)).length, 200);
  }),
  queueCase("[QD10] consumers that wait are served in turn", async (bench) => {
    const consumers = Array.from({ length: 3 }, () => bench.queue.createConsumer("jobs"));
    const waiting = consumers.map((one) => one.dequeue(30_000));
    for (let n = 1; n <= 3; n++) await bench.queue.publish("jobs", `m${n}`, payloadOf(n));
    const ids = (await Promise.all(waiting)).map((one) => given(one).uniqueId);
    assert.deepEqual(ids.toSorted(), numbered(1, 3));
  }),
  queueCase("[QD10] three messages published together reach three that wait", async (bench) => {
    const consumers = Array.from({ length: 3 }, () => bench.queue.createConsumer("jobs"));
    const waiting = consumers.map((one) => one.dequeue(30_000));
    await bench.queue.publishAll(messages(bench, 1, 3));
    const ids = (await Promise.all(waiting)).map((one) => given(one).uniqueId);
    assert.deepEqual(ids.toSorted(), numbered(1, 3));
  }),
  queueCase("[QD10] one queue's backlog does not delay another queue", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 500));
    await bench.queue.publish("mails", "m1", payloadOf(1));
    assert.equal(given(await bench.queue.createConsumer("mails").dequeue()).uniqueId, "m1");
  }),
  queueCase(
    "[QD4] waiting ends when nothing comes, and looking waits for nothing",
    async (bench) => {
      const consumer = bench.queue.createConsumer("jobs");
      assert.equal(await consumer.dequeue(), undefined);
      const waiting = consumer.dequeueAll(5, 200);
      await bench.advance(250);
      assert.deepEqual(await waiting, []);
    },
  ),
  queueCase("[QD4] an acked message does not come again", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 3));
    assert.deepEqual(await drain(bench.queue), numbered(1, 3));
    await bench.advance(2 * leaseMs);
    await bench.reopen();
    assert.deepEqual(await drain(bench.queue), []);
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 0]);
  }),
  queueCase("[QD4] ack by id acks what is held under it", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    assert.equal(await bench.queue.ack("jobs", "m1"), "lost");
    await bench.queue.createConsumer("jobs").dequeue();
    assert.equal(await bench.queue.ack("jobs", "m1"), "done");
    assert.equal(await bench.queue.ack("jobs", "m1"), "lost");
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 0]);
  }),
  queueCase("[QD4] acks answer in order, each for itself", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 500));
    const consumer = bench.queue.createConsumer("jobs");
    const all = await takeAll(consumer);
    assert.equal(all.length, 500);
    const wrong = { ...given(all[1]), lease: "another" };
    const [one, two, ...rest] = await consumer.ackAll([given(all[0]), wrong, ...all.slice(2)]);
    assert.deepEqual([one, two], ["done", "lost"]);
    assert.ok(rest.every((result) => result === "done"));
    await consumer.close();
    assert.deepEqual(await drain(bench.queue), ["m2"]);
  }),
  queueCase("[QD4 QD5] a lease that ends gives the message to somebody else", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    const slow = bench.queue.createConsumer("jobs");
    const late = given(await slow.dequeue());
    await bench.advance(leaseMs - 200);
    assert.equal(await slow.dequeue(), undefined);
    await bench.advance(400);
    const next = bench.queue.createConsumer("jobs");
    const again = given(await next.dequeue());
    assert.equal(again.attempt, 2);
    assert.notEqual(again.lease, late.lease);
    await isLost(bench, late);
    assert.equal(await bench.queue.ack("jobs", "m1"), "done");
    await isLost(bench, again);
    assert.deepEqual(await countsOf(bench.queue, "mails"), [0, 0, 0, 0]);
  }),
  queueCase("[QD5] a lease that ended is lost also when nobody took it over", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    const late = given(await bench.queue.createConsumer("jobs").dequeue());
    await bench.advance(leaseMs + 100);
    await isLost(bench, late);
    assert.deepEqual(await drain(bench.queue), ["m1"]);
  }),
  queueCase("[QD4] whoever waits gets a message whose lease ends meanwhile", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    await bench.queue.createConsumer("jobs").dequeue();
    const waiting = bench.queue.createConsumer("jobs").dequeue(10 * leaseMs);
    await bench.advance(leaseMs + 100);
    assert.equal(given(await waiting).attempt, 2);
  }),
  queueCase("[QD4] an extended lease goes on", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    const consumer = bench.queue.createConsumer("jobs");
    assert.equal(consumer.leaseMs, leaseMs);
    const delivery = given(await consumer.dequeue());
    for (let times = 0; times < 3; times++) {
      await bench.advance(leaseMs - 300);
      assert.deepEqual(await consumer.extend([delivery]), ["done"]);
    }
    assert.equal(await consumer.dequeue(), undefined);
    assert.deepEqual(await consumer.ackAll([delivery]), ["done"]);
  }),
  queueCase(
    "[QD4 QD5] a killed process loses nothing, and what it held is lost to it",
    async (b) => {
      await b.queue.publishAll(messages(b, 1, 10));
      const held = await b.queue.createConsumer("jobs").dequeueAll(4);
      await b.queue.createConsumer("jobs").ackAll(held.slice(0, 1));
      await b.crash();
      await b.advance(leaseMs + 100);
      const consumer = b.queue.createConsumer("jobs");
      const again = await consumer.dequeueAll(20);
      assert.deepEqual(idsOf(again), numbered(2, 10));
      assert.deepEqual(again.slice(0, 4).map(({ attempt }) => attempt), [2, 2, 2, 1]);
      await isLost(b, given(held[1]));
    },
  ),
  queueCase(
    "[QD6] a message that kills its process each time becomes a dead letter",
    async (bench) => {
      await bench.queue.publish("jobs", "m1", payloadOf(1));
      for (let attempt = 1; attempt <= attemptsMax + 1; attempt++) {
        assert.equal(given(await bench.queue.createConsumer("jobs").dequeue()).attempt, attempt);
        await bench.crash();
        await bench.advance(leaseMs + 100);
      }
      assert.equal(await bench.queue.createConsumer("jobs").dequeue(), undefined);
      assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 1]);
    },
  ),
  queueCase(
    "[QD6] a failed delivery comes again after its delay, and not before",
    async (bench) => {
      await bench.queue.publish("jobs", "m1", payloadOf(1));
      const consumer = bench.queue.createConsumer("jobs");
      const first = given(await consumer.dequeue());
      assert.equal(await consumer.giveBack(first, { delayMs: 400, error: "busy" }), "done");
      assert.deepEqual(await countsOf(bench.queue), [0, 1, 0, 0]);
      assert.equal(await consumer.dequeue(), undefined);
      await bench.advance(200);
      assert.equal(await consumer.dequeue(), undefined);
      const waiting = consumer.dequeue(10_000);
      await bench.advance(250);
      assert.equal(given(await waiting).attempt, 2);
    },
  ),
  queueCase("[QD6] a delay goes on over a restart", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    const consumer = bench.queue.createConsumer("jobs");
    await consumer.giveBack(given(await consumer.dequeue()), { delayMs: 3_000, error: "busy" });
    await bench.reopen();
    assert.deepEqual(await countsOf(bench.queue), [0, 1, 0, 0]);
    const waiting = bench.queue.createConsumer("jobs").dequeue(10_000);
    await bench.advance(3_100);
    assert.equal(given(await waiting).attempt, 2);
  }),
  queueCase("[QD6] many delayed messages come when they are due", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 500));
    await bench.queue.publishAll(messages(bench, 501, 1_000));
    const consumer = bench.queue.createConsumer("jobs");
    const all = await takeAll(consumer);
    await Promise.all(all.map((one) => consumer.giveBack(one, { delayMs: 500, error: "busy" })));
    assert.deepEqual(await countsOf(bench.queue), [0, 1_000, 0, 0]);
    await bench.advance(600);
    assert.deepEqual(await countsOf(bench.queue), [1_000, 0, 0, 0]);
    assert.deepEqual(await drain(bench.queue), numbered(1, 1_000));
  }),
  queueCase("[QD6] after its last attempt a message is a dead letter", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    const consumer = bench.queue.createConsumer("jobs");
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const delivery = given(await consumer.dequeue());
      assert.equal(delivery.attempt, attempt);
      await consumer.giveBack(delivery, { delayMs: 0, error: `failure ${attempt}` });
    }
    assert.equal(await consumer.dequeue(), undefined);
    const { items: [letter] } = await bench.queue.deadLetters("jobs", { limit: 10 });
    assert.equal(letter?.error, "failure 3");
    assert.equal(letter?.attempts, attemptsMax);
    assert.equal(letter?.kind, "dead");
  }),
  queueCase("[QD6] after its last lease ends a message is a dead letter", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 2));
    const consumer = bench.queue.createConsumer("jobs");
    for (let attempt = 1; attempt <= attemptsMax + 1; attempt++) {
      const [one] = await consumer.dequeueAll(1);
      assert.equal(given(one).uniqueId, "m1");
      await bench.advance(leaseMs + 100);
    }
    assert.deepEqual(idsOf(await consumer.dequeueAll(5)), ["m2"]);
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 1, 1]);
  }),
  queueCase("[QD6] poison is a dead letter at once, and its neighbours go on", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 3));
    const consumer = bench.queue.createConsumer("jobs");
    const [one, two, three] = await consumer.dequeueAll(3);
    const never = { delayMs: "never", error: "n: no" } as const;
    assert.equal(await consumer.giveBack(given(two), never), "done");
    assert.deepEqual(await consumer.ackAll([given(one), given(three)]), ["done", "done"]);
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 1]);
  }),
  queueCase("[QD6] not yet uses up no attempt", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    const consumer = bench.queue.createConsumer("jobs");
    for (let times = 0; times < 3 * attemptsMax; times++) {
      const delivery = given(await consumer.dequeue());
      assert.equal(delivery.attempt, 1);
      await consumer.giveBack(delivery, { delayMs: 0, error: "not yet", counts: false });
    }
    assert.deepEqual(await drain(bench.queue), ["m1"]);
  }),
  queueCase(
    "[QD16] a closed consumer's messages are ready at once, no attempt used",
    async (bench) => {
      await bench.queue.publishAll(messages(bench, 1, 5));
      const consumer = bench.queue.createConsumer("jobs");
      const [one] = await consumer.dequeueAll(3);
      await consumer.ackAll([given(one)]);
      await consumer.close();
      assert.deepEqual(await consumer.dequeueAll(5), []);
      const others = await bench.queue.createConsumer("jobs").dequeueAll(10);
      assert.deepEqual(idsOf(others), numbered(2, 5));
      assert.ok(others.every(({ attempt }) => attempt === 1));
    },
  ),
  queueCase("[QD16] closing ends waiting", async (bench) => {
    const consumer = bench.queue.createConsumer("jobs");
    const waiting = consumer.dequeue(60_000);
    await consumer.close();
    assert.equal(await waiting, undefined);
  }),
  queueCase("[QD16] a restart in order returns leases at once, no attempt used", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 3));
    const held = await bench.queue.createConsumer("jobs").dequeueAll(2);
    await bench.reopen();
    assert.deepEqual(await countsOf(bench.queue), [3, 0, 0, 0]);
    const again = await bench.queue.createConsumer("jobs").dequeueAll(5);
    assert.deepEqual(again.map(({ attempt }) => attempt), [1, 1, 1]);
    await isLost(bench, given(held[0]));
  }),
  queueCase("[QD17] forwarding acks the one and publishes the others", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    const consumer = bench.queue.createConsumer("jobs");
    const delivery = given(await consumer.dequeue());
    const ons = ["mails", "hooks"].flatMap((name) => messages(bench, 1, 1, name));
    assert.equal(await consumer.forward(delivery, ons), "done");
    assert.equal(await consumer.forward(delivery, ons), "lost");
    await bench.crash();
    for (const name of ["mails", "hooks"]) assert.deepEqual(await drain(bench.queue, name), ["m1"]);
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 0]);
  }, ["forwardsOnce"]),
  queueCase("[QD17] forwarding to nobody is an ack", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    const consumer = bench.queue.createConsumer("jobs");
    assert.equal(await consumer.forward(given(await consumer.dequeue()), []), "done");
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 0]);
  }),
  queueCase("[QD17] big payloads are forwarded in one, too", async (bench) => {
    const payload = payloadOf(1, { text: "x".repeat(250_000) });
    await bench.queue.publish("jobs", "m1", payload);
    const consumer = bench.queue.createConsumer("jobs");
    const delivery = given(await consumer.dequeue());
    const ons = ["mails", "hooks"].flatMap((name) => messages(bench, 1, 3, name)).map((one) => ({
      ...one,
      payload,
    }));
    assert.equal(await consumer.forward(delivery, ons), "done");
    await bench.crash();
    for (const name of ["mails", "hooks"]) {
      assert.deepEqual(await drain(bench.queue, name), numbered(1, 3));
    }
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 0]);
  }, ["forwardsOnce"]),
  queueCase("[QD17 QD1] forwarding what is refused leaves the message in hand", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    const consumer = bench.queue.createConsumer("jobs");
    const delivery = given(await consumer.dequeue());
    const bad = { queueName: "mails", uniqueId: "m1", payload: {}, at: bench.now() };
    await refuses(() => consumer.forward(delivery, [bad]), "n");
    assert.deepEqual(await consumer.ackAll([delivery]), ["done"]);
  }),
  queueCase(
    "[QD17 QD2] what was forwarded before a lost ack is not forwarded twice",
    async (bench) => {
      await bench.queue.publish("jobs", "m1", payloadOf(1));
      await bench.queue.publishAll(messages(bench, 1, 1, "mails"));
      const consumer = bench.queue.createConsumer("jobs");
      const delivery = given(await consumer.dequeue());
      assert.equal(await consumer.forward(delivery, messages(bench, 1, 1, "mails")), "done");
      assert.deepEqual(await drain(bench.queue, "mails"), ["m1"]);
    },
    ["dedupesPublish"],
  ),
];
