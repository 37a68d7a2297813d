import assert from "node:assert/strict";
import type { ArchiveWrite } from "../archive/archive.ts";
import { noQueue } from "../tests/harness/no_queue.ts";
import { AdminBench, staffedSite } from "../tests/harness/admin_bench.ts";
import { HistoryBench } from "../tests/harness/history_bench.ts";
import { NodeBench } from "../tests/harness/node_bench.ts";
import { passing } from "../tests/harness/queue_bench.ts";
import {
  ana,
  chat,
  chatOf,
  chatWrite,
  entry,
  entryWrite,
  epoch,
  offlineWrite,
  rowWrite,
  visitorOf,
} from "../tests/harness/archive_samples.ts";

/** What is kept of visitor 1, and, with other numbers, of visitor 2. */
const left: readonly ArchiveWrite[] = [1, 2].flatMap((no) => [
  entryWrite(no, { n: 1 }),
  entryWrite(no, { n: 2, by: "agent" }),
  entryWrite(no, { n: 1, stream: "staff", kind: "note", by: "agent", order: epoch + 9, id: "x" }),
  chatWrite(no, { ticket: { id: "t1", ifNew: true, title: "Bread" } }),
  entryWrite(no + 10, { n: 1, text: "still here" }),
  offlineWrite(no),
  rowWrite(no, { log: "visitor", agentId: ana, visitorId: visitorOf(no), body: { name: "Vik" } }),
  rowWrite(no + 10, { log: "canned_use", chatId: chatOf(no), body: { cannedId: "hi" } }),
]);

const pathOf = (no: number) => `/visitors/${visitorOf(no)}`;

async function deeds(bench: HistoryBench): Promise<string[]> {
  const { json } = await bench.call("operator", "GET", "/audit?limit=50");
  // As the schema has it.
  const rows = json["items"] as { readonly by: string; readonly what: string }[];
  return rows.map(({ by, what }) => `${by}: ${what}`).filter((deed) => deed.includes("visitors."));
}

const iso = (ms: number) => new Date(ms).toISOString();

/** Visitor 1's offline message and rows, as the export has them. */
const keptBesides = {
  offlineMessages: [{
    messageId: "offline-1",
    visitorId: visitorOf(1),
    sessionId: "visit-1",
    campaignId: null,
    departmentId: null,
    name: "Visitor 1",
    email: null,
    subject: null,
    content: "Call me back, 1",
    fields: {},
    at: iso(epoch + 1_000),
  }],
  logs: [
    {
      log: "visitor",
      rowId: "row-1",
      at: iso(epoch + 1_000),
      agentId: "ana",
      visitorId: visitorOf(1),
      chatId: null,
      body: { name: "Vik" },
    },
    {
      log: "canned_use",
      rowId: "row-11",
      at: iso(epoch + 11_000),
      agentId: "ana",
      visitorId: null,
      chatId: chatOf(1),
      body: { cannedId: "hi" },
    },
  ],
};

Deno.test("[HI5] an export has everything of a visitor, and nothing of another one", async () => {
  await using bench = await HistoryBench.start(left);
  const { status, json } = await bench.call("admin", "GET", `${pathOf(1)}/export`);
  assert.equal(status, 200);
  const { siteId: _, vector: _vector, ...ended } = chat(1);
  const shown = (options: Parameters<typeof entry>[1]) => {
    const one = entry(1, options);
    return { ...one, at: iso(one.at), isLate: false };
  };
  assert.deepEqual(json, {
    visitorId: visitorOf(1),
    chats: [{
      chatId: chatOf(1),
      chat: {
        ...ended,
        ticket: { id: "t1", ifNew: true, title: "Bread" },
        requestedAt: iso(epoch),
        startedAt: iso(epoch),
        endedAt: iso(epoch + 1_000),
      },
      entries: [
        shown({ n: 1 }),
        shown({ n: 2, by: "agent" }),
        shown({ n: 1, stream: "staff", kind: "note", by: "agent", order: epoch + 9, id: "x" }),
      ],
    }],
    ...keptBesides,
  });
  assert.deepEqual(await deeds(bench), [`agent:ada: visitors.export ${visitorOf(1)}`]);
});

Deno.test("[HI5] the export of a visitor whose chat runs has what was written so far", async () => {
  await using bench = await HistoryBench.start(left);
  const { json } = await bench.call("operator", "GET", `${pathOf(11)}/export`);
  const [one] = json["chats"] as Record<string, unknown>[]; // as the schema has it
  assert.deepEqual([one?.["chatId"], one?.["chat"]], [chatOf(11), null]);
  assert.ok(JSON.stringify(one?.["entries"]).includes("still here"));
});

