import assert from "node:assert/strict";
import fc from "fast-check";
import { turnOfEvents } from "../tests/harness/event_turns.ts";
import type { CommitFault } from "../tests/harness/failing_kv.ts";
import { KvBench, kvDefinitions } from "../tests/harness/kv_bench.ts";
import { type Answer, MessageFates } from "../tests/harness/message_fates.ts";
import { keyOf } from "./kv_record.ts";
import { type Consumer, type Delivery, type NewMessage, QueueUnavailable } from "./queue.ts";

const leaseMs = 1_000;
const attemptsMax = 3;
const idCount = 24;

/** One random act; `place` picks among what was handed out lately. */
interface Act {
  readonly type: "publish" | "ack" | "give_back" | "forward" | "extend" | "replay" | "drop";
  readonly place: number;
  readonly ns: readonly number[];
  readonly delayMs: number | "never";
  readonly counts: boolean;
}

/** Acts at the same time, what fails meanwhile, and how much time passes then. */
interface Round {
  readonly acts: readonly Act[];
  readonly take: number;
  /** Of the transactions from here on. */
  readonly faults: readonly (CommitFault | undefined)[];
  /** Which read from here on fails; 0: none. */
  readonly failedRead: number;
  readonly ms: number;
  readonly isChecked: boolean;
}

const act: fc.Arbitrary<Act> = fc.record({
  type: fc.oneof(
    { weight: 5, arbitrary: fc.constant<Act["type"]>("publish") },
    { weight: 5, arbitrary: fc.constantFrom<Act["type"]>("ack", "ack", "give_back") },
    {
      weight: 3,
      arbitrary: fc.constantFrom<Act["type"]>("forward", "extend", "replay", "drop"),
    },
  ),
  place: fc.nat(1_000),
  ns: fc.array(fc.integer({ min: 0, max: idCount - 1 }), { minLength: 1, maxLength: 8 }),
  delayMs: fc.constantFrom<number | "never">(0, 0, 300, 900, "never"),
  counts: fc.boolean(),
});

function roundOf(faults: readonly CommitFault[], failedReadMax: number): fc.Arbitrary<Round> {
  const fault = fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...faults) },
  );
  return fc.record({
    acts: fc.array(act, { minLength: 1, maxLength: 4 }),
    take: fc.integer({ min: 0, max: 5 }),
    faults: fc.array(fault, { maxLength: 6 }),
    failedRead: fc.integer({ min: -failedReadMax, max: failedReadMax }),
    ms: fc.constantFrom(0, 0, 0, 100, 400, 1_001),
    isChecked: fc.boolean(),
  });
}

/** A queue whose file fails, beside what may have become of each of its messages. */
class Doubts {
  readonly bench: KvBench;
  readonly fates: MessageFates;
  /** Whether whoever was told of a failure may take it that nothing was written. */
  readonly canTell: boolean;
  readonly counts = { failed: 0, acked: 0, delivered: 0 };
  readonly #consumers: readonly Consumer[];
  readonly #deliveries: Delivery[] = [];
  /** Forwarded messages by their source, of calls that were not answered. */
  readonly #forwards: { readonly id: string; readonly forwarded: string }[] = [];
  #forwarded = 0;

  constructor(bench: KvBench, canTell: boolean) {
    this.bench = bench;
    this.canTell = canTell;
    this.fates = new MessageFates(() => bench.clock.now(), { leaseMs, attemptsMax });
    this.#consumers = [0, 1].map(() => bench.queue.createConsumer("jobs"));
  }

  async run(round: Round): Promise<void> {
    const { kv, clock } = this.bench;
    const from = kv.commits;
    let reads = 0;
    kv.fail = (commit) => round.faults[commit - from - 1];
    kv.failRead = () => ++reads === round.failedRead;
    const touched = new Set<string>();
    const observed = await Promise.all([
      ...round.acts.map((one) => this.#act(one, touched)),
      this.#take(round),
    ]);
    // What was handed out was so after all others, as far as these had any part in it.
    for (const observe of observed) observe();
    if (round.isChecked) await this.check();
    await clock.advance(round.ms);
  }

  #message(uniqueId: string, n: number, queueName = "jobs"): NewMessage {
    // Three big ones do not fit one transaction, and what takes several may be decided, and told
    // as failed, when some of them are made.
    const payload = { text: "x".repeat(n % 3 === 0 && !this.canTell ? 250_000 : n) };
    return { queueName, uniqueId, payload, at: this.bench.clock.now() };
  }

