import assert from "node:assert/strict";
import type { ArchiveWrite } from "../archive/archive.ts";
import { departmentIdSchema } from "../core/ids.ts";
import {
  ana,
  ben,
  chat,
  chatOf,
  chatWrite,
  entryWrite,
  epoch,
  offlineWrite,
  sales,
  visitorOf,
} from "../tests/harness/archive_samples.ts";
import { HistoryBench } from "../tests/harness/history_bench.ts";

const help = departmentIdSchema.parse("help");
const named = (name: string, email: string | null = null) => ({ ...chat(1).visitor, name, email });
const at = (no: number) => new Date(epoch + no * 1_000).toISOString();

/** Chats of sales, help and no department, by ana and ben. */
const chats: readonly ArchiveWrite[] = [
  chatWrite(1, { departmentId: sales, agentIds: [ana], visitor: named("Zoë Müller") }),
  chatWrite(2, { departmentId: help, agentIds: [ben], visitor: named("Zora", "z@example.org") }),
  chatWrite(3, { agentIds: [ben], visitorId: visitorOf(1) }),
  chatWrite(4, { departmentId: help, agentIds: [ben, ana] }),
];

/** Numbers of the chats that a caller is shown, newest first. */
async function shown(bench: HistoryBench, as: string, query = ""): Promise<number[]> {
  const items = await bench.list(as, `chats?limit=2${query}`);
  return items.map(({ chatId }) => Number(String(chatId).slice(3)));
}

Deno.test("[HI1] ended chats are found by time, agent, visitor, department and words of the name", async () => {
  await using bench = await HistoryBench.start(chats);
  const rows: readonly (readonly [string, number[]])[] = [
    ["", [4, 3, 2, 1]],
    [`&since=${at(2)}`, [4, 3, 2]],
    [`&until=${at(2)}`, [1]],
    [`&since=${at(2)}&until=${at(4)}`, [3, 2]],
    [`&since=${encodeURIComponent("2026-01-01T02:00:02+02:00")}`, [4, 3, 2]],
    ["&agentId=ana", [4, 1]],
    [`&visitorId=${visitorOf(1)}`, [3, 1]],
    ["&departmentId=help", [4, 2]],
    ["&departmentId=help&agentId=ana", [4]],
    ["&text=zo", [2, 1]],
    ["&text=ZOE%20mull", [1]],
    ["&text=example", [2]],
    [`&text=zo&until=${at(2)}`, [1]],
    ["&text=nobody", []],
  ];
  for (const [query, expected] of rows) {
    assert.deepEqual(await shown(bench, "admin", query), expected, query);
  }
});

Deno.test("[HI1] a chat is shown whole, with its times in ISO 8601", async () => {
  await using bench = await HistoryBench.start(chats);
  const { status, json } = await bench.call("admin", "GET", `/history/chats/${chatOf(1)}`);
  assert.equal(status, 200);
  assert.deepEqual(json, {
    chatId: chatOf(1),
    visitorId: visitorOf(1),
    sessionId: "visit-1",
    visitor: { name: "Zoë Müller", email: null, phone: null, fields: {}, variables: {} },
    campaignId: null,
    departmentId: "sales",
    agentIds: ["ana"],
    hasWaited: false,
    requestedAt: at(0),
    startedAt: at(0),
    endedAt: at(1),
    reason: "agent_ended",
    ticket: null,
    rating: null,
    wrapUp: null,
    isIncomplete: false,
  });
});

Deno.test("[HI1] a transcript comes in order, page by page, with the staff's notes and late entries", async () => {
  await using bench = await HistoryBench.start([
    ...chats,
    entryWrite(1, { n: 2, by: "agent" }),
    entryWrite(1, { n: 1 }),
    entryWrite(1, { n: 1, stream: "staff", kind: "note", by: "agent", order: epoch + 3, id: "x" }),
    entryWrite(1, { n: 3, order: epoch + 60_000, text: "and one more" }),
  ]);
  const entries = await bench.list("agent", `chats/${chatOf(1)}/transcript?limit=3`);
  assert.deepEqual(entries.map(({ kind, text, isLate }) => [kind, text, isLate]), [
    ["message", "text 1", false],
    ["message", "text 2", false],
    ["note", "text 1", false],
    ["message", "and one more", true],
  ]);
  assert.equal(entries[0]?.["at"], new Date(epoch + 1).toISOString());
});

