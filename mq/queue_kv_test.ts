import assert from "node:assert/strict";
import { turnOfEvents } from "../tests/harness/event_turns.ts";
import { KvBench, kvDefinitions as definitions } from "../tests/harness/kv_bench.ts";
import { type NewMessage, QueueUnavailable } from "./queue.ts";
import { KvQueue } from "./queue_kv.ts";

/** Transactions that a call needs when all goes well. */
async function commitsOf(messages: (bench: KvBench) => NewMessage[]): Promise<number> {
  await using bench = await KvBench.start();
  bench.kv.commits = 0;
  bench.kv.fail = () => undefined;
  await bench.queue.publishAll(messages(bench));
  return bench.kv.commits;
}

const big = (bench: KvBench) => bench.messages(20, 150_000);

Deno.test("[QD3 QD18] killed at any step of a long publish, all messages are there or none", async () => {
  const steps = await commitsOf(big);
  assert.ok(steps >= 6, `a call of 3 MB takes ${steps} transactions`);
  const outcomes = new Set<number>();
  for (let step = 1; step <= steps; step++) {
    await using bench = await KvBench.start();
    bench.kv.commits = 0;
    bench.kv.fail = (commit) => commit === step ? "dead" : undefined;
    await assert.rejects(() => bench.queue.publishAll(big(bench)), QueueUnavailable);
    await bench.kill();
    const [ready = -1] = await bench.counts();
    assert.ok(ready === 0 || ready === 20, `${ready} messages after a kill at step ${step}`);
    outcomes.add(ready);
    if (ready === 0) assert.deepEqual(await bench.leftovers(), []);
    const results = await bench.queue.publishAll(big(bench));
    const expected = ready === 0 ? "published" : "duplicate";
    assert.deepEqual(new Set(results), new Set([expected]));
    assert.deepEqual(await bench.counts(), [20, 0, 0, 0]);
    const consumer = bench.queue.createConsumer("jobs");
    const all = await consumer.dequeueAll(30);
    assert.deepEqual(all.map(({ payload }) => payload.text), Array(20).fill("x".repeat(150_000)));
    await consumer.ackAll(all);
    assert.deepEqual(await bench.leftovers(), []);
  }
  assert.deepEqual(outcomes, new Set([0, 20]));
});

Deno.test("[QD18] when a transaction fails, or only its answer is lost, a repeat mends it", async () => {
  const steps = await commitsOf(big);
  for (const how of ["before", "after", "before, blind", "after, blind"] as const) {
    for (let step = 1; step <= steps; step++) {
      await using bench = await KvBench.start();
      bench.kv.commits = 0;
      bench.kv.fail = (commit) => commit === step ? how : undefined;
      const publish = () => bench.queue.publishAll(big(bench));
      // What is told by the file in time is as if it had been answered.
      if (how === "after") assert.deepEqual(new Set(await publish()), new Set(["published"]));
      else await assert.rejects(publish, QueueUnavailable);
      await publish();
      const consumer = bench.queue.createConsumer("jobs");
      const ids = new Set<string>();
      for (let some = await consumer.dequeueAll(7); some.length > 0;) {
        for (const { uniqueId } of some) assert.ok(!ids.has(uniqueId), "twice");
        some.forEach(({ uniqueId }) => ids.add(uniqueId));
        await consumer.ackAll(some);
        some = await consumer.dequeueAll(7);
      }
      assert.equal(ids.size, 20, `${how} ${step}`);
      await bench.kill();
      assert.deepEqual(await bench.counts(), [0, 0, 0, 0], `${how} ${step}`);
      assert.deepEqual(await bench.leftovers(), []);
    }
  }
});

Deno.test("[QD18] a small publish that was written, its answer lost, is there after a kill", async () => {
  await using bench = await KvBench.start();
  bench.kv.fail = () => "after, blind";
  await assert.rejects(() => bench.queue.publish("jobs", "m0", {}), QueueUnavailable);
  bench.kv.fail = undefined;
  assert.equal(await bench.queue.publish("jobs", "m0", {}), "duplicate");
  await bench.kill();
  assert.deepEqual(await bench.counts(), [1, 0, 0, 0]);
});

