import assert from "node:assert/strict";
import { type Queue, QueueUnavailable } from "../mq/queue.ts";
import { KvQueue } from "../mq/queue_kv.ts";
import { Parts } from "../server/parts.ts";
import { passing } from "../tests/harness/queue_bench.ts";
import { VirtualClock } from "../tests/harness/virtual_clock.ts";
import { QueuePart } from "./queue_part.ts";

const definitions = [{ name: "work", leaseMs: 60_000, attemptsMax: 3, check: () => undefined }];

Deno.test("[PB12] a queue that cannot be opened is down and nothing more; its consumers begin once it is open", async () => {
  const clock = new VirtualClock();
  const parts = new Parts(() => clock.now());
  let isDamaged = true;
  const open = (): Promise<Queue> =>
    isDamaged ? Promise.reject(new QueueUnavailable("queue.kv cannot be read")) : KvQueue.open({
      ...{ path: ":memory:", definitions },
      now: () => clock.now(),
      after: (ms, task) => clock.after(ms, task),
    });
  const logged: string[] = [];
  const log = { write: (_: string, event: string) => void logged.push(event) };
  const queue = new QueuePart({ open, definitions, parts, clock, log });
  await queue.start();
  assert.equal(parts.state("queue").state, "down");
  await assert.rejects(queue.publish("work", "one", {}), /queue.kv cannot be read/);
  await assert.rejects(queue.stats(), QueueUnavailable);
  const consumer = queue.createConsumer("work");
  assert.equal(consumer.leaseMs, 60_000);
  await assert.rejects(consumer.dequeueAll(1), QueueUnavailable);
  assert.throws(() => queue.createConsumer("unknown"), /unknown/);

  isDamaged = false;
  await clock.advance(1_000);
  await passing(clock, queue.start());
  assert.equal(await queue.publish("work", "one", {}), "published");
  const [delivery] = await consumer.dequeueAll(1);
  assert.equal(delivery?.uniqueId, "one");
  await consumer.close();
  await queue.close();
  assert.deepEqual(logged, ["queue_down", "queue_up"]);
});