Deno.test("[HI1] offline messages are listed by time and department", async () => {
  await using bench = await HistoryBench.start([
    offlineWrite(1, { departmentId: sales }),
    offlineWrite(2, { departmentId: help }),
    offlineWrite(3),
  ]);
  const listed = async (as: string, query = "") => {
    const items = await bench.list(as, `offline-messages?limit=1${query}`);
    return items.map(({ content }) => String(content).slice(-1)).join("");
  };
  assert.equal(await listed("admin"), "321");
  assert.equal(await listed("admin", `&since=${at(2)}`), "32");
  assert.equal(await listed("operator", "&departmentId=help"), "2");
  assert.equal(await listed("supervisor"), "31");
  assert.equal(await listed("agent"), "31");
  assert.equal(await listed("agent", "&departmentId=help"), "");
});

Deno.test("[HI2] who may read which chats: an agent those that it was in, a supervisor its departments'", async () => {
  await using bench = await HistoryBench.start([
    ...chats,
    chatWrite(5, { departmentId: help, agentIds: [] }),
  ]);
  const rows: readonly (readonly [string, string, number[]])[] = [
    ["operator", "", [5, 4, 3, 2, 1]],
    ["admin", "", [5, 4, 3, 2, 1]],
    ["supervisor", "", [3, 1]],
    ["supervisor", "&departmentId=sales", [1]],
    ["supervisor", "&departmentId=help", []],
    ["supervisor", "&agentId=ben", [3]],
    ["supervisor", `&visitorId=${visitorOf(2)}`, []],
    ["supervisor", "&text=zo", [1]],
    ["agent", "", [4, 1]],
    ["agent", "&agentId=ana", [4, 1]],
    ["agent", "&agentId=ben", []],
    ["agent", "&departmentId=help", [4]],
    ["agent", "&text=zo", [1]],
  ];
  for (const [as, query, expected] of rows) {
    assert.deepEqual(await shown(bench, as, query), expected, `${as} ${query}`);
  }
  for (const [as, readable] of [["supervisor", [3, 1]], ["agent", [4, 1]]] as const) {
    for (const no of [1, 2, 3, 4, 5]) {
      for (
        const path of [`/history/chats/${chatOf(no)}`, `/history/chats/${chatOf(no)}/transcript`]
      ) {
        const { status } = await bench.call(as, "GET", path);
        assert.equal(status, readable.some((one) => one === no) ? 200 : 404, `${as} ${path}`);
      }
    }
  }
});

Deno.test("[HI2] a supervisor's own chats are its to read, also those of other departments", async () => {
  const sue = ana.replace("ana", "sue") as typeof ana; // well-formed
  await using bench = await HistoryBench.start([
    chatWrite(1, { departmentId: help, agentIds: [sue] }),
    chatWrite(2, { departmentId: help, agentIds: [ben] }),
    chatWrite(3, { departmentId: sales, agentIds: [sue] }),
  ]);
  assert.deepEqual(await shown(bench, "supervisor", "&agentId=sue"), [3, 1]);
  assert.deepEqual(await shown(bench, "supervisor", "&agentId=sue&departmentId=help"), [1]);
  assert.deepEqual(await shown(bench, "supervisor"), [3]);
  assert.equal((await bench.call("supervisor", "GET", `/history/chats/${chatOf(1)}`)).status, 200);
});

Deno.test("[HI2] what is not there and what is not one's to read look the same", async () => {
  await using bench = await HistoryBench.start(chats);
  const path = (id: string, rest = "") => `/history/chats/${id}${rest}`;
  for (const rest of ["", "/transcript"]) {
    const other = await bench.call("agent", "GET", path(chatOf(2), rest));
    const none = await bench.call("agent", "GET", path(chatOf(99), rest));
    assert.deepEqual([other.status, none.status], [404, 404]);
    assert.deepEqual(other.json, none.json);
  }
  const bad = await bench.call("admin", "GET", path("x"));
  assert.deepEqual([bad.status, bad.json["detail"]], [400, "chatId: a ULID"]);
});

