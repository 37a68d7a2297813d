import assert from "node:assert/strict";
import type { Archive, ArchiveRecord } from "../archive/archive.ts";
import { distribution } from "../mq/distribution.ts";
import { EffectsBench } from "../tests/harness/effects_bench.ts";
import { type PersistedMessage, persistedMessages, told } from "../tests/harness/effect_table.ts";
import { until } from "../tests/harness/event_turns.ts";
import { consumers } from "./consumers.ts";
import { persistence } from "./persistence.ts";

/** A folder that goes with the test. */
class TemporaryFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<TemporaryFolder> {
    return new TemporaryFolder(await Deno.makeTempDir());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

const { siteId, chatId } = told;

/** The record as the archive gives it to those who look for it. */
async function readBack(archive: Archive, record: ArchiveRecord): Promise<readonly unknown[]> {
  switch (record.type) {
    case "chat": {
      const { items } = await archive.chats(siteId, { limit: 10 });
      return items.map((chat) => ({ type: "chat", chat }));
    }
    case "entry": {
      const page = { stream: "all", limit: 10 } as const;
      const { items } = await archive.transcript(siteId, chatId, page);
      return items.map(({ isLate, ...entry }) => {
        assert.equal(isLate, false);
        return { type: "entry", siteId, entry };
      });
    }
    case "offline_message": {
      const { items } = await archive.offlineMessages(siteId, { limit: 10 });
      return items.map((message) => ({ type: "offline_message", message }));
    }
    case "log": {
      const { items } = await archive.logRows(siteId, { log: record.row.log, limit: 10 });
      return items.map((row) => ({ type: "log", row }));
    }
  }
}

/** The payload otherwise, as nobody publishes it under the same id, with an earlier time. */
function changed({ payload }: PersistedMessage): Record<string, unknown> {
  const earlier = "2026-11-25T11:59:59.000Z";
  const times = ["time", "at", "leaveTime", "endTime"].filter((name) => name in payload);
  return { ...payload, ...Object.fromEntries(times.map((name) => [name, earlier])) };
}

Deno.test("[OB6] the table has one message for each queue that is persisted", () => {
  const writers = [...Object.keys(persistence), "chat.end.persistence"];
  assert.deepEqual(
    persistedMessages.map(({ consumed }) => consumed).toSorted(),
    writers.toSorted(),
  );
  const others = Object.keys(consumers).filter((name) => !writers.includes(name));
  assert.deepEqual(others, [...Object.keys(distribution), "agent.ban.configuration"]);
});

for (const message of persistedMessages) {
  const { queue, consumed, uniqueId, payload, record } = message;

  Deno.test(`[OB6] ${queue} becomes its record, once`, async () => {
    await using bench = await EffectsBench.start();
    await bench.publish(queue, uniqueId, payload);
    await bench.settle();
    assert.deepEqual(await readBack(bench.archive, record), [record]);
    assert.deepEqual(await bench.counts(consumed), [0, 0, 0]);
    const [asked] = bench.asked;
    assert.deepEqual([asked?.queueName, asked?.uniqueId], [consumed, uniqueId]);
    // The archive would show what it was told last, did it not know the id.
    await bench.repeat(consumed, uniqueId, changed(message));
    assert.equal(bench.asked.length, 2);
    assert.deepEqual(await readBack(bench.archive, record), [record]);
    assert.deepEqual(await bench.counts(consumed), [0, 0, 0]);
  });

  Deno.test(`[OB6] ${consumed}: poison is a dead letter at once, with the path`, async () => {
    await using bench = await EffectsBench.start();
    const poison = { queueName: consumed, uniqueId, payload: { ...payload, stranger: 1 } };
    await bench.queue.setAside({ ...poison, at: bench.clock.now() }, "by an older build");
    await bench.publish(queue, `${uniqueId}/good`, payload);
    await bench.queue.replay(consumed, uniqueId);
    await until(async () => (await bench.counts(consumed))[2] === 1, "it is dead");
    await bench.settle();
    const [letter] = await bench.deadLetters(consumed);
    assert.equal(letter?.kind, "dead");
    assert.equal(letter?.attempts, 1);
    assert.match(letter?.error ?? "", /^stranger: Unrecognized key/);
    assert.equal((await readBack(bench.archive, record)).length, 1, "its neighbour is written");
  });

  Deno.test(`[OB6] ${consumed}: killed between record and ack, it is there once`, async () => {
    await using folder = await TemporaryFolder.make();
    await using bench = await EffectsBench.start({ dir: folder.path });
    await bench.queue.pause(consumed);
    await bench.publish(queue, uniqueId, payload);
    await until(async () => (await bench.counts(consumed))[0] === 1, "it is there");
    // The others have done what they had to.
    await bench.pass(1_000);
    bench.afterRecord = () => bench.die();
    await bench.queue.resume(consumed);
    await until(() => bench.asked.at(-1)?.queueName === consumed, "it is written");
    const before = bench.asked.length;
    await bench.restart();
    await bench.settle();
    assert.equal(bench.asked.length, before + 1, "it came again");
    assert.deepEqual(await readBack(bench.archive, record), [record]);
    assert.deepEqual(await bench.counts(consumed), [0, 0, 0]);
  });
}

Deno.test("[OB6] while the archive is away all wait, and no attempt is used up", async () => {
  await using bench = await EffectsBench.start();
  bench.isArchiveAway = true;
  for (const { queue, uniqueId, payload } of persistedMessages) {
    await bench.publish(queue, uniqueId, payload);
  }
  const consumed = persistedMessages.map((message) => message.consumed);
  // Longer than all attempts of messages that fail for a reason of their own.
  await bench.pass(1_500_000, 5_000);
  for (const name of consumed) {
    assert.deepEqual(await bench.counts(name), [0, 1, 0], name);
    assert.ok((bench.consumers.byQueue.get(name)?.counts.retried ?? 0) > 20, name);
  }
  assert.deepEqual(bench.asked, []);
  bench.isArchiveAway = false;
  await bench.pass(31_000);
  for (const name of consumed) assert.deepEqual(await bench.counts(name), [0, 0, 0], name);
  assert.equal(bench.asked.length, persistedMessages.length);
  for (const { record } of persistedMessages) {
    const [first] = await readBack(bench.archive, record);
    // The chat has its rating and wrap-up of the other rows.
    if (record.type !== "chat") assert.deepEqual(first, record);
  }
});

Deno.test("[OB6] a prefix stands before the queues, not in the inbox", async () => {
  await using bench = await EffectsBench.start({ prefix: "eu." });
  for (const { queue, uniqueId, payload } of persistedMessages) {
    await bench.publish(queue, uniqueId, payload);
  }
  await bench.settle();
  const inbox = bench.asked.map(({ queueName }) => queueName).toSorted();
  assert.deepEqual(inbox, persistedMessages.map(({ consumed }) => consumed).toSorted());
});
