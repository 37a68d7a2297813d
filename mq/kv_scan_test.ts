import assert from "node:assert/strict";
import { KvBench, kvDefinitions as definitions } from "../tests/harness/kv_bench.ts";
import { KvQueue } from "./queue_kv.ts";
import { retryDelayMsMax } from "./retry_policy.ts";

Deno.test("[QD27] after a clock set back what is delayed is due within the longest delay", async () => {
  const dir = await Deno.makeTempDir();
  let at = 1_800_000_000_000;
  const open = () => KvQueue.open({ path: `${dir}/queue.kv`, definitions, now: () => at });
  const day = 24 * 3_600_000;
  const first = await open();
  const ids = Array.from({ length: 450 }, (_, n) => `m${n}`);
  await first.publishAll(
    ids.map((uniqueId) => ({ queueName: "jobs", uniqueId, payload: { uniqueId }, at })),
  );
  const consumer = first.createConsumer("jobs");
  const all = await consumer.dequeueAll(450);
  await Promise.all(all.map((one, place) => {
    return consumer.giveBack(one, { delayMs: 1 + place, error: "busy" });
  }));
  await first.close();

  at -= 30 * day;
  const second = await open();
  const counts = async (queue: KvQueue) => {
    const [jobs] = await queue.stats();
    return [jobs?.ready, jobs?.delayed];
  };
  assert.deepEqual(await counts(second), [0, 450]);
  at += retryDelayMsMax - 1;
  assert.deepEqual(await counts(second), [0, 450]);
  await second.close();
  // A restart begins no delay anew.
  const third = await open();
  at += 1;
  assert.deepEqual(await counts(third), [450, 0]);
  const again = await third.createConsumer("jobs").dequeueAll(450);
  assert.deepEqual(again.map(({ payload }) => payload.uniqueId), ids);
  assert.ok(again.every(({ attempt }) => attempt === 2));
  await third.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[QD27] a delay that a retry may have stays as it is over a restart", async () => {
  await using bench = await KvBench.start();
  await bench.queue.publishAll(bench.messages(2));
  const consumer = bench.queue.createConsumer("jobs");
  const [one, two] = await consumer.dequeueAll(2);
  assert.ok(one && two);
  await consumer.giveBack(one, { delayMs: retryDelayMsMax, error: "busy" });
  await consumer.giveBack(two, { delayMs: 1_000, error: "busy" });
  await bench.kill();
  await bench.clock.advance(1_000);
  assert.deepEqual(await bench.counts(), [1, 1, 0, 0]);
  await bench.clock.advance(retryDelayMsMax - 1_001);
  assert.deepEqual(await bench.counts(), [1, 1, 0, 0]);
  await bench.clock.advance(1);
  assert.deepEqual(await bench.counts(), [2, 0, 0, 0]);
});