Deno.test("[HI5] of a visitor that nobody knows there is nothing, and an id that is none is told", async () => {
  await using bench = await HistoryBench.start(left);
  const { status, json } = await bench.call("admin", "GET", `${pathOf(77)}/export`);
  const nothing = { visitorId: visitorOf(77), chats: [], offlineMessages: [], logs: [] };
  assert.deepEqual([status, json], [200, nothing]);
  for (const [method, path] of [["GET", "/visitors/vik/export"], ["DELETE", "/visitors/vik"]]) {
    const bad = await bench.call("admin", method ?? "", path ?? "");
    assert.deepEqual([bad.status, bad.json["detail"]], [400, "visitorId: a ULID"]);
  }
});

/** A site where a visitor has chatted, and whose archive and queue have it by now. */
async function chatted() {
  const bench = await HistoryBench.start();
  const { edge } = bench.admin;
  const [agent, visitor] = [edge.bench.agent("ana"), edge.bench.visitor()];
  const { session } = visitor.connection;
  assert.ok(session?.type === "visitor");
  const { visitorId } = session;
  const ids = edge.bench.ids;
  agent.send({ type: "set_status", commandId: ids.command(), status: "online" });
  const chatId = visitor.requestChat();
  agent.send({ type: "accept_chat", commandId: ids.command(), chatId });
  visitor.post(chatId, "hello");
  await edge.bench.idle();
  const end = async () => {
    visitor.send({ type: "end_chat", commandId: ids.command(), chatId });
    await edge.bench.idle();
  };
  return { bench, visitorId, chatId, end, visitor };
}

const time = new Date(epoch).toISOString();

/** Messages of a visitor, of its chat, and of nobody here, in queues and as dead letters. */
async function fillQueue(
  { queue }: HistoryBench,
  visitorId: string,
  chatId: string,
): Promise<void> {
  const agents = (chat: string) => {
    const { author: _, at: _at, ...rest } = entry(1, { n: 1 });
    const author = { type: "agent", id: "ana" };
    return { ...rest, siteId: "acme", chatId: chat, author, at: time };
  };
  const visitors = { ...agents(chatOf(8)), author: { type: "visitor", id: visitorId } };
  const rating = (siteId: string) => ({
    siteId,
    chatId: chatOf(8),
    visitorId,
    agentIds: [],
    score: 5,
    comment: null,
    time,
  });
  await queue.publish("chat.message", "of its chat", agents(chatId));
  await queue.publish("chat.message", "of its chat, dead", agents(chatId));
  await queue.publish("chat.message", "by it", visitors);
  await queue.publish("chat.message", "of another chat", agents(chatOf(8)));
  await queue.publish("visitor.rating", "about it", rating("acme"));
  await queue.publish("visitor.rating", "at another site", rating("other"));
  const consumer = queue.createConsumer("chat.message");
  const taken = await consumer.dequeueAll(2);
  const dead = taken.find(({ uniqueId }) => uniqueId === "of its chat, dead");
  if (dead !== undefined) await consumer.giveBack(dead, { delayMs: "never", error: "no" });
  await consumer.close();
}

async function counts({ queue }: HistoryBench): Promise<Record<string, number[]>> {
  const stats = await queue.stats();
  return Object.fromEntries(
    stats.filter(({ ready, dead }) => ready + dead > 0)
      .map(({ queueName, ready, dead }) => [queueName, [ready, dead]]),
  );
}

Deno.test("[HI6] an erased visitor is gone from archive, queues, dead letters and running state", async () => {
  const { bench, visitorId, chatId, end } = await chatted();
  await using _ = bench;
  await end();
  await fillQueue(bench, visitorId, chatId);
  await bench.archive.record([
    chatWrite(1, { chatId, visitorId }),
    chatWrite(2),
    rowWrite(1, { log: "canned_use", chatId }),
  ]);
  const slot = bench.admin.edge.bench.slot();
  assert.ok(slot.site.state.chats.has(chatId));
  assert.deepEqual(await counts(bench), { "chat.message": [3, 1], "visitor.rating": [2, 0] });

  const told = await bench.call("admin", "DELETE", `/visitors/${visitorId}`);
  assert.deepEqual([told.status, told.json], [200, { chats: 1, archived: 2, messages: 4 }]);
  assert.equal(slot.site.state.chats.has(chatId), false);
  assert.deepEqual(await counts(bench), { "chat.message": [1, 0], "visitor.rating": [1, 0] });
  assert.deepEqual((await bench.list("admin", "chats")).map((one) => one["chatId"]), [chatOf(2)]);
  const found = await bench.call("admin", "GET", `/visitors/${visitorId}/export`);
  assert.deepEqual(found.json, { visitorId, chats: [], offlineMessages: [], logs: [] });
  const read = await bench.call("agent", "GET", `/chats/${chatId}/transcript`);
  assert.equal(read.status, 404);

  const again = await bench.call("operator", "DELETE", `/visitors/${visitorId}`);
  assert.deepEqual([again.status, again.json], [200, { chats: 0, archived: 0, messages: 0 }]);
  assert.deepEqual(await deeds(bench), [
    `operator: visitors.erase ${visitorId}`,
    `agent:ada: visitors.export ${visitorId}`,
    `agent:ada: visitors.erase ${visitorId}`,
  ]);
});

