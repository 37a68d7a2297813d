import assert from "node:assert/strict";
import type { ArchiveWrite, LogRow } from "../archive/archive.ts";
import { departmentIdSchema } from "../core/ids.ts";
import { HistoryBench } from "../tests/harness/history_bench.ts";
import {
  acme,
  ana,
  ben,
  chatOf,
  chatWrite,
  epoch,
  rowWrite,
  sales,
  visitorOf,
} from "../tests/harness/archive_samples.ts";
import { logNames } from "./history_logs.ts";

const help = departmentIdSchema.parse("help");
const at = (ms: number) => new Date(epoch + ms).toISOString();

/** Ids of the rows that a caller is shown, newest first. */
async function rowIds(bench: HistoryBench, as: string, log: string, query = ""): Promise<string[]> {
  const items = await bench.list(as, `logs/${log}?limit=2${query}`);
  return items.map(({ rowId }) => String(rowId));
}

Deno.test("[HI1] every log has its rows, by time and agent, newest first", async () => {
  const writes = logNames.flatMap((log) => [
    rowWrite(1, { log, rowId: `${log}-1` }),
    rowWrite(2, { log, rowId: `${log}-2`, agentId: ben }),
    rowWrite(3, { log, rowId: `${log}-3`, agentId: null }),
  ]);
  await using bench = await HistoryBench.start(writes);
  for (const log of logNames) {
    assert.deepEqual(await rowIds(bench, "admin", log), [3, 2, 1].map((no) => `${log}-${no}`));
    assert.deepEqual(await rowIds(bench, "admin", log, "&agentId=ben"), [`${log}-2`]);
    assert.deepEqual(await rowIds(bench, "operator", log, `&since=${at(3_000)}`), [`${log}-3`]);
    assert.deepEqual(await rowIds(bench, "operator", log, `&until=${at(2_000)}`), [`${log}-1`]);
  }
});

Deno.test("[HI1] a row has what its message said", async () => {
  const body = { score: 5, comment: "fine" };
  const about = { log: "rating", visitorId: visitorOf(1), chatId: chatOf(1) } as const;
  await using bench = await HistoryBench.start([rowWrite(1, { ...about, agentId: null, body })]);
  assert.deepEqual(await bench.list("admin", "logs/rating"), [{
    rowId: "row-1",
    at: at(1_000),
    agentId: null,
    visitorId: visitorOf(1),
    chatId: chatOf(1),
    body,
  }]);
});

Deno.test("[HI1] a log that there is none of is told which there are", async () => {
  await using bench = await HistoryBench.start();
  const { status, json } = await bench.call("admin", "GET", "/history/logs/secrets");
  assert.equal(status, 404);
  assert.equal(json["detail"], `One of ${logNames.join(", ")}`);
});

Deno.test("[HI2] a supervisor reads rows of its departments: of a row's own, its chat's or its agent's", async () => {
  const rows: readonly (readonly [string, Partial<LogRow>, boolean])[] = [
    ["of nobody", { agentId: null }, true],
    ["of ana", { agentId: ana }, true],
    ["of ben", { agentId: ben }, false],
    ["of cat, who has no department", { agentId: named("cat") }, true],
    ["of one who is gone", { agentId: named("gone") }, false],
    ["of a chat of sales", { agentId: null, chatId: chatOf(1) }, true],
    ["of a chat of help", { agentId: null, chatId: chatOf(2) }, false],
    ["of a chat of help, by ana", { agentId: ana, chatId: chatOf(2) }, false],
    ["of a chat of no department, by ben", { agentId: ben, chatId: chatOf(3) }, true],
    ["of a chat that runs, by ana", { agentId: ana, chatId: chatOf(9) }, true],
    ["of a chat that runs, by nobody", { agentId: null, chatId: chatOf(9) }, false],
    ["that names sales", { agentId: ben, body: { departmentId: "sales" } }, true],
    ["that names help", { agentId: ana, body: { departmentId: "help" } }, false],
    ["that names no department", { agentId: ben, body: { departmentId: null } }, true],
  ];
  const writes: ArchiveWrite[] = rows.map(([rowId, more], no) => rowWrite(no, { ...more, rowId }));
  await using bench = await HistoryBench.start([
    chatWrite(1, { departmentId: sales }),
    chatWrite(2, { departmentId: help }),
    chatWrite(3),
    ...writes,
  ]);
  const cat = { agentId: "cat", name: "Cat", password: "a fine password" };
  assert.equal((await bench.admin.write("operator", "POST", "/agents", cat)).status, 201);
  const read = new Set(await rowIds(bench, "supervisor", "agent_status"));
  for (const [rowId, , isRead] of rows) assert.equal(read.has(rowId), isRead, rowId);
  assert.equal((await rowIds(bench, "admin", "agent_status")).length, rows.length);
  const refused = await bench.call("agent", "GET", "/history/logs/agent_status");
  assert.deepEqual([refused.status, refused.json["code"]], [403, "forbidden"]);
});