Deno.test("[QD18] what could not be written of a delivery can be asked again", async () => {
  await using bench = await KvBench.start();
  await bench.queue.publishAll(bench.messages(3));
  const consumer = bench.queue.createConsumer("jobs");
  bench.kv.fail = () => "before";
  await assert.rejects(() => consumer.dequeueAll(3), QueueUnavailable);
  bench.kv.fail = undefined;
  const [one, two, three] = await consumer.dequeueAll(3);
  assert.ok(one && two && three);
  assert.deepEqual([one.attempt, two.attempt], [1, 1]);
  bench.kv.fail = () => "before";
  await assert.rejects(() => consumer.ackAll([one]), QueueUnavailable);
  await assert.rejects(() => consumer.giveBack(two, { delayMs: 5, error: "" }), QueueUnavailable);
  await assert.rejects(() => consumer.forward(three, []), QueueUnavailable);
  await assert.rejects(() => bench.queue.pause("jobs"), QueueUnavailable);
  bench.kv.fail = undefined;
  assert.deepEqual(await bench.counts(), [0, 0, 3, 0]);
  assert.deepEqual(await consumer.ackAll([one]), ["done"]);
  assert.equal(await consumer.giveBack(two, { delayMs: "never", error: "" }), "done");
  assert.equal(await consumer.forward(three, bench.messages(1, 1, "mails")), "done");
  assert.deepEqual(await bench.counts(), [0, 0, 0, 1]);
  assert.deepEqual(await bench.counts("mails"), [1, 0, 0, 0]);
});

Deno.test("[QD18] a queue that is closed says so", async () => {
  await using bench = await KvBench.start();
  const consumer = bench.queue.createConsumer("jobs");
  await bench.queue.close();
  await assert.rejects(() => bench.queue.publish("jobs", "m0", {}), QueueUnavailable);
  await assert.rejects(() => bench.queue.deadLetters("jobs", { limit: 1 }), QueueUnavailable);
  assert.deepEqual(await consumer.dequeueAll(1), []);
});

