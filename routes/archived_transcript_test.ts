import assert from "node:assert/strict";
import type { ArchiveWrite } from "../archive/archive.ts";
import { entrySchema, signedEntrySchema } from "../core/entry.ts";
import { limits } from "../core/limits.ts";
import { AdminBench } from "../tests/harness/admin_bench.ts";
import { HistoryBench } from "../tests/harness/history_bench.ts";
import {
  ana,
  ben,
  chatOf,
  chatWrite,
  entryWrite,
  visitorOf,
  write,
} from "../tests/harness/archive_samples.ts";
import { departmentIdSchema } from "../core/ids.ts";

const help = departmentIdSchema.parse("help");

/** A visitor's token at this bench. */
function tokenOf(bench: HistoryBench, visitorId: string): Promise<string> {
  return bench.admin.edge.token({ kind: "visitor", sub: visitorId });
}

/** A chat that ended at the node, its entries as the node gave them, and both in the archive. */
async function endedChat(bench: HistoryBench) {
  const { edge } = bench.admin;
  const { ids } = edge.bench;
  const [agent, visitor] = [edge.bench.agent("ana"), edge.bench.visitor()];
  const { session } = visitor.connection;
  assert.ok(session?.type === "visitor");
  agent.send({ type: "set_status", commandId: ids.command(), status: "online" });
  const chatId = visitor.requestChat();
  agent.send({ type: "accept_chat", commandId: ids.command(), chatId });
  visitor.post(chatId, "hello");
  agent.send({ type: "post_note", chatId, messageId: ids.message(), text: "a regular" });
  visitor.send({ type: "end_chat", commandId: ids.command(), chatId });
  await edge.bench.idle();
  const path = `/chats/${chatId}/transcript`;
  const { json } = await bench.call("agent", "GET", path);
  const signed = signedEntrySchema.array().parse(json["entries"]);
  const { visitorId } = session;
  const entries = signed.map(({ sig: _, ...entry }): ArchiveWrite =>
    write({
      type: "entry",
      siteId: edge.bench.slot().siteId,
      entry: entrySchema.parse(entry),
    })
  );
  const wrapUp = { category: null, comment: "sold" };
  await bench.archive.record([...entries, chatWrite(1, { chatId, visitorId, wrapUp })]);
  return { chatId, visitorId, signed, path, live: json };
}

Deno.test("[HI3] a chat that the node let go of is read from the archive, with the same signed entries", async () => {
  await using bench = await HistoryBench.start();
  const { signed, path, live, visitorId } = await endedChat(bench);
  assert.ok(live["chat"] !== undefined && live["archived"] === undefined);
  await bench.clock.advance(limits.endedChatKeptMs + 60_000);
  await bench.admin.edge.bench.idle();
  assert.equal(bench.admin.edge.bench.slot().site.state.chats.size, 0);

  const agents = await bench.call("agent", "GET", path);
  assert.equal(agents.status, 200);
  assert.deepEqual(agents.json["entries"], signed);
  const archived = agents.json["archived"] as Record<string, unknown>; // as the document says
  assert.deepEqual(archived["wrapUp"], { category: null, comment: "sold" });
  assert.deepEqual(agents.json["next"], undefined);
  for (const entry of signed) {
    assert.ok(bench.admin.edge.deps.signer.verify(bench.admin.edge.bench.slot().siteId, entry));
  }

  const visitors = await bench.call(await tokenOf(bench, visitorId), "GET", path);
  assert.deepEqual(visitors.json["entries"], signed.filter(({ stream }) => stream === "public"));
  const told = JSON.stringify(visitors.json);
  assert.ok(signed.some(({ stream }) => stream === "staff"));
  for (const word of ["a regular", "sold", "wrapUp", "ticket"]) {
    assert.ok(!told.includes(word), word);
  }
});

Deno.test("[HI3] [HI2] who may read what the archive has of a chat", async () => {
  await using bench = await HistoryBench.start([
    chatWrite(1, { agentIds: [ana], departmentId: help }),
    chatWrite(2, { agentIds: [ben] }),
    chatWrite(3, { agentIds: [ben], departmentId: help }),
  ]);
  const own = await tokenOf(bench, visitorOf(1));
  const rows: readonly (readonly [string, number, number])[] = [
    [own, 1, 200],
    [own, 2, 404],
    ["visitor", 1, 404],
    ["agent", 1, 200],
    ["agent", 2, 404],
    ["supervisor", 1, 404],
    ["supervisor", 2, 200],
    ["supervisor", 3, 404],
    ["admin", 3, 200],
    ["admin", 99, 404],
    ["foreign", 1, 403],
    ["operator", 1, 403],
    ["disabled", 1, 401],
  ];
  for (const [as, no, expected] of rows) {
    const { status } = await bench.call(as, "GET", `/chats/${chatOf(no)}/transcript`);
    assert.equal(status, expected, `${as.slice(0, 12)} ${no}`);
  }
});

Deno.test("[HI3] [HI4] of a very long chat the first entries come, and where history goes on", async () => {
  const many = Array.from({ length: 2_050 }, (_, no) => entryWrite(1, { n: no + 1 }));
  await using bench = await HistoryBench.start([...many, chatWrite(1)]);
  const { json } = await bench.call("agent", "GET", `/chats/${chatOf(1)}/transcript`);
  const first = json["entries"] as { n: number }[]; // as the document says
  assert.deepEqual([first.length, first.at(-1)?.n], [2_000, 2_000]);
  const path = `/history/chats/${chatOf(1)}/transcript?limit=200&cursor=${json["next"]}`;
  const rest = await bench.call("agent", "GET", path);
  const more = rest.json["items"] as { n: number }[]; // as the document says
  assert.deepEqual([more[0]?.n, more.length, rest.json["next"]], [2_001, 50, undefined]);
});

Deno.test("[HI3] while the archive is away nothing is said of a chat that the node does not know", async () => {
  const bench = await AdminBench.start();
  const { clock } = bench.edge.bench;
  bench.edge.deps.parts.down("archive", "its disk is full");
  const since = new Date(clock.now()).toISOString();
  await clock.advance(5_000);
  const asked = bench.call("agent", "GET", `/chats/${chatOf(1)}/transcript`);
  await bench.edge.bench.idle();
  const { status, json, headers } = await asked;
  assert.equal(status, 503);
  assert.deepEqual(json, {
    title: "The archive is away",
    status: 503,
    detail: "its disk is full",
    code: "part_away",
    part: "archive",
    since,
  });
  assert.equal(headers.get("retry-after"), "10");
  bench.stop();
});