function named(agentId: string): typeof ana {
  return agentId as typeof ana; // well-formed
}

const minutes = (no: number) => no * 60_000;
const visitsAt = (no: number, visits: number) =>
  rowWrite(no, {
    log: "visit",
    agentId: null,
    at: epoch + minutes(5 * no),
    body: { visits, periodMs: minutes(5) },
  });

Deno.test("[HI1] visits are counted per stretch of time", async () => {
  await using bench = await HistoryBench.start([
    visitsAt(0, 3),
    visitsAt(1, 4),
    visitsAt(13, 5),
    visitsAt(24 * 12, 6),
  ]);
  const counted = async (query: string) => {
    const path = `/history/visits?since=${at(0)}&until=${at(minutes(60 * 48))}${query}`;
    const { status, json } = await bench.call("supervisor", "GET", path);
    assert.equal(status, 200);
    return json["items"];
  };
  assert.deepEqual(await counted("&bucket=5m"), [
    { at: at(0), visits: 3 },
    { at: at(minutes(5)), visits: 4 },
    { at: at(minutes(65)), visits: 5 },
    { at: at(minutes(60 * 24)), visits: 6 },
  ]);
  assert.deepEqual(await counted(""), [
    { at: at(0), visits: 7 },
    { at: at(minutes(60)), visits: 5 },
    { at: at(minutes(60 * 24)), visits: 6 },
  ]);
  assert.deepEqual(await counted("&bucket=day"), [
    { at: at(0), visits: 12 },
    { at: at(minutes(60 * 24)), visits: 6 },
  ]);
});

Deno.test("[HI4] a time for visits that is missing, wrong or too long is told so", async () => {
  await using bench = await HistoryBench.start();
  const from = `since=${at(0)}`;
  const days = (no: number) => `until=${at(no * minutes(60 * 24))}`;
  const range = "at most 10000 stretches of time and 732 days behind since";
  const rows: readonly (readonly [string, string, string])[] = [
    [`until=${at(0)}`, "since", "a time as in 2026-11-25T09:00:00Z"],
    [from, "until", "a time as in 2026-11-25T09:00:00Z"],
    [`${from}&until=${at(0)}`, "until", "later than since"],
    [`${from}&${days(35)}&bucket=5m`, "until", range],
    [`${from}&${days(417)}`, "until", range],
    [`${from}&${days(733)}&bucket=day`, "until", range],
    [`${from}&${days(1)}&bucket=year`, "bucket", '"5m", "hour" or "day"'],
    [`${from}&${days(1)}&limit=5`, "limit", "unknown: one of since, until, bucket"],
  ];
  for (const [query, path, message] of rows) {
    const { status, json } = await bench.call("admin", "GET", `/history/visits?${query}`);
    assert.equal(status, 400, query);
    assert.deepEqual(json["errors"], [{ path, message }], query);
  }
  for (const query of [`${from}&${days(34)}&bucket=5m`, `${from}&${days(732)}&bucket=day`]) {
    assert.equal((await bench.call("admin", "GET", `/history/visits?${query}`)).status, 200);
  }
});

Deno.test("[HI2] nobody reads another site's history", async () => {
  await using bench = await HistoryBench.start([chatWrite(1), rowWrite(1)]);
  for (const path of ["chats", "logs/agent_status", `chats/${chatOf(1)}`, "offline-messages"]) {
    const told = await bench.call("foreign", "GET", `/v1/sites/${acme}/history/${path}`);
    assert.deepEqual([told.status, told.json["code"]], [403, "other_site"], path);
  }
  const own = await bench.call("foreign", "GET", "/v1/sites/other/history/chats");
  assert.deepEqual([own.status, own.json], [200, { items: [] }]);
});
