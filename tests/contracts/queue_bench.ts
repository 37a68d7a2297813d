// deno-lint-ignore-file no-console -- a tool's output
import { type NewMessage, type Queue, type QueueDefinition } from "../../mq/queue.ts";
import { KvQueue } from "../../mq/queue_kv.ts";

const count = 20_000;
const published = 250;
const taken = 200;
const atOnce = 100;

/** How many messages of about 800 bytes pass a second, by what is done with them; on a file. */
async function main(): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "chatnode_queue_bench_" });
  const path = `${dir}/queue.kv`;
  const definitions: readonly QueueDefinition[] = ["jobs", "mails", "hooks"].map((name) => ({
    name,
    leaseMs: 30_000,
    attemptsMax: 10,
    check: () => undefined,
  }));
  const open = () => KvQueue.open({ path, definitions, now: Date.now });
  let queue = await open();
  try {
    const figures: Record<string, number> = {};
    figures.publish_s = await rate(() => publishAll(queue, "a"));
    await queue.close();
    const startedAt = performance.now();
    queue = await open();
    figures.open_ms = Math.round(performance.now() - startedAt);
    figures.dequeue_ack_s = await rate(() => drain(queue, count));
    figures.republish_s = await rate(() => publishAll(queue, "a"));
    figures.through_s = await rate(() =>
      Promise.all([publishOneByOne(queue), drain(queue, count)])
    );
    await publishAll(queue, "c");
    figures.forward_to_2_s = await rate(() => forwardAll(queue));
    console.log(JSON.stringify(figures));
  } finally {
    await queue.close();
    await Deno.remove(dir, { recursive: true });
  }
}

async function rate(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return Math.round(count / ((performance.now() - startedAt) / 1_000));
}

function messageOf(prefix: string, n: number): NewMessage {
  const payload = { siteId: "acme", n, text: "x".repeat(750) };
  return {
    queueName: "jobs",
    uniqueId: `${prefix}-${n}-01ARZ3NDEKTSV4RRFFQ69G5FAV`,
    payload,
    at: Date.now(),
  };
}

async function publishAll(queue: Queue, prefix: string): Promise<void> {
  for (let from = 0; from < count; from += published) {
    await queue.publishAll(
      Array.from({ length: published }, (_, place) => messageOf(prefix, from + place)),
    );
  }
}

/** As many publishers at once, each of one message after the other. */
async function publishOneByOne(queue: Queue): Promise<void> {
  const publishers = Array.from({ length: atOnce }, async (_, publisher) => {
    for (let n = publisher; n < count; n += atOnce) await queue.publishAll([messageOf("b", n)]);
  });
  await Promise.all(publishers);
}

async function drain(queue: Queue, expected: number): Promise<void> {
  const consumer = queue.createConsumer("jobs");
  for (let seen = 0; seen < expected;) {
    const some = await consumer.dequeueAll(taken, 10_000);
    seen += some.length;
    await consumer.ackAll(some);
  }
  await consumer.close();
}

async function forwardAll(queue: Queue): Promise<void> {
  const consumer = queue.createConsumer("jobs");
  for (let seen = 0; seen < count;) {
    const some = await consumer.dequeueAll(50, 10_000);
    seen += some.length;
    await Promise.all(some.map((one) =>
      consumer.forward(
        one,
        ["mails", "hooks"].map((queueName) => ({
          queueName,
          uniqueId: one.uniqueId,
          payload: one.payload,
          at: one.at,
        })),
      )
    ));
  }
  await consumer.close();
}

if (import.meta.main) await main();