Deno.test("[HI6] an erased visitor's chats do not come back with the node's next start", async () => {
  const { bench, visitorId, chatId, end } = await chatted();
  await using _ = bench;
  await end();
  assert.equal((await bench.call("admin", "DELETE", `/visitors/${visitorId}`)).status, 200);
  const { bench: first } = bench.admin.edge;
  await first.idle();
  first.stop();
  const again = await NodeBench.start({ configs: [staffedSite()], store: first.store });
  const { state } = again.slot().site;
  assert.deepEqual([state.chats.has(chatId), state.visitorRegisters.has(visitorId)], [
    false,
    false,
  ]);
  again.stop();
});

Deno.test("[HI6] what of an erased visitor was on its way stays out of the archive", async () => {
  const { bench, visitorId, chatId, end } = await chatted();
  await using _ = bench;
  await end();
  assert.equal((await bench.call("admin", "DELETE", `/visitors/${visitorId}`)).status, 200);
  await bench.archive.record([chatWrite(1, { chatId, visitorId })]);
  assert.deepEqual(await bench.list("admin", "chats"), []);
});

Deno.test("[HI6] while a chat of the visitor runs nothing is erased, and the answer names it", async () => {
  const { bench, visitorId, chatId, end } = await chatted();
  await using _ = bench;
  await bench.archive.record([chatWrite(5, { visitorId })]);
  await fillQueue(bench, visitorId, chatId);
  const before = await counts(bench);
  const told = await bench.call("admin", "DELETE", `/visitors/${visitorId}`);
  assert.deepEqual([told.status, told.json["code"]], [409, "has_chat"]);
  assert.equal(told.json["detail"], `End chat ${chatId} first`);
  assert.deepEqual(await counts(bench), before);
  assert.equal((await bench.list("admin", "chats")).length, 1);
  assert.deepEqual(await deeds(bench), []);
  await end();
  assert.equal((await bench.call("admin", "DELETE", `/visitors/${visitorId}`)).status, 200);
  assert.deepEqual(await bench.list("admin", "chats"), []);
});

Deno.test("[HI6] an erasure that failed on the way is told, noted, and made whole by its repeat", async () => {
  const { bench } = await chatted();
  await using _ = bench;
  await bench.archive.record([chatWrite(1)]);
  await fillQueue(bench, visitorOf(1), chatOf(1));
  const { queue } = bench;
  const erase = queue.erase.bind(queue);
  queue.erase = noQueue.erase;
  const told = await bench.call("admin", "DELETE", pathOf(1));
  assert.equal(told.status, 503);
  assert.deepEqual([told.json["part"], told.headers.get("retry-after")], ["queue", "10"]);
  assert.equal((await deeds(bench)).length, 1);
  queue.erase = erase;
  const again = await bench.call("admin", "DELETE", pathOf(1));
  assert.deepEqual(again.json, { chats: 0, archived: 1, messages: 4 });
});

Deno.test("[HI5] [HI6] an archive that fails is a 503 with the reason and since when", async () => {
  const bench = await AdminBench.start();
  const { clock } = bench.edge.bench;
  const since = new Date(clock.now()).toISOString();
  const told = await bench.call("admin", "GET", `${pathOf(1)}/export`);
  assert.deepEqual(told.json, {
    title: "The archive is away",
    status: 503,
    detail: "This bench has no archive",
    code: "part_away",
    part: "archive",
    since,
  });
  const erased = await passing(clock, bench.call("admin", "DELETE", pathOf(1)));
  assert.deepEqual([erased.status, erased.json["part"]], [503, "archive"]);
  bench.stop();
});
