import assert from "node:assert/strict";
import {
  countsOf,
  drain,
  given,
  messages,
  payloadOf,
  type QueueCase,
  queueCase,
  refuses,
  rememberMs,
} from "./queue_case.ts";

const day = 24 * 3_600_000;

/** Publishing: what is refused, what is a repeat, what is all or nothing. */
export const publishCases: readonly QueueCase[] = [
  queueCase("[QD4] a published message is delivered with what it was published with", async (b) => {
    assert.equal(
      await b.queue.publish("jobs", "m1", payloadOf(1, { text: "héllo \u{1f600}" })),
      "published",
    );
    const at = b.now();
    const delivery = given(await b.queue.createConsumer("jobs").dequeue());
    assert.deepEqual(delivery.payload, { n: 1, text: "héllo \u{1f600}" });
    const { queueName, uniqueId, attempt } = delivery;
    assert.deepEqual({ queueName, uniqueId, attempt }, {
      queueName: "jobs",
      uniqueId: "m1",
      attempt: 1,
    });
    assert.ok(Math.abs(delivery.at - at) < 2_000);
  }),
  queueCase(
    "[QD1] a payload that its schema refuses is refused with the path",
    async ({ queue }) => {
      await refuses(() => queue.publish("jobs", "m1", { n: "one" }), "n");
      assert.deepEqual(await drain(queue), []);
    },
  ),
  queueCase("[QD1] an unknown queue is refused, of whatever is asked", async ({ queue }) => {
    await refuses(() => queue.publish("job", "m1", payloadOf(1)), "queueName");
    assert.throws(() => queue.createConsumer("job"), { name: "MessageRefused", path: "queueName" });
    await refuses(() => queue.ack("job", "m1"), "queueName");
    await refuses(() => queue.deadLetters("job", { limit: 1 }), "queueName");
    await refuses(() => queue.replay("job", "m1"), "queueName");
    await refuses(() => queue.drop("job", "m1"), "queueName");
    await refuses(() => queue.pause("job"), "queueName");
    await refuses(() => queue.resume("job"), "queueName");
  }),
  ...["", "x".repeat(257), "a\nb", "é", "a\u0000"].map((uniqueId) =>
    queueCase(`[QD1] a uniqueId ${assertionIdOf(uniqueId)} is refused`, async ({ queue }) => {
      await refuses(() => queue.publish("jobs", uniqueId, payloadOf(1)), "uniqueId");
    })
  ),
  queueCase("[QD1] a uniqueId may be 256 characters of printable ASCII", async ({ queue }) => {
    const uniqueId = ` ~${"!".repeat(254)}`;
    assert.equal(await queue.publish("jobs", uniqueId, payloadOf(1)), "published");
    assert.deepEqual(await drain(queue), [uniqueId]);
  }),
  queueCase("[QD1] a payload over 256 KiB as JSON is refused, one of 256 KiB is not", async (b) => {
    const fits = 256 * 1024 - JSON.stringify({ n: 1, text: "" }).length;
    const { queue } = b;
    await refuses(
      () => queue.publish("jobs", "m1", payloadOf(1, { text: "x".repeat(fits + 1) })),
      "payload",
    );
    // As bytes, not as characters.
    await refuses(
      () => queue.publish("jobs", "m1", payloadOf(1, { text: "é".repeat(fits - 10) })),
      "payload",
    );
    const payload = payloadOf(1, { text: "é".repeat(fits / 2 - 10) });
    assert.equal(await queue.publish("jobs", "m1", payload), "published");
    await b.crash();
    assert.deepEqual(given(await b.queue.createConsumer("jobs").dequeue()).payload, payload);
  }),
  queueCase("[QD1] a payload that is no object, or no JSON, is refused", async ({ queue }) => {
    // Wrong on purpose: what a producer without types might send.
    for (const wrong of [null, [], "n", 1] as unknown as Record<string, unknown>[]) {
      await refuses(() => queue.publish("jobs", "m1", wrong), "payload");
    }
    await refuses(() => queue.publish("jobs", "m1", payloadOf(1, { big: 1n })), "payload");
  }),
  queueCase("[QD1] a time that is none is refused", async ({ queue }) => {
    for (const at of [NaN, -1, 1.5, Infinity]) {
      const message = { queueName: "jobs", uniqueId: "m1", payload: payloadOf(1), at };
      await refuses(() => queue.publishAll([message]), "at");
    }
  }),
  queueCase("[QD1 QD3] one bad message among good ones publishes none", async (bench) => {
    const { queue } = bench;
    const bad = { queueName: "jobs", uniqueId: "bad", payload: {}, at: bench.now() };
    await refuses(() => queue.publishAll([...messages(bench, 1, 5), bad]), "n");
    assert.deepEqual(await drain(queue), []);
  }),
  queueCase("[QD1] more than 500 messages at once are refused", async (bench) => {
    await refuses(() => bench.queue.publishAll(messages(bench, 1, 501)), "messages");
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 0]);
  }),
  queueCase("[QD3] no messages are published at once", async ({ queue }) => {
    assert.deepEqual(await queue.publishAll([]), []);
  }),
  queueCase("[QD3] 500 messages to several queues are there after a kill", async (bench) => {
    const three = ["jobs", "mails", "hooks"].flatMap((name) => messages(bench, 1, 166, name));
    const results = await bench.queue.publishAll(three);
    assert.deepEqual(new Set(results), new Set(["published"]));
    await bench.crash();
    for (const name of ["jobs", "mails", "hooks"]) {
      assert.deepEqual(
        await drain(bench.queue, name),
        messages(bench, 1, 166).map((m) => m.uniqueId),
      );
    }
  }),
  queueCase("[QD3] messages too big for one transaction are published as one", async (bench) => {
    const text = "x".repeat(200_000);
    const big = messages(bench, 1, 12).map((one) => ({
      ...one,
      payload: { ...one.payload, text },
    }));
    assert.equal((await bench.queue.publishAll(big)).length, 12);
    assert.deepEqual(new Set(await bench.queue.publishAll(big)), new Set(["duplicate"]));
    await bench.crash();
    assert.deepEqual(await drain(bench.queue), big.map(({ uniqueId }) => uniqueId));
    assert.deepEqual(await countsOf(bench.queue), [0, 0, 0, 0]);
  }),
  queueCase("[QD3] 500 messages with the longest ids are published as one", async (bench) => {
    const long = messages(bench, 1, 500).map((one) => ({
      ...one,
      uniqueId: one.uniqueId.padEnd(256, "-"),
    }));
    assert.deepEqual(new Set(await bench.queue.publishAll(long)), new Set(["published"]));
    await bench.crash();
    assert.deepEqual(await drain(bench.queue), long.map(({ uniqueId }) => uniqueId));
  }),
  queueCase(
    "[QD2] an id that is ready, in flight, delayed, dead or consumed is a duplicate",
    async (b) => {
      const { queue } = b;
      const again = async () =>
        assert.equal(await queue.publish("jobs", "m1", payloadOf(9)), "duplicate");
      await queue.publish("jobs", "m1", payloadOf(1));
      await again();
      const consumer = queue.createConsumer("jobs");
      const first = given(await consumer.dequeue());
      await again();
      await consumer.giveBack(first, { delayMs: 50, error: "later" });
      await again();
      await b.advance(60);
      const second = given(await consumer.dequeue());
      assert.equal(second.payload.n, 1);
      await consumer.giveBack(second, { delayMs: "never", error: "no" });
      await again();
      await queue.replay("jobs", "m1");
      await again();
      assert.deepEqual(await drain(queue), ["m1"]);
      await again();
      assert.deepEqual(await drain(queue), []);
    },
    ["dedupesPublish"],
  ),
  queueCase("[QD2] an id counts in its own queue only", async ({ queue }) => {
    assert.equal(await queue.publish("jobs", "m1", payloadOf(1)), "published");
    assert.equal(await queue.publish("mails", "m1", payloadOf(1)), "published");
  }),
  queueCase("[QD2] an id twice in one call is published once", async (bench) => {
    const [one] = messages(bench, 1, 1);
    assert.ok(one);
    assert.deepEqual(await bench.queue.publishAll([one, one]), ["published", "duplicate"]);
    assert.deepEqual(await drain(bench.queue), ["m1"]);
  }, ["dedupesPublish"]),
  queueCase("[QD2] of 50 publishers of one id one succeeds", async ({ queue }) => {
    const calls = Array.from({ length: 50 }, () => queue.publish("jobs", "m1", payloadOf(1)));
    const results = await Promise.all(calls);
    assert.equal(results.filter((one) => one === "published").length, 1);
    assert.deepEqual(await drain(queue), ["m1"]);
  }, ["dedupesPublish"]),
  queueCase("[QD2] a consumed id is a duplicate also after a kill", async (bench) => {
    await bench.queue.publish("jobs", "m1", payloadOf(1));
    await drain(bench.queue);
    await bench.crash();
    assert.equal(await bench.queue.publish("jobs", "m1", payloadOf(1)), "duplicate");
  }, ["dedupesPublish"]),
  queueCase("[QD2] what was in two brokers is consumed once", async (bench) => {
    // Compensation publishes here what a remote broker kept, part of which got here too. [MQ8]
    await bench.queue.publishAll(messages(bench, 1, 60));
    const consumed = [await drain(bench.queue)];
    const results = await bench.queue.publishAll(messages(bench, 41, 100));
    assert.equal(results.filter((one) => one === "duplicate").length, 20);
    consumed.push(await drain(bench.queue));
    assert.equal(new Set(consumed.flat()).size, 100);
    assert.equal(consumed.flat().length, 100);
  }, ["dedupesPublish"]),
  queueCase("[QD13] a message older than ids are remembered for is set aside", async (bench) => {
    const { queue } = bench;
    const [one] = messages(bench, 1, 1);
    assert.ok(one);
    const old = { ...one, at: bench.now() - rememberMs - 1_000 };
    const just = { ...one, uniqueId: "m2", at: bench.now() - rememberMs + 60_000 };
    assert.deepEqual(await queue.publishAll([old, just, old]), [
      "set_aside",
      "published",
      "set_aside",
    ]);
    assert.deepEqual(await queue.publishAll([old]), ["set_aside"]);
    assert.deepEqual(await countsOf(queue), [1, 0, 0, 1]);
    const { items: [letter] } = await queue.deadLetters("jobs", { limit: 10 });
    assert.equal(letter?.kind, "set_aside");
    assert.equal(letter?.attempts, 0);
    assert.equal(letter?.at, old.at);
    assert.equal(await queue.replay("jobs", "m1"), true);
    assert.deepEqual(await drain(queue), ["m2", "m1"]);
  }, ["dedupesPublish"]),
  queueCase("[QD24] a message that waited too long is forwarded all the same", async (bench) => {
    const { queue } = bench;
    const [one] = messages(bench, 1, 1);
    assert.ok(one);
    await queue.publishAll([one]);
    await queue.pause("jobs");
    await bench.advance(rememberMs + day);
    await queue.resume("jobs");
    await queue.tidy();
    const consumer = queue.createConsumer("jobs");
    const delivery = given(await consumer.dequeue());
    const on = { ...one, queueName: "mails" };
    assert.equal(await consumer.forward(delivery, [on]), "done");
    assert.deepEqual(await countsOf(queue, "mails"), [1, 0, 0, 0]);
    assert.equal(await consumer.forward(delivery, [on]), "lost");
    const [mail] = await queue.createConsumer("mails").dequeueAll(10);
    assert.deepEqual([given(mail).uniqueId, given(mail).at], ["m1", one.at]);
    // Published, it may be a repeat, as before.
    assert.deepEqual(await queue.publishAll([{ ...on, uniqueId: "m2" }]), ["set_aside"]);
  }, ["forwardsOnce", "virtualTime"]),
  queueCase("[QD13] an id is forgotten after its time, and not before", async (bench) => {
    await bench.queue.publishAll(messages(bench, 1, 300));
    await drain(bench.queue);
    await bench.advance(rememberMs - 1_000);
    await bench.queue.tidy();
    assert.deepEqual(
      new Set(await bench.queue.publishAll(messages(bench, 1, 300))),
      new Set(["duplicate"]),
    );
    await bench.advance(2 * day);
    await bench.queue.tidy();
    assert.deepEqual(
      new Set(await bench.queue.publishAll(messages(bench, 1, 300))),
      new Set(["published"]),
    );
  }, ["dedupesPublish", "virtualTime"]),
  queueCase("[QD13] an id that is live again is not forgotten", async (bench) => {
    const { queue } = bench;
    const [one] = messages(bench, 1, 1);
    assert.ok(one);
    await queue.publishAll([one]);
    await drain(queue);
    await queue.setAside(one, "the broker refused it");
    await queue.replay("jobs", "m1");
    await bench.advance(rememberMs + 2 * day);
    await queue.tidy();
    assert.equal(await queue.publish("jobs", "m1", payloadOf(1)), "duplicate");
    assert.deepEqual(await drain(queue), ["m1"]);
  }, ["dedupesPublish", "virtualTime"]),
];

function assertionIdOf(uniqueId: string): string {
  return uniqueId.length > 20 ? `of ${uniqueId.length} characters` : JSON.stringify(uniqueId);
}
