import { setImmediate } from "node:timers/promises";
import { queueDefinitions } from "../../mq/definitions.ts";
import type { Delivery, Queue } from "../../mq/queue.ts";
import { KvQueue } from "../../mq/queue_kv.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** The embedded queue with every queue of a deployment, in memory or on a file. */
export function openQueue(clock: VirtualClock, path = ":memory:"): Promise<KvQueue> {
  return KvQueue.open({
    path,
    definitions: queueDefinitions(),
    now: () => clock.now(),
    after: (ms, task) => clock.after(ms, task),
  });
}

/** What stands in a queue, taken and acked. */
export async function drained(queue: Queue, queueName: string): Promise<Delivery[]> {
  const consumer = queue.createConsumer(queueName);
  const all: Delivery[] = [];
  while (true) {
    const some = await consumer.dequeueAll(100, 0);
    if (some.length === 0) break;
    await consumer.ackAll(some);
    all.push(...some);
  }
  await consumer.close();
  return all;
}

/** Lets time pass until the promise is settled; files answer in their own time. */
export async function passing<Value>(clock: VirtualClock, promise: Promise<Value>): Promise<Value> {
  let isSettled = false;
  promise.then(() => isSettled = true, () => isSettled = true);
  while (!isSettled) {
    await clock.advance(5);
    await setImmediate();
  }
  return await promise;
}