Deno.test("[HI4] a page goes on where the last one ended while chats end", async () => {
  await using bench = await HistoryBench.start(chats);
  const first = await bench.call("admin", "GET", "/history/chats?limit=2");
  await bench.archive.record([chatWrite(9), chatWrite(8, { endedAt: epoch + 3_500 })]);
  const next = String(first.json["next"]);
  const second = await bench.call("admin", "GET", `/history/chats?limit=2&cursor=${next}`);
  const ids = [first, second].flatMap(({ json }) => json["items"] as { chatId: string }[]) // schema
    .map(({ chatId }) => chatId);
  assert.deepEqual(ids, [4, 3, 2, 1].map(chatOf));
});

const allowed = {
  time: "a time as in 2026-11-25T09:00:00Z",
  name: "1 to 64 of a-z 0-9 _ -",
  ulid: "a ULID: 26 upper-case characters",
  cursor: "not one of this list: begin again without it",
} as const;

Deno.test("[HI4] a question that cannot be answered is told the field and what is allowed", async () => {
  await using bench = await HistoryBench.start(chats);
  const rows: readonly (readonly [string, string, string])[] = [
    ["limit=0", "limit", "1 to 200"],
    ["limit=201", "limit", "1 to 200"],
    ["limit=many", "limit", "1 to 200"],
    ["limit=1.5", "limit", "1 to 200"],
    ["since=yesterday", "since", allowed.time],
    ["since=2026-11-25", "since", allowed.time],
    ["until=1764061200000", "until", allowed.time],
    [`since=${at(2)}&until=${at(1)}`, "until", "later than since"],
    [`since=${at(1)}&until=${at(1)}`, "until", "later than since"],
    ["agentId=Ana!", "agentId", allowed.name],
    ["departmentId=", "departmentId", allowed.name],
    ["visitorId=vik", "visitorId", allowed.ulid],
    [`text=${"x".repeat(129)}`, "text", "at most 128 characters"],
    ["cursor=!!", "cursor", allowed.cursor],
    [`cursor=${btoa("none of ours")}`, "cursor", allowed.cursor],
    [`cursor=${"x".repeat(513)}`, "cursor", "`next` of the page before"],
    [
      "name=zoe",
      "name",
      "unknown: one of limit, cursor, since, until, agentId, departmentId, visitorId, text",
    ],
  ];
  for (const [query, path, message] of rows) {
    const { status, json } = await bench.call("admin", "GET", `/history/chats?${query}`);
    assert.equal(status, 400, query);
    assert.deepEqual(json["errors"], [{ path, message }], query);
    assert.equal(json["detail"], `${path}: ${message}`);
    assert.equal(json["code"], "bad_query");
  }
  for (const path of ["offline-messages", "logs/rating", `chats/${chatOf(1)}/transcript`]) {
    for (const query of ["limit=0", "cursor=!!", "colour=red"]) {
      const { status, json } = await bench.call("admin", "GET", `/history/${path}?${query}`);
      const [fault] = json["errors"] as { path: string }[]; // as the schema has it
      assert.deepEqual([status, fault?.path], [400, query.split("=")[0]], `${path} ${query}`);
    }
  }
});

Deno.test("[HI4] no question makes the archive count as away", async () => {
  await using bench = await HistoryBench.start(chats);
  const { json } = await bench.call("admin", "GET", "/history/chats?limit=1");
  const cursor = String(json["next"]);
  for (
    const query of [
      `cursor=${cursor}&since=2030-01-01T00:00:00Z`,
      `cursor=${btoa("0/x")}`,
      `cursor=${btoa("9999999999999999/x")}`,
      "since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z",
      "since=2026-02-30T00:00:00Z",
      `text=${encodeURIComponent("\u0000 ＡＢ \u{1f600}")}`,
      "text=%ff%fe",
    ]
  ) {
    const { status } = await bench.call("admin", "GET", `/history/chats?${query}`);
    assert.ok(status === 200 || status === 400, `${query}: ${status}`);
  }
});
