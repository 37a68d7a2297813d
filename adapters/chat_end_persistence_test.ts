import assert from "node:assert/strict";
import { entrySchema } from "../core/entry.ts";
import { EffectsBench } from "../tests/harness/effects_bench.ts";
import { persistedMessages, told } from "../tests/harness/effect_table.ts";
import { until } from "../tests/harness/event_turns.ts";

const { siteId, chatId, tenure, visitorId } = told;
const minute = 60_000;
/** The longest pause between two looks, and some time for files. */
const pauseMsMax = 34_000;
const queueName = "chat.end.persistence";

/** The end of the table's chat, published now, whose transcript has so many entries. */
function endOf(bench: EffectsBench, count: number): Record<string, unknown> {
  const end = persistedMessages.find(({ queue }) => queue === "chat.end");
  assert.ok(end);
  const vector = { [`${tenure}/public`]: count - 1, [`${tenure}/staff`]: 1 };
  const publishTime = new Date(bench.clock.now()).toISOString();
  return { ...end.payload, vector, count, publishTime };
}

/** The n-th entry of the chat; 0 is the one of the staff's. */
async function publishEntry(bench: EffectsBench, n: number): Promise<void> {
  const time = told.at - 10_000 + n;
  const entry = entrySchema.parse({
    ...{ chatId, tenure, n: Math.max(n, 1), order: time, at: time, text: `text ${n}` },
    ...(n === 0 ? { stream: "staff", kind: "note" } : { stream: "public", kind: "message" }),
    author: n === 0 ? { type: "agent", id: told.agentId } : { type: "visitor", id: visitorId },
    id: `m-${n}`,
  });
  const payload = { siteId, ...entry, at: new Date(entry.at).toISOString() };
  const { stream } = entry;
  await bench.publish("chat.message", `${chatId}/${tenure}/${stream}/${entry.n}`, payload);
}

async function archived(bench: EffectsBench) {
  const { items } = await bench.archive.chats(siteId, { limit: 10 });
  const page = { stream: "all", limit: 100 } as const;
  const entries = (await bench.archive.transcript(siteId, chatId, page)).items;
  return {
    chats: items.map((chat) => chat.isIncomplete ? "incomplete" : "whole"),
    texts: entries.map(({ text }) => text),
  };
}

const incompletes = ({ logged }: EffectsBench) =>
  logged.filter(({ event }) => event === "chat_incomplete");

Deno.test("[OB7] a chat that ended before its messages came is archived when the last one is here", async () => {
  await using bench = await EffectsBench.start();
  await bench.publish("chat.end", chatId, endOf(bench, 4));
  for (const n of [3, 1, 0]) await publishEntry(bench, n);
  await until(async () => (await bench.counts(queueName))[1] === 1, "it waits");
  await bench.pass(5 * minute);
  assert.deepEqual(await archived(bench), { chats: [], texts: ["text 0", "text 1", "text 3"] });
  assert.deepEqual(await bench.counts(queueName), [0, 1, 0]);
  await publishEntry(bench, 2);
  await bench.pass(pauseMsMax);
  assert.deepEqual(await archived(bench), {
    chats: ["whole"],
    texts: ["text 0", "text 1", "text 2", "text 3"],
  });
  assert.deepEqual(await bench.counts(queueName), [0, 0, 0]);
  assert.deepEqual(incompletes(bench), []);
});

Deno.test("[OB7] a chat whose staff's entries are missing waits as well", async () => {
  await using bench = await EffectsBench.start();
  await bench.publish("chat.end", chatId, endOf(bench, 2));
  await publishEntry(bench, 1);
  await bench.pass(minute);
  assert.deepEqual((await archived(bench)).chats, []);
  await publishEntry(bench, 0);
  await bench.pass(pauseMsMax);
  assert.deepEqual((await archived(bench)).chats, ["whole"]);
});