  /** Starts an act whose messages no other one of its round has; returns what it showed. */
  async #act(one: Act, touched: Set<string>): Promise<() => void> {
    const { queue } = this.bench;
    const { fates } = this;
    const claim = (id: string) => !touched.has(id) && Boolean(touched.add(id));
    if (one.type === "publish") {
      const ns = [...new Set(one.ns)].filter((n) => claim(`m${n}`));
      const messages = ns.map((n) => this.#message(`m${n}`, n));
      const answer = await this.#asked(queue.publishAll(messages));
      return () =>
        messages.forEach(({ uniqueId }, place) => {
          const result = typeof answer === "string" ? answer : answer[place];
          fates.published(uniqueId, result ?? "failed");
        });
    }
    if (one.type === "replay" || one.type === "drop") {
      const id = `m${one.ns[0] ?? 0}`;
      if (!claim(id)) return () => {};
      const answer = await this.#asked(queue[one.type]("jobs", id));
      return () => fates.unlettered(id, one.type === "replay" ? 0 : "consumed", answer);
    }
    const late = this.#deliveries.slice(-8);
    const delivery = late[one.place % Math.max(1, late.length)];
    if (delivery === undefined || !claim(delivery.uniqueId)) return () => {};
    return await this.#withDelivery(delivery, one);
  }

  async #withDelivery(delivery: Delivery, one: Act): Promise<() => void> {
    const { fates } = this;
    const { attempt, uniqueId } = delivery;
    const [consumer] = this.#consumers;
    assert.ok(consumer);
    switch (one.type) {
      case "extend": {
        const [answer] = await consumer.extend([delivery]);
        return () => fates.extended(delivery, answer ?? "lost");
      }
      case "give_back": {
        const { delayMs, counts } = one;
        const fate = delayMs === "never" || (counts && attempt >= attemptsMax)
          ? "dead"
          : attempt - (counts ? 0 : 1);
        const answer = await this.#asked(
          consumer.giveBack(delivery, { delayMs, counts, error: "no" }),
        );
        return () => fates.ended(delivery, fate, answer);
      }
      case "forward": {
        const forwarded = `f${++this.#forwarded}`;
        const messages = [this.#message(forwarded, this.#forwarded, "mails")];
        const answer = await this.#asked(consumer.forward(delivery, messages));
        return () => {
          fates.ended(delivery, "consumed", answer);
          if (answer === "done") fates.published(forwarded, "published");
          if (answer === "unsure") {
            fates.published(forwarded, "unsure");
            this.#forwards.push({ id: uniqueId, forwarded });
          }
        };
      }
      default: {
        const answer = await this.#asked(consumer.ackAll([delivery]));
        const [result] = typeof answer === "string" ? [answer] : answer;
        if (result === "done") this.counts.acked += 1;
        return () => fates.ended(delivery, "consumed", result ?? "failed");
      }
    }
  }

  async #take({ take, acts }: Round): Promise<() => void> {
    const consumer = this.#consumers[acts.length % 2];
    assert.ok(consumer);
    if (take === 0) return () => {};
    const answer = await this.#asked(consumer.dequeueAll(take));
    if (answer === "failed") return () => {};
    return () => answer === "unsure" ? this.fates.takeUnsure() : this.#delivered(answer);
  }

  #delivered(all: readonly Delivery[]): void {
    this.counts.delivered += all.length;
    for (const one of all) {
      const n = Number(one.uniqueId.slice(1));
      const { text } = this.#message(one.uniqueId, n).payload;
      assert.equal(one.payload.text, text);
      this.fates.delivered(one);
      this.#deliveries.push(one);
    }
  }

  async #asked<Result>(call: Promise<Result>): Promise<Answer<Result>> {
    try {
      return await call;
    } catch (error) {
      if (!(error instanceof QueueUnavailable)) throw error;
      this.counts.failed += 1;
      return this.canTell ? "failed" : "unsure";
    }
  }

  /** While nothing fails, the numbers in memory are those of the file. */
  async check(): Promise<void> {
    const { bench } = this;
    bench.kv.fail = undefined;
    bench.kv.failRead = undefined;
    for (const { name } of kvDefinitions) {
      const [ready = 0, delayed, inFlight = 0, dead] = await bench.counts(name);
      const rows: number[] = [];
      for (const prefix of ["m", "w", "d", "l"]) {
        rows.push((await Array.fromAsync(bench.kv.list({ prefix: [prefix, name] }))).length);
      }
      assert.deepEqual([ready + inFlight, delayed, dead, dead], rows, name);
    }
  }

  /** Failures are over: whoever was not answered asks again, and everything comes to its end. */
  async end(): Promise<void> {
    const { bench, fates } = this;
    await this.check();
    for (const { id, forwarded } of this.#forwards) {
      const { value } = await bench.kv.get(keyOf.mark("mails", forwarded));
      if (value !== null) assert.ok(fates.mayBe(id, "consumed"), `${id} was acked with it`);
    }
    for (let n = 0; n < idCount; n++) {
      const [result] = await bench.queue.publishAll([this.#message(`m${n}`, n)]);
      assert.ok(result);
      fates.published(`m${n}`, result);
    }
    await bench.clock.advance(10 * leaseMs);
    const ended = new Set<string>();
    for (const { name } of kvDefinitions) await this.#drain(name, ended);
    for (const id of fates.ids.filter((one) => !ended.has(one))) {
      // What was forwarded is not published again by anybody.
      const isAway = id.startsWith("f") && fates.mayBe(id, "absent");
      assert.ok(isAway || fates.mayBe(id, "consumed"), `${id} is nowhere`);
    }
    await this.check();
    const counts = await bench.counts();
    await bench.kill();
    assert.deepEqual(await bench.counts(), counts, "as after a restart");
    const leftovers = (await bench.leftovers()).map((key) => key.split(" ")[0]);
    const [, , , dead = 0] = counts;
    assert.deepEqual(
      leftovers.filter((prefix) => prefix !== "b" && prefix !== "d"),
      Array(dead).fill("l"),
    );
  }

  async #drain(name: string, ended: Set<string>): Promise<void> {
    const { queue } = this.bench;
    const consumer = queue.createConsumer(name);
    while (true) {
      const some = await consumer.dequeueAll(7);
      if (some.length === 0) break;
      this.#delivered(some);
      for (const { uniqueId } of some) {
        assert.ok(!ended.has(uniqueId), `${uniqueId} twice`);
        ended.add(uniqueId);
      }
      assert.ok((await consumer.ackAll(some)).every((result) => result === "done"));
    }
    for (const { uniqueId } of (await queue.deadLetters(name, { limit: 100 })).items) {
      assert.ok(!ended.has(uniqueId), `${uniqueId} is dead and was delivered`);
      assert.ok(this.fates.mayBe(uniqueId, "dead"), `${uniqueId} cannot be dead`);
      ended.add(uniqueId);
    }
  }
}

