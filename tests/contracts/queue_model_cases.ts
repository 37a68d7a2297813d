import assert from "node:assert/strict";
import fc from "fast-check";
import type { Consumer, Delivery } from "../../mq/queue.ts";
import {
  definitions,
  given,
  leaseMs,
  messages,
  payloadOf,
  type QueueCase,
  queueCase,
  statsOf,
} from "./queue_case.ts";
import { turnOfEvents } from "../harness/event_turns.ts";
import type { QueueBench } from "./queue_driver.ts";
import { QueueModel } from "./queue_model.ts";

const runs = 36;
const consumerCount = 3;
const idCount = 120;

/** One random act; `place` picks among what is there. */
const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("publish"), ns: ids(1, 12) }) },
  { weight: 8, arbitrary: acting("take", { max: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 6, arbitrary: acting("ack", { count: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 4,
    arbitrary: acting("give_back", {
      delayMs: fc.constantFrom<number | "never">(0, 0, 300, 900, "never"),
      counts: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: acting("late", {}) },
  { weight: 1, arbitrary: acting("extend", {}) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("pass"), ms: fc.integer({ max: 1_500, min: 1 }) }),
  },
  { weight: 1, arbitrary: acting("close", {}) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constantFrom("reopen", "crash", "pause", "resume") }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom("replay", "drop", "set_aside"), ns: ids(1, 1) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("erase"), ns: ids(1, 3) }) },
);

type Act = {
  readonly type: string;
  readonly ns?: number[];
  readonly place?: number;
  readonly max?: number;
  readonly count?: number;
  readonly delayMs?: number | "never";
  readonly counts?: boolean;
  readonly ms?: number;
};

function ids(minLength: number, maxLength: number) {
  return fc.array(fc.integer({ min: 0, max: idCount - 1 }), { minLength, maxLength });
}

function acting<Fields>(
  type: string,
  fields: { [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> },
) {
  return fc.record({ type: fc.constant(type), place: fc.nat(1_000), ...fields });
}

/** Carries random acts out on the queue and on the model; both must answer the same. */
class Twins {
  readonly bench: QueueBench;
  readonly model: QueueModel;
  readonly #deliveries: Delivery[] = [];
  #consumers: Consumer[] = [];

  constructor(bench: QueueBench) {
    this.bench = bench;
    this.model = new QueueModel(() => bench.now());
    this.#openConsumers();
  }

  #openConsumers(): void {
    this.#consumers = Array.from(
      { length: consumerCount },
      () => this.bench.queue.createConsumer("jobs"),
    );
  }

  /** One that was handed out some time, mostly lately. */
  #some(place: number): Delivery | undefined {
    const late = this.#deliveries.slice(-10);
    return late[place % Math.max(1, late.length)];
  }

  async act(one: Act): Promise<void> {
    await this.#do(one);
    assert.deepEqual(await statsOf(this.bench.queue), this.model.stats(), JSON.stringify(one));
  }

  async #do(one: Act): Promise<void> {
    const { bench, model } = this;
    const { place = 0, ns = [], ms = 0 } = one;
    const [id = "m0"] = ns.map((n) => `m${n}`);
    const consumer = given(this.#consumers[place % consumerCount]);
    switch (one.type) {
      case "publish": {
        const all = ns.flatMap((n) => messages(bench, n, n));
        const expected = model.publish(all.map(({ uniqueId }) => uniqueId));
        return assert.deepEqual(await bench.queue.publishAll(all), expected);
      }
      case "take":
        return await this.#take(consumer, place % consumerCount, one.max ?? 1);
      case "pass":
        return await bench.advance(ms);
      case "close":
        await consumer.close();
        model.close(place % consumerCount);
        this.#consumers[place % consumerCount] = bench.queue.createConsumer("jobs");
        return;
      case "reopen":
        model.close();
        await bench.reopen();
        return this.#openConsumers();
      case "crash":
        await bench.crash();
        await bench.advance(leaseMs + 1);
        model.crash();
        return this.#openConsumers();
      case "pause":
      case "resume":
        model.isPaused = one.type === "pause";
        return await bench.queue[one.type]("jobs");
      case "set_aside":
        model.setAside(id);
        return await bench.queue.setAside(given(messages(bench, ns[0] ?? 0, ns[0] ?? 0)[0]), "no");
      case "replay":
      case "drop": {
        const letterId = model.deadIds[(ns[0] ?? 0) % 8] ?? id;
        const expected = model[one.type](letterId);
        assert.equal(await bench.queue[one.type]("jobs", letterId), expected);
        return await this.#compareLetters();
      }
      case "erase": {
        const concerned = new Set<unknown>(ns);
        const count = await bench.queue.erase((_, { n }) => concerned.has(n));
        return assert.equal(count, model.erase((name) => concerned.has(Number(name.slice(1)))));
      }
      default:
        return await this.#withDelivery(consumer, one);
    }
  }

  async #take(consumer: Consumer, place: number, max: number): Promise<void> {
    const expected = this.model.take(max);
    const deliveries = await consumer.dequeueAll(max);
    assert.deepEqual(
      deliveries.map(({ uniqueId, attempt, at }) => ({ uniqueId, attempt, at })),
      expected.map(({ id, attempts, at }) => ({ uniqueId: id, attempt: attempts, at })),
    );
    for (const { uniqueId, payload } of deliveries) {
      assert.deepEqual(payload, payloadOf(Number(uniqueId.slice(1))));
    }
    this.model.handedOut(expected, deliveries, place);
    this.#deliveries.push(...deliveries);
  }

  async #withDelivery(consumer: Consumer, one: Act): Promise<void> {
    const { model } = this;
    const { place = 0, count = 1, delayMs = 0, counts = true } = one;
    const delivery = one.type === "late" ? this.#deliveries[0] : this.#some(place);
    if (delivery === undefined) return;
    if (one.type === "extend") {
      return assert.deepEqual(await consumer.extend([delivery]), [model.extend(delivery)]);
    }
    if (one.type === "give_back") {
      const how = { delayMs, counts, error: "no" };
      const expected = model.giveBack(delivery, how);
      return assert.equal(await consumer.giveBack(delivery, how), expected);
    }
    const all = new Set([delivery, ...this.#deliveries.slice(-count)]);
    const expected = [...all].map((some) => model.ack(some));
    assert.deepEqual(await consumer.ackAll([...all]), expected);
  }

  async #compareLetters(): Promise<void> {
    const { items } = await this.bench.queue.deadLetters("jobs", { limit: 200 });
    assert.deepEqual(items.map(({ uniqueId }) => uniqueId), this.model.deadIds);
  }

  /** In the end everything that is live is handed out, in order, and the letters are right. */
  async end(): Promise<void> {
    await this.bench.queue.resume("jobs");
    this.model.isPaused = false;
    await this.bench.advance(10 * leaseMs);
    while (this.model.stats().ready > 0) {
      await this.#take(given(this.#consumers[0]), 0, 7);
      await this.act({ type: "ack", place: 0, count: 7 });
    }
    await this.#compareLetters();
  }
}