Deno.test("[QD18] a file that cannot be opened is told by its path", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/none/queue.kv`;
  await assert.rejects(
    () => KvQueue.open({ path, definitions, now: () => 0 }),
    (error) => error instanceof QueueUnavailable && error.message.includes(path),
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[QD3] calls that wait at the same time share a transaction", async () => {
  await using bench = await KvBench.start();
  bench.kv.fail = () => undefined;
  const calls = bench.messages(100).map((one) => bench.queue.publishAll([one]));
  await Promise.all(calls);
  assert.ok(bench.kv.commits <= 2, `${bench.kv.commits} transactions for 100 calls`);
  const consumer = bench.queue.createConsumer("jobs");
  const all = await consumer.dequeueAll(100);
  bench.kv.commits = 0;
  await Promise.all(all.map((one) => consumer.ackAll([one])));
  assert.ok(bench.kv.commits <= 2, `${bench.kv.commits} transactions for 100 acks`);
});

Deno.test("[QD4] nobody reads the file while there is nothing to fetch", async () => {
  await using bench = await KvBench.start();
  const consumer = bench.queue.createConsumer("jobs");
  assert.deepEqual(await consumer.dequeueAll(1), []);
  bench.kv.fail = () => undefined;
  bench.kv.commits = 0;
  const waiting = consumer.dequeueAll(1, 3_600_000);
  await bench.clock.advance(3_000_000);
  assert.equal(bench.clock.timerCount, 1);
  assert.equal(bench.kv.commits, 0);
  await bench.queue.publish("jobs", "m0", {});
  assert.equal((await waiting).length, 1);
  assert.equal(bench.clock.timerCount, 0);
});

Deno.test("[QD6] a damaged payload is a dead letter, its neighbours are delivered", async () => {
  await using bench = await KvBench.start();
  await bench.queue.publishAll(bench.messages(5));
  const keys: Deno.KvKey[] = [];
  for await (const { key } of bench.kv.list({ prefix: ["b", "jobs"] })) keys.push(key);
  await bench.queue.close();
  const raw = await Deno.openKv(bench.path);
  const texts = ["{broken", "[1]", undefined, "\u00ff"];
  for (const [place, text] of texts.entries()) {
    const key = keys[place];
    assert.ok(key);
    if (text === undefined) await raw.delete(key);
    // The last one is no UTF-8.
    else await raw.set(key, Uint8Array.from(text, (char) => char.charCodeAt(0)));
  }
  raw.close();
  await bench.open();
  const delivered = await bench.queue.createConsumer("jobs").dequeueAll(10);
  assert.deepEqual(delivered.map(({ uniqueId }) => uniqueId), ["m4"]);
  const { items } = await bench.queue.deadLetters("jobs", { limit: 10 });
  assert.deepEqual(items.map(({ uniqueId }) => uniqueId), ["m0", "m1", "m2", "m3"]);
  assert.deepEqual(items[0]?.payload, { unreadable: "{broken" });
  assert.match(items[0]?.error ?? "", /damaged/);
});

Deno.test("[QD6] damaged records and keys are dead letters under a name of ours", async () => {
  await using bench = await KvBench.start();
  await bench.queue.publishAll(bench.messages(3));
  const [key] = await Array.fromAsync(bench.kv.list({ prefix: ["m", "jobs"] }), (one) => one.key);
  await bench.queue.close();
  const raw = await Deno.openKv(bench.path);
  assert.ok(key);
  await raw.set(key, new TextEncoder().encode('{"id":7}'));
  await raw.set(["m", "jobs", "somewhere"], "a text");
  await raw.set(["w", "jobs", 5, 6, 7], new Uint8Array([1]));
  await raw.set(["w", "jobs", 5, 6], 42);
  raw.close();
  for (let times = 0; times < 2; times++) {
    await bench.kill();
    assert.deepEqual(await bench.counts(), [2, 0, 0, 4]);
  }
  const { items } = await bench.queue.deadLetters("jobs", { limit: 10 });
  assert.ok(items.every(({ uniqueId }) => /^unreadable:\d+$/.test(uniqueId)));
  const first = items.find(({ payload }) => payload.unreadable === '{"id":7}');
  assert.ok(first);
  assert.equal(await bench.queue.drop("jobs", first.uniqueId), true);
  const all = await bench.queue.createConsumer("jobs").dequeueAll(10);
  assert.deepEqual(all.map(({ uniqueId }) => uniqueId), ["m1", "m2"]);
});

Deno.test("[QD2] an id whose mark is damaged stays taken", async () => {
  await using bench = await KvBench.start();
  await bench.queue.publish("jobs", "m0", {});
  await bench.queue.close();
  const raw = await Deno.openKv(bench.path);
  await raw.set(["i", "jobs", "m0"], "?");
  raw.close();
  await bench.open();
  assert.equal(await bench.queue.publish("jobs", "m0", {}), "duplicate");
});

Deno.test("[QD4] messages of a queue that is not defined stay until it is again", async () => {
  const path = `${await Deno.makeTempDir()}/queue.kv`;
  const now = () => 1_800_000_000_000;
  const first = await KvQueue.open({ path, definitions, now });
  await first.publish("mails", "m0", {});
  await first.close();
  const second = await KvQueue.open({ path, definitions: definitions.slice(0, 1), now });
  await second.tidy();
  await second.close();
  const third = await KvQueue.open({ path, definitions, now });
  assert.equal((await third.createConsumer("mails").dequeue())?.uniqueId, "m0");
  await third.close();
  await Deno.remove(path.replace("/queue.kv", ""), { recursive: true });
});

Deno.test("[QD6 QD21] a record found damaged is a dead letter, also when that fails at first", async () => {
  for (const how of ["before", "before, blind", "after, blind"] as const) {
    await using bench = await KvBench.start();
    await bench.queue.publishAll(bench.messages(3));
    await bench.kill();
    const [key] = await Array.fromAsync(bench.kv.list({ prefix: ["m", "jobs"] }), (one) => one.key);
    assert.ok(key);
    const damage = bench.kv.atomic();
    damage.set(key, new Uint8Array([1]));
    await damage.commit();
    const consumer = bench.queue.createConsumer("jobs");
    bench.kv.fail = () => how;
    await assert.rejects(() => consumer.dequeueAll(3), QueueUnavailable);
    bench.kv.fail = undefined;
    const all = await consumer.dequeueAll(3);
    assert.deepEqual(all.map(({ uniqueId }) => uniqueId), ["m1", "m2"]);
    assert.deepEqual(await bench.counts(), [0, 0, 2, 1], how);
  }
});

Deno.test("[QD4] of several who wait, another gets a message when its lease ends", async () => {
  await using bench = await KvBench.start();
  const [one, other] = [0, 1].map(() => bench.queue.createConsumer("jobs").dequeue(30_000));
  await turnOfEvents();
  await bench.queue.publish("jobs", "m0", {});
  assert.equal((await one)?.attempt, 1);
  await bench.clock.advance(1_001);
  await turnOfEvents();
  assert.equal(bench.clock.timerCount, 0);
  assert.equal((await other)?.attempt, 2);
});

Deno.test("[QD4] a lease that ends before anything is due is noticed by whoever waits", async () => {
  await using bench = await KvBench.start();
  await bench.queue.publish("jobs", "m0", {});
  const first = bench.queue.createConsumer("jobs");
  const [later] = await first.dequeueAll(1);
  assert.ok(later);
  await first.giveBack(later, { delayMs: 20_000, error: "busy" });
  const [one, other] = [0, 1].map(() => bench.queue.createConsumer("jobs").dequeue(30_000));
  await turnOfEvents();
  await bench.queue.publish("jobs", "m1", {});
  assert.equal((await one)?.uniqueId, "m1");
  await bench.clock.advance(1_001);
  await turnOfEvents();
  assert.equal(bench.clock.timerCount, 0);
  assert.equal((await other)?.attempt, 2);
});

Deno.test("[QD2 QD3] publishing what is new reads nothing, and a repeat among it is seen", async () => {
  await using bench = await KvBench.start();
  const reads = { count: 0 };
  bench.kv.failRead = () => (reads.count += 1) < 0;
  const messages = bench.messages(150);
  await bench.queue.publishAll(messages.slice(0, 90));
  assert.equal(reads.count, 0);
  const consumer = bench.queue.createConsumer("jobs");
  const [one, two] = await consumer.dequeueAll(2);
  assert.ok(one && two);
  // All of these are decided together, and again once it is known that m50 is there.
  const mails = bench.messages(3, 1, "mails");
  const other: NewMessage = { queueName: "mails", uniqueId: "other", payload: {}, at: 1 };
  const results = await Promise.all([
    bench.queue.publishAll([...messages.slice(50, 51), ...messages.slice(100, 110)]),
    bench.queue.publishAll(messages.slice(105, 120)),
    consumer.forward(one, mails),
    consumer.giveBack(two, { delayMs: "never", error: "" }),
    bench.queue.setAside(other, ""),
  ]);
  const published = (count: number) => Array(count).fill("published");
  assert.deepEqual(results[0], ["duplicate", ...published(10)]);
  assert.deepEqual(results[1], [...Array(5).fill("duplicate"), ...published(10)]);
  assert.deepEqual(results.slice(2), ["done", "done", undefined]);
  assert.deepEqual(await bench.counts(), [108, 0, 0, 1]);
  assert.deepEqual(await bench.counts("mails"), [3, 0, 0, 1]);
  // More keys than one transaction checks.
  assert.deepEqual(await bench.queue.publishAll(messages), [
    ...Array(90).fill("duplicate"),
    ...published(10),
    ...Array(20).fill("duplicate"),
    ...published(30),
  ]);
  assert.deepEqual(await bench.counts(), [148, 0, 0, 1]);
  await bench.kill();
  assert.deepEqual(await bench.counts(), [148, 0, 0, 1]);
});

Deno.test("[QD2] a repeat is seen behind many new ones, and in a call beside its first", async () => {
  await using bench = await KvBench.start();
  const messages = bench.messages(150);
  await bench.queue.publishAll(messages.slice(140));
  const results = await bench.queue.publishAll(messages);
  assert.deepEqual(results.slice(140), Array(10).fill("duplicate"));
  const mails = bench.messages(5, 1, "mails");
  const both = await Promise.all([mails, mails].map((all) => bench.queue.publishAll(all)));
  assert.deepEqual(both, [Array(5).fill("published"), Array(5).fill("duplicate")]);
  assert.deepEqual([await bench.counts(), await bench.counts("mails")], [
    [150, 0, 0, 0],
    [5, 0, 0, 0],
  ]);
});