Deno.test("[OB7] the first look is soon, as entries are mostly a moment behind", async () => {
  await using bench = await EffectsBench.start();
  await bench.publish("chat.end", chatId, endOf(bench, 2));
  await until(async () => (await bench.counts(queueName))[1] === 1, "it waits");
  await publishEntry(bench, 0);
  await publishEntry(bench, 1);
  await bench.settle();
  await bench.pass(200, 50);
  assert.deepEqual((await archived(bench)).chats, ["whole"]);
});

Deno.test("[OB7] after ten minutes it is archived as incomplete, the log says so, late ones merge", async () => {
  await using bench = await EffectsBench.start();
  await bench.publish("chat.end", chatId, endOf(bench, 4));
  for (const n of [0, 1, 3]) await publishEntry(bench, n);
  await bench.pass(10 * minute - 5_000);
  assert.deepEqual((await archived(bench)).chats, []);
  assert.deepEqual(incompletes(bench), []);
  await bench.pass(6_000);
  assert.deepEqual((await archived(bench)).chats, ["incomplete"]);
  assert.deepEqual(incompletes(bench), [{ event: "chat_incomplete", fields: { siteId, chatId } }]);
  assert.deepEqual(await bench.counts(queueName), [0, 0, 0]);
  await publishEntry(bench, 2);
  await bench.settle();
  assert.deepEqual(await archived(bench), {
    chats: ["whole"], // it is, by now
    texts: ["text 0", "text 1", "text 2", "text 3"],
  });
  assert.equal(incompletes(bench).length, 1);
});

Deno.test("[OB7] waiting uses up no attempt, and one that waits holds no other up", async () => {
  await using bench = await EffectsBench.start();
  await bench.publish("chat.end", chatId, endOf(bench, 2));
  await bench.pass(9 * minute);
  const { counts } = bench.consumers.byQueue.get(queueName) ?? {};
  assert.ok((counts?.retried ?? 0) > 20, "more looks than a message has attempts");
  const other = { ...endOf(bench, 2), id: told.visitorId, vector: {}, count: 0 };
  await bench.publish("chat.end", told.visitorId, other);
  await bench.settle();
  assert.deepEqual((await archived(bench)).chats, ["whole"]);
});

Deno.test("[OB7] after an archive that was away it waits a minute more for entries behind it", async () => {
  await using bench = await EffectsBench.start();
  bench.isArchiveAway = true;
  await bench.publish("chat.end", chatId, endOf(bench, 3));
  await bench.pass(20 * minute, 5_000);
  await bench.queue.pause("chat.message");
  for (const n of [0, 1, 2]) await publishEntry(bench, n);
  bench.isArchiveAway = false;
  await bench.pass(55_000);
  assert.deepEqual((await archived(bench)).chats, []);
  await bench.queue.resume("chat.message");
  await bench.settle();
  await bench.pass(pauseMsMax);
  assert.deepEqual((await archived(bench)).chats, ["whole"]);
  assert.deepEqual(incompletes(bench), []);
});

Deno.test("[OB7] after an outage a chat whose entries do not come waits its minute, not ten", async () => {
  await using bench = await EffectsBench.start();
  bench.isArchiveAway = true;
  await bench.publish("chat.end", chatId, endOf(bench, 3));
  await bench.pass(20 * minute, 5_000);
  bench.isArchiveAway = false;
  await bench.pass(pauseMsMax + minute);
  assert.deepEqual((await archived(bench)).chats, ["incomplete"]);
});

Deno.test("[OB7] the end comes again: the chat stays as it was archived", async () => {
  await using bench = await EffectsBench.start();
  const end = endOf(bench, 3);
  await bench.publish("chat.end", chatId, end);
  for (const n of [0, 1, 2]) await publishEntry(bench, n);
  await bench.pass(pauseMsMax);
  // By another node, with an earlier end and more entries than there are.
  const again = { ...endOf(bench, 9), endTime: "2026-11-25T11:55:00.000Z" };
  await bench.repeat("chat.end", chatId, again);
  await bench.pass(11 * minute);
  const chat = await bench.archive.chat(siteId, chatId);
  assert.equal(chat?.endedAt, told.at);
  assert.deepEqual(chat?.vector, end["vector"]);
  assert.equal(chat?.isIncomplete, false);
});
