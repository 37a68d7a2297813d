/** Prints what the queues of a stopped process's data folder would deliver, a line a queue. */
import { queueDefinitions } from "../../mq/definitions.ts";
import { KvQueue } from "../../mq/queue_kv.ts";

const [dataDir] = Deno.args;
const queue = await KvQueue.open({
  path: `${dataDir}/queue.kv`,
  definitions: queueDefinitions(),
  now: Date.now,
});
for (const { queueName, delayed } of await queue.stats()) {
  if (delayed > 0) throw new Error(`${queueName} has ${delayed} delayed messages`);
  const consumer = queue.createConsumer(queueName);
  const ids: string[] = [];
  for (let some = await consumer.dequeueAll(500, 0); some.length > 0;) {
    ids.push(...some.map(({ uniqueId }) => uniqueId));
    some = await consumer.dequeueAll(500, 0);
  }
  await consumer.close();
  // deno-lint-ignore no-console -- what it prints is what it is for
  console.log(JSON.stringify({ queueName, ids }));
}
await queue.close();
