import assert from "node:assert/strict";
import {
  type Delivery,
  MessageRefused,
  type NewMessage,
  type Payload,
  type Queue,
  type QueueDefinition,
  type QueueStats,
} from "../../mq/queue.ts";
import type { DriverCapabilities, QueueBench, QueueDriver } from "./queue_driver.ts";

/** One case of the contract. */
export interface QueueCase {
  /** Begins with the rules that it shows. */
  readonly name: string;
  /** What a driver must be able to do for the case to make sense. */
  readonly needs?: readonly (keyof DriverCapabilities)[];
  run(driver: QueueDriver): Promise<void>;
}

export const leaseMs = 1_000;
export const attemptsMax = 3;
export const rememberMs = 7 * 24 * 3_600_000;

/** Queues whose payloads have a number n. */
export const definitions: readonly QueueDefinition[] = ["jobs", "mails", "hooks"].map((name) => ({
  name,
  leaseMs,
  attemptsMax,
  check: (payload) => {
    const { n } = payload as { n: unknown }; // an object, as the driver saw to
    return Number.isInteger(n) ? undefined : { path: "n", message: "an integer is needed" };
  },
}));

/** A case on a fresh broker. */
export function queueCase(
  name: string,
  body: (bench: QueueBench) => Promise<void>,
  needs: readonly (keyof DriverCapabilities)[] = [],
): QueueCase {
  return {
    name,
    needs,
    async run(driver) {
      await using bench = await driver.open({ definitions, rememberMs });
      await body(bench);
    },
  };
}

export function payloadOf(n: number, more: Payload = {}): Payload {
  return { n, ...more };
}

/** Messages from..to of a queue, now. */
export function messages(
  bench: QueueBench,
  from: number,
  to: number,
  queueName = "jobs",
): NewMessage[] {
  return Array.from({ length: to - from + 1 }, (_, place) => {
    const n = from + place;
    return { queueName, uniqueId: `m${n}`, payload: payloadOf(n), at: bench.now() };
  });
}

/** Everything that is ready, acked; ids in the order in which they came. */
export async function drain(queue: Queue, queueName = "jobs"): Promise<string[]> {
  const consumer = queue.createConsumer(queueName);
  const ids: string[] = [];
  while (true) {
    const deliveries = await consumer.dequeueAll(100);
    if (deliveries.length === 0) break;
    ids.push(...idsOf(deliveries));
    const acks = await consumer.ackAll(deliveries);
    assert.ok(acks.every((ack) => ack === "done"));
  }
  await consumer.close();
  return ids;
}

export function idsOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ uniqueId }) => uniqueId);
}

/** What must be there. */
export function given<Value>(value: Value | undefined): Value {
  assert.ok(value !== undefined, "nothing came");
  return value;
}

/** The numbers of a queue. */
export async function statsOf(queue: Queue, queueName = "jobs"): Promise<QueueStats> {
  return given((await queue.stats()).find((one) => one.queueName === queueName));
}

/** Ready, delayed, in flight, dead. */
export async function countsOf(
  queue: Queue,
  queueName = "jobs",
): Promise<[number, number, number, number]> {
  const { ready, delayed, inFlight, dead } = await statsOf(queue, queueName);
  return [ready, delayed, inFlight, dead];
}

/** The call is refused for what stands at `path`. */
export async function refuses(call: () => Promise<unknown>, path: string): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof MessageRefused, String(error));
    assert.equal(error.path, path);
    assert.match(error.message, /Cannot publish/);
    return true;
  });
}