/** Everything at once, against a model and against itself. */
export const modelCases: readonly QueueCase[] = [
  {
    name: "[QD2 QD4 QD5 QD6 QD10 QD14] 2,000 messages in random acts go as in a plain model",
    needs: ["virtualTime", "dedupesPublish", "retriesInPlace"],
    async run(driver) {
      let published = 0;
      const acts: fc.Arbitrary<Act[]> = fc.array(act, { minLength: 60, maxLength: 120 });
      await fc.assert(
        fc.asyncProperty(acts, async (all) => {
          await using bench = await driver.open({ definitions });
          const twins = new Twins(bench);
          for (const one of all) await twins.act(one);
          await twins.end();
          published += twins.model.published;
        }),
        { seed: 20261125, numRuns: runs },
      );
      assert.ok(published >= 2_000, `only ${published} messages`);
    },
  },
  queueCase(
    "[QD2 QD4] 2,000 messages of four publishers reach four consumers once each",
    async (b) => {
      const { queue } = b;
      const results = new Map<string, number>();
      const acked = new Map<string, number>();
      const publish = async (start: number) => {
        // Each publishes all, in another order: three of four calls are repeats.
        for (let from = 0; from < 2_000; from += 100) {
          const first = (start * 500 + from) % 2_000;
          const all = messages(b, first + 1, first + 100);
          (await queue.publishAll(all)).forEach((result) => {
            results.set(result, (results.get(result) ?? 0) + 1);
          });
        }
      };
      const consume = async (seat: number) => {
        const consumer = queue.createConsumer("jobs");
        for (let turn = 0; acked.size < 2_000; turn++) {
          const some = await consumer.dequeueAll(1 + (turn * 7 + seat) % 40);
          // Some are given back, and are another's then.
          const [back, keep] = [
            some.filter((_, n) => (n + turn) % 9 === 0 && turn % 3 === 0),
            new Set(some),
          ];
          for (const one of back) {
            keep.delete(one);
            await consumer.giveBack(one, { delayMs: 0, error: "not mine", counts: false });
          }
          const kept = [...keep];
          (await consumer.ackAll(kept)).forEach((result, place) => {
            const { uniqueId } = given(kept[place]);
            if (result === "done") acked.set(uniqueId, (acked.get(uniqueId) ?? 0) + 1);
          });
          if (some.length === 0) await turnOfEvents();
        }
        await consumer.close();
      };
      await Promise.all([...[0, 1, 2, 3].map(publish), ...[0, 1, 2, 3].map(consume)]);
      assert.deepEqual(Object.fromEntries(results), { published: 2_000, duplicate: 6_000 });
      assert.ok([...acked.values()].every((times) => times === 1));
      assert.deepEqual((await statsOf(queue)).ready, 0);
    },
    ["dedupesPublish"],
  ),
];