async function testDoubts(
  faults: readonly CommitFault[],
  failedReadMax: number,
  seed: number,
): Promise<void> {
  const counts = { failed: 0, acked: 0, delivered: 0 };
  const rounds = fc.array(roundOf(faults, failedReadMax), { minLength: 20, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(rounds, async (all) => {
      await using bench = await KvBench.start();
      const doubts = new Doubts(bench, failedReadMax === 0);
      for (const round of all) await doubts.run(round);
      await doubts.end();
      counts.failed += doubts.counts.failed;
      counts.acked += doubts.counts.acked;
      counts.delivered += doubts.counts.delivered;
    }),
    { seed, numRuns: 40, endOnFailure: true },
  );
  const { failed, acked, delivered } = counts;
  assert.ok(failed > 300 && acked > 120 && delivered > 800, JSON.stringify(counts));
}

Deno.test("[QD21 QD18] what fails while the file can be read is known exactly", async () => {
  await testDoubts(["before", "after"], 0, 20261125);
});

Deno.test("[QD21 QD18] when nobody knows what was written, no message is stuck or comes again", async () => {
  await testDoubts(["before", "after", "before, blind", "after, blind"], 12, 20261126);
});

Deno.test("[QD21 QD4] who waits gets a message whose publishing was not answered", async () => {
  await using bench = await KvBench.start();
  const waiting = bench.queue.createConsumer("jobs").dequeueAll(1, 30_000);
  await turnOfEvents();
  bench.kv.fail = () => "after, blind";
  await assert.rejects(() => bench.queue.publish("jobs", "m0", {}), QueueUnavailable);
  bench.kv.fail = undefined;
  assert.deepEqual((await waiting).map(({ uniqueId }) => uniqueId), ["m0"]);
});

Deno.test("[QD21] who waits is told when nobody can tell what was written", async () => {
  await using bench = await KvBench.start();
  const consumer = bench.queue.createConsumer("jobs");
  const told = assert.rejects(() => consumer.dequeueAll(1, 30_000), QueueUnavailable);
  await turnOfEvents();
  const from = bench.kv.commits;
  bench.kv.fail = () => "after";
  bench.kv.failRead = () => bench.kv.commits > from;
  const big = bench.messages(20, 150_000);
  await assert.rejects(() => bench.queue.publishAll(big), QueueUnavailable);
  await told;
  bench.kv.fail = undefined;
  bench.kv.failRead = undefined;
  assert.deepEqual(await bench.counts(), [0, 0, 0, 0]);
  await bench.queue.publishAll(big);
  assert.equal((await consumer.dequeueAll(30)).length, 20);
});

Deno.test("[QD21] a lease may end while nobody knows whether its message's end was written", async () => {
  const ends: readonly [(one: Consumer, delivery: Delivery) => Promise<unknown>, number[]][] = [
    [(one, delivery) => one.ackAll([delivery]), [1, 0, 0, 0]],
    [(one, delivery) => one.forward(delivery, []), [1, 0, 0, 0]],
    [(one, delivery) => one.giveBack(delivery, { delayMs: 9_000, error: "" }), [1, 1, 0, 0]],
    [(one, delivery) => one.giveBack(delivery, { delayMs: 0, error: "" }), [2, 0, 0, 0]],
    [(one, delivery) => one.giveBack(delivery, { delayMs: "never", error: "" }), [1, 0, 0, 1]],
  ];
  for (const [end, counts] of ends) {
    await using bench = await KvBench.start();
    await bench.queue.publishAll(bench.messages(2));
    const consumer = bench.queue.createConsumer("jobs");
    const [first, second] = await consumer.dequeueAll(2);
    assert.ok(first && second);
    bench.kv.fail = () => "after, blind";
    await assert.rejects(() => end(consumer, first), QueueUnavailable);
    await bench.clock.advance(1_001);
    bench.kv.fail = undefined;
    bench.kv.failRead = () => true;
    // Both are ready again, as far as memory knows.
    assert.deepEqual(await consumer.extend([first, second]), ["lost", "lost"]);
    await assert.rejects(() => consumer.dequeueAll(2), QueueUnavailable);
    await assert.rejects(() => bench.queue.stats(), QueueUnavailable);
    bench.kv.failRead = undefined;
    assert.deepEqual(await bench.counts(), counts);
    const [ready, delayed, , dead] = counts;
    const again = await consumer.dequeueAll(2);
    assert.deepEqual(again.map(({ uniqueId }) => uniqueId), ready === 2 ? ["m0", "m1"] : ["m1"]);
    assert.deepEqual(await bench.counts(), [0, delayed, ready, dead]);
  }
});

Deno.test("[QD21 QD6] a failed burial uses up no attempt and gives none", async () => {
  await using bench = await KvBench.start();
  await bench.queue.publishAll(bench.messages(1));
  const consumer = bench.queue.createConsumer("jobs");
  for (let attempt = 1; attempt <= 4; attempt++) {
    assert.equal((await consumer.dequeue())?.attempt, attempt);
    await bench.clock.advance(1_001);
  }
  for (const how of ["before", "before, blind"] as const) {
    bench.kv.fail = () => how;
    await assert.rejects(() => consumer.dequeue(), QueueUnavailable);
    bench.kv.fail = undefined;
  }
  assert.equal(await consumer.dequeue(), undefined);
  const { items: [letter] } = await bench.queue.deadLetters("jobs", { limit: 1 });
  assert.equal(letter?.attempts, 4);
});

Deno.test("[QD4 QD18] a lease ends in time for whoever waits, also after its end was not written", async () => {
  await using bench = await KvBench.start();
  await bench.queue.publish("jobs", "m0", {});
  const [one, other] = [0, 1].map(() => bench.queue.createConsumer("jobs"));
  assert.ok(one && other);
  const held = await one.dequeue();
  assert.ok(held);
  const waiting = other.dequeue(30_000);
  bench.kv.fail = () => "before";
  await assert.rejects(() => one.ackAll([held]), QueueUnavailable);
  bench.kv.fail = undefined;
  await bench.clock.advance(1_001);
  assert.equal((await waiting)?.attempt, 2);
});
