import assert from "node:assert/strict";
import { passTime, until } from "../tests/harness/event_turns.ts";
import { FailingKv } from "../tests/harness/failing_kv.ts";
import { VirtualClock } from "../tests/harness/virtual_clock.ts";
import {
  type ConsumerOptions,
  type HandleResult,
  type RunningConsumer,
  startConsumer,
  type TypedDelivery,
} from "./consumer_loop.ts";
import { KvQueue } from "./queue_kv.ts";

const leaseMs = 30_000;
type Handle = ConsumerOptions<number>["handle"];
type Batch = readonly TypedDelivery<number>[];

/** A queue and consumers of it whose message is the payload's n, on virtual time. */
class LoopBench implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly queue: KvQueue;
  readonly kv: FailingKv;
  readonly logged: string[] = [];
  readonly #consumers: RunningConsumer[] = [];

  private constructor(queue: KvQueue, kv: FailingKv, clock: VirtualClock) {
    this.queue = queue;
    this.kv = kv;
    this.clock = clock;
  }

  static async start(): Promise<LoopBench> {
    const clock = new VirtualClock();
    let kv: FailingKv | undefined;
    const queue = await KvQueue.open({
      path: ":memory:",
      definitions: ["jobs", "mails"].map((name) => ({
        name,
        leaseMs,
        attemptsMax: 3,
        check: (payload) =>
          name === "mails" && payload !== null && "n" in Object(payload)
            ? { path: "n", message: "no mail has one" }
            : undefined,
      })),
      now: () => clock.now(),
      after: (ms, task) => clock.after(ms, task),
      openKv: async (path) => kv = await FailingKv.open(path),
    });
    assert.ok(kv);
    return new LoopBench(queue, kv, clock);
  }

  consume(handle: Handle, options: Partial<ConsumerOptions<number>> = {}): RunningConsumer {
    const consumer = startConsumer<number>({
      queue: this.queue,
      queueName: "jobs",
      parse: ({ n }) =>
        typeof n === "number"
          ? { type: "message", message: n }
          : { type: "fault", fault: { path: "n", message: "a number is needed" } },
      handle,
      batchMax: 10,
      concurrency: 1,
      clock: this.clock,
      log: { write: (_, event) => this.logged.push(event) },
      random: () => 1,
      ...options,
    });
    this.#consumers.push(consumer);
    return consumer;
  }

  async publish(...ns: readonly unknown[]): Promise<void> {
    await this.queue.publishAll(ns.map((n) => ({
      queueName: "jobs",
      uniqueId: `m${n}`,
      payload: { n },
      at: this.clock.now(),
    })));
  }

  /** Ready, delayed, in flight, dead. */
  async counts(): Promise<number[]> {
    const [jobs] = await this.queue.stats();
    assert.ok(jobs);
    return [jobs.ready, jobs.delayed, jobs.inFlight, jobs.dead];
  }

  async come(...counts: readonly number[]): Promise<void> {
    await until(
      async () => JSON.stringify(await this.counts()) === JSON.stringify(counts),
      `counts ${counts}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kv.fail = undefined;
    await Promise.all(this.#consumers.map((consumer) => consumer.stop()));
    await this.queue.close();
    assert.equal(this.clock.timerCount, 0, "no timer is left");
  }
}

const done = (batch: Batch): Promise<HandleResult[]> =>
  Promise.resolve(batch.map(() => ({ type: "done" })));

/** A handler that waits until it is let go on, per batch. */
function gated() {
  const gates: { readonly batch: Batch; readonly open: () => void }[] = [];
  const handle: Handle = (batch) =>
    new Promise((resolve) => {
      gates.push({ batch, open: () => resolve(batch.map(() => ({ type: "done" }))) });
    });
  return { gates, handle };
}

const numbers = (batch: Batch | undefined) => batch?.map(({ message }) => message);

Deno.test("[QD7] messages are handled in order, in batches, and acked", async () => {
  await using bench = await LoopBench.start();
  const seen: number[] = [];
  await bench.publish(...Array.from({ length: 25 }, (_, n) => n));
  const consumer = bench.consume((batch) => {
    assert.ok(batch.length <= 10);
    seen.push(...batch.map(({ message }) => message));
    return done(batch);
  });
  await bench.come(0, 0, 0, 0);
  await until(() => consumer.counts.done === 25, "all are done");
  assert.deepEqual(seen, Array.from({ length: 25 }, (_, n) => n));
  assert.equal(consumer.state, "waiting");
  await bench.publish(99);
  await until(() => seen.at(-1) === 99, "one that comes later");
});

Deno.test("[QD7] while batches are handled one more is fetched, and no more", async () => {
  await using bench = await LoopBench.start();
  const { gates, handle } = gated();
  await bench.publish(...Array.from({ length: 20 }, (_, n) => n));
  bench.consume(handle, { batchMax: 4, concurrency: 2 });
  await until(() => gates.length === 2, "two batches in hand");
  await bench.come(8, 0, 12, 0);
  assert.deepEqual(numbers(gates[1]?.batch), [4, 5, 6, 7]);
  gates[1]?.open();
  await until(() => gates.length === 3, "the third batch");
  for (let n = 0; n < 5; n++) {
    await until(() => gates.length > n, `batch ${n}`);
    gates[n]?.open();
  }
  await bench.come(0, 0, 0, 0);
});

Deno.test("[QD7] leases are kept while a handler is at work", async () => {
  await using bench = await LoopBench.start();
  const { gates, handle } = gated();
  await bench.publish(1, 2);
  const consumer = bench.consume(handle, { batchMax: 1 });
  await bench.come(0, 0, 2, 0);
  await bench.clock.advance(10 * leaseMs);
  assert.deepEqual(await bench.counts(), [0, 0, 2, 0]);
  gates[0]?.open();
  await until(() => gates.length === 2, "the second");
  gates[1]?.open();
  await bench.come(0, 0, 0, 0);
  assert.deepEqual({ ...consumer.counts }, { done: 2, retried: 0, dead: 0, lost: 0 });
});

Deno.test("[QD7] results: retry by the table or as asked, not yet, dead", async () => {
  await using bench = await LoopBench.start();
  const attempts: string[] = [];
  const results: Record<number, HandleResult> = {
    1: { type: "retry", error: "as the table says" },
    2: { type: "retry", error: "asked", delayMs: 7_000 },
    3: { type: "not_yet", error: "early", delayMs: 9_000 },
    4: { type: "dead", error: "never" },
  };
  await bench.publish(1, 2, 3, 4);
  bench.consume((batch) => {
    attempts.push(...batch.map(({ message, attempt }) => `${message}.${attempt}`));
    return Promise.resolve(batch.map(({ message }) => results[message] ?? { type: "done" }));
  });
  await bench.come(0, 3, 0, 1);
  assert.deepEqual(attempts, ["1.1", "2.1", "3.1", "4.1"]);
  // random() is 1: the table's bound is 1 s after the first failure, 2 s after the second.
  await bench.clock.advance(1_000);
  await until(() => attempts.at(-1) === "1.2", "the first again");
  await bench.come(0, 3, 0, 1);
  await bench.clock.advance(2_000);
  await until(() => attempts.at(-1) === "1.3", "the first a third time");
  await bench.come(0, 2, 0, 2);
  await bench.clock.advance(4_000);
  await until(() => attempts.at(-1) === "2.2", "the second again");
  await bench.clock.advance(2_000);
  await until(() => attempts.at(-1) === "3.1", "the third, no attempt used up");
  const { items } = await bench.queue.deadLetters("jobs", { limit: 10 });
  assert.deepEqual(items.map(({ error }) => error), ["never", "as the table says"]);
  delete results[2];
  delete results[3];
});

Deno.test("[QD7 QD6] poison is dead at once, and its neighbours are handled", async () => {
  await using bench = await LoopBench.start();
  await bench.publish(1, "poison", 2);
  const seen: number[] = [];
  bench.consume((batch) => {
    seen.push(...batch.map(({ message }) => message));
    return done(batch);
  });
  await bench.come(0, 0, 0, 1);
  assert.deepEqual(seen, [1, 2]);
  const { items: [letter] } = await bench.queue.deadLetters("jobs", { limit: 1 });
  assert.equal(letter?.error, "n: a number is needed");
  assert.equal(letter?.attempts, 1);
});

Deno.test("[QD7] a parser that throws makes poison, not a crash", async () => {
  await using bench = await LoopBench.start();
  await bench.publish(1);
  bench.consume(done, {
    parse: () => {
      throw new Error("unreadable");
    },
  });
  await bench.come(0, 0, 0, 1);
});

Deno.test("[QD7] when a batch fails its messages are tried one by one", async () => {
  await using bench = await LoopBench.start();
  await bench.publish(1, 2, 3);
  const sizes: number[] = [];
  const consumer = bench.consume((batch) => {
    sizes.push(batch.length);
    if (batch.some(({ message }) => message === 2)) throw new Error("no twos");
    return done(batch);
  });
  await bench.come(0, 1, 0, 0);
  assert.deepEqual(sizes, [3, 1, 1, 1]);
  assert.deepEqual({ ...consumer.counts }, { done: 2, retried: 1, dead: 0, lost: 0 });
  await bench.clock.advance(1_000);
  await bench.come(0, 1, 0, 0);
  await bench.clock.advance(2_000);
  await bench.come(0, 0, 0, 1);
  assert.ok(bench.logged.includes("handler_failed"));
});

Deno.test("[QD7] too few results are a failure, nothing is acked by guessing", async () => {
  await using bench = await LoopBench.start();
  await bench.publish(1, 2);
  bench.consume(() => Promise.resolve([{ type: "done" }]), { batchMax: 2 });
  // One by one each has its result.
  await bench.come(0, 0, 0, 0);
  await bench.publish(3);
  bench.consume(() => Promise.resolve([]), { batchMax: 2 });
});

Deno.test("[QD7] while a part of ours is away no attempt is used up, and the backlog stays", async () => {
  await using bench = await LoopBench.start();
  let isAway = true;
  let calls = 0;
  const attempts: number[] = [];
  await bench.publish(...Array.from({ length: 30 }, (_, n) => n));
  const consumer = bench.consume((batch) => {
    calls += 1;
    if (isAway) throw new Error("the archive is away");
    attempts.push(...batch.map(({ attempt }) => attempt));
    return done(batch);
  }, { failureOf: () => "unavailable" });
  await until(() => consumer.counts.retried >= 10, "it is seen");
  await passTime(bench.clock, 300_000);
  assert.ok(calls > 8 && calls < 60, `${calls} calls in five minutes`);
  assert.equal((await bench.counts())[3], 0, "nothing died");
  isAway = false;
  await until(async () => {
    await passTime(bench.clock, 500);
    return consumer.counts.done === 30;
  }, "all are done");
  assert.deepEqual(attempts, Array(30).fill(1));
});

Deno.test("[QD7 QD18] while the broker is away the consumer waits, and goes on after it", async () => {
  await using bench = await LoopBench.start();
  const seen: number[] = [];
  await bench.publish(1);
  bench.kv.fail = () => "before";
  const consumer = bench.consume((batch) => {
    seen.push(...batch.map(({ message }) => message));
    return done(batch);
  });
  await until(() => consumer.state === "unavailable", "it is seen");
  await passTime(bench.clock, 60_000);
  assert.deepEqual(seen, []);
  bench.kv.fail = undefined;
  await until(async () => {
    await passTime(bench.clock, 500);
    return consumer.counts.done === 1;
  }, "it goes on");
  assert.deepEqual(seen, [1]);
  assert.equal(bench.logged.filter((event) => event === "queue_unavailable").length, 1);
});

Deno.test("[QD7 QD18] an ack that the broker did not take is written later", async () => {
  await using bench = await LoopBench.start();
  await bench.publish(1);
  let calls = 0;
  const consumer = bench.consume((batch) => {
    calls += 1;
    bench.kv.fail = () => "before";
    return done(batch);
  });
  await until(() => calls === 1, "it is handled");
  await bench.clock.advance(50);
  bench.kv.fail = undefined;
  await until(async () => {
    await bench.clock.advance(1_000);
    return consumer.counts.done === 1;
  }, "it is acked");
  assert.equal(calls, 1);
});

Deno.test("[QD7] stopping finishes what is in hand and gives the rest back", async () => {
  await using bench = await LoopBench.start();
  const { gates, handle } = gated();
  await bench.publish(1, 2, 3, 4, 5, 6);
  const consumer = bench.consume(handle, { batchMax: 2 });
  await bench.come(2, 0, 4, 0);
  let isStopped = false;
  const stopping = consumer.stop().then(() => isStopped = true);
  await bench.come(4, 0, 2, 0);
  assert.equal(consumer.state, "stopping");
  assert.equal(isStopped, false);
  gates[0]?.open();
  await stopping;
  assert.equal(consumer.state, "stopped");
  assert.equal(gates.length, 1);
  assert.deepEqual(await bench.counts(), [4, 0, 0, 0]);
  const rest = await bench.queue.createConsumer("jobs").dequeueAll(10);
  assert.deepEqual(rest.map(({ attempt }) => attempt), [1, 1, 1, 1]);
});

Deno.test("[QD7] stopping ends waiting, for messages and for the broker", async () => {
  await using bench = await LoopBench.start();
  const waiting = bench.consume(done);
  await waiting.stop();
  bench.kv.fail = () => "before";
  await bench.queue.publish("jobs", "m1", { n: 1 }).catch(() => {});
  bench.kv.fail = undefined;
  await bench.publish(2);
  bench.kv.fail = () => "before";
  const away = bench.consume(done);
  await until(() => away.state === "unavailable", "it is seen");
  await away.stop();
  assert.equal(away.state, "stopped");
});

Deno.test("[QD7 QD12] a pause is seen, and so is its end", async () => {
  await using bench = await LoopBench.start();
  const seen: number[] = [];
  bench.consume((batch) => {
    seen.push(...batch.map(({ message }) => message));
    return done(batch);
  });
  await bench.queue.pause("jobs");
  await bench.publish(1);
  await bench.clock.advance(120_000);
  assert.deepEqual(seen, []);
  await bench.queue.resume("jobs");
  await until(() => seen.length === 1, "it goes on");
});

Deno.test("[QD7 QD17] what cannot be forwarded is a dead letter", async () => {
  await using bench = await LoopBench.start();
  await bench.publish(1, 2);
  const at = bench.clock.now();
  bench.consume((batch) =>
    Promise.resolve(batch.map(({ message, uniqueId }) => ({
      type: "forward",
      messages: [{
        queueName: "mails",
        uniqueId,
        payload: message === 1 ? { n: 1 } : { text: "fine" },
        at,
      }],
    })))
  );
  await bench.come(0, 0, 0, 1);
  const [, mails] = await bench.queue.stats();
  assert.equal(mails?.ready, 1);
});
