import assert from "node:assert/strict";
import { AdminBench, type CallerName, callers } from "../tests/harness/admin_bench.ts";
import { chatOf, chatWrite, sales, visitorOf } from "../tests/harness/archive_samples.ts";
import { fullSite } from "../tests/harness/full_site.ts";
import { HistoryBench } from "../tests/harness/history_bench.ts";
import { type ConfigOperation, configOperations } from "./config_operations.ts";
import { siteOperations } from "./sites.ts";
import { operations } from "./operations.ts";
import type { Operation } from "./operation.ts";

// What each caller gets for each kind of resource: y it is done, else the status that refuses.
const table = `
                      | operator | admin | supervisor | agent | visitor | nobody | foreign | disabled
site read             | y        | y     | y          | 403   | 403     | 401    | 403     | 401
site write            | y        | y     | 403        | 403   | 403     | 401    | 403     | 401
agents read           | y        | y     | y          | 403   | 403     | 401    | 403     | 401
agents write          | y        | y     | 403        | 403   | 403     | 401    | 403     | 401
departments read      | y        | y     | y          | 403   | 403     | 401    | 403     | 401
departments write     | y        | y     | 403        | 403   | 403     | 401    | 403     | 401
campaigns read        | y        | y     | y          | 403   | 403     | 401    | 403     | 401
campaigns write       | y        | y     | 403        | 403   | 403     | 401    | 403     | 401
canned-messages read  | y        | y     | y          | 403   | 403     | 401    | 403     | 401
canned-messages write | y        | y     | y          | 403   | 403     | 401    | 403     | 401
bans read             | y        | y     | y          | 403   | 403     | 401    | 403     | 401
bans write            | y        | y     | y          | 403   | 403     | 401    | 403     | 401
section read          | y        | y     | y          | 403   | 403     | 401    | 403     | 401
section write         | y        | y     | 403        | 403   | 403     | 401    | 403     | 401
sites                 | y        | 401   | 401        | 401   | 401     | 401    | 401     | 401
audit                 | y        | y     | 403        | 403   | 403     | 401    | 403     | 401
audit of all          | y        | 401   | 401        | 401   | 401     | 401    | 401     | 401
own password          | 422      | y     | y          | y     | 403     | 401    | 403     | 401
another's password    | y        | y     | 403        | 403   | 403     | 401    | 403     | 401
own sessions          | y        | y     | y          | y     | 403     | 401    | 403     | 401
another's sessions    | y        | y     | 403        | 403   | 403     | 401    | 403     | 401
another's lock        | y        | y     | 403        | 403   | 403     | 401    | 403     | 401
history               | y        | y     | y          | y     | 403     | 401    | 403     | 401
offline messages      | y        | y     | y          | y     | 403     | 401    | 403     | 401
logs                  | y        | y     | y          | 403   | 403     | 401    | 403     | 401
visitor's records     | y        | y     | 403        | 403   | 403     | 401    | 403     | 401
`.trim().split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
const rows = new Map(table.slice(1).map(([name = "", ...cells]) => [name, cells]));

/** Items that the acts are done to; one's department is the supervisor's. */
const items: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  agents: { agentId: "zoe", name: "Zoe", password: "a long password" },
  departments: { departmentId: "legal", name: "Legal" },
  campaigns: { campaignId: "fair", name: "The fair" },
  "canned-messages": { cannedId: "hi", title: "Hi", text: "Hello", departmentId: "sales" },
  bans: { banId: "b9", target: { type: "address", address: "192.0.2.7" } },
};

function kindOf({ resource, act }: ConfigOperation): string {
  const kind = resource === "site"
    ? "site"
    : resource.type === "collection"
    ? resource.path
    : "section";
  return `${kind} ${act === "list" || act === "read" ? "read" : "write"}`;
}

/** Puts what the act is about in place, does it, and says how it went. */
async function outcome(
  bench: AdminBench,
  as: CallerName,
  { resource, act, operation }: ConfigOperation,
): Promise<string> {
  let path = operation.path;
  let value: unknown = act === "patch" ? {} : fullSite["name"];
  if (resource !== "site" && resource.type === "collection") {
    const item = items[resource.path] ?? {};
    path = path.replace(`:${resource.key}`, String(item[resource.key]));
    value = act === "patch" ? {} : item;
    const at = `/${resource.path}/${item[resource.key]}`;
    await bench.write("operator", "DELETE", at);
    if (act !== "create") {
      assert.equal((await bench.write("operator", "POST", `/${resource.path}`, item)).status, 201);
    }
  } else if (resource !== "site") {
    const section = fullSite[resource.section];
    value = section;
    const put = await bench.write("operator", "PUT", `/${resource.path}`, section);
    assert.equal(put.status, 200, JSON.stringify(put.json));
  } else if (act === "replace") {
    const { json } = await bench.call("operator", "GET", "");
    value = json;
  }
  const method = operation.method.toUpperCase();
  const sends = method !== "GET" && method !== "DELETE";
  const { status, json } = await bench.write(
    as,
    method,
    path.replace(":siteId", "acme"),
    sends ? value : undefined,
  );
  const isDone = status === operation.answer.status;
  if (!isDone && status !== 401 && status !== 403) return `${status} ${JSON.stringify(json)}`;
  return isDone ? "y" : String(status);
}

Deno.test("[AM2] who may do what to which resource of a configuration, whole", async () => {
  assert.deepEqual(table[0]?.filter((cell) => cell !== ""), [...callers]);
  const bench = await AdminBench.start();
  const kinds = new Set<string>();
  // Departments and categories that full sections name.
  await bench.write("operator", "PATCH", "", {
    departments: fullSite["departments"],
  });
  for (const one of configOperations) {
    const kind = kindOf(one);
    kinds.add(kind);
    for (const [place, as] of callers.entries()) {
      const name = `${as}: ${one.operation.id}`;
      assert.equal(await outcome(bench, as, one), rows.get(kind)?.[place], name);
    }
  }
  assert.deepEqual([...rows.keys()].filter((name) => / (read|write)$/.test(name)), [...kinds]);
  bench.stop();
});

const day = "since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z";

/** The other operations that look at a token, with the row of the table and what is sent. */
const others: readonly (readonly [string, string, string, string, unknown?])[] = [
  ["sites", "listSites", "GET", "/v1/sites"],
  ["sites", "createSite", "POST", "/v1/sites", { siteId: "new", name: "New" }],
  ["sites", "deleteSite", "DELETE", "/v1/sites/new"],
  ["audit", "readSiteAudit", "GET", "/audit"],
  ["audit of all", "readAudit", "GET", "/v1/audit"],
  ["own password", "setPassword", "PUT", "/agents/SELF/password", {
    current: "correct horse",
    password: "a new password",
  }],
  ["another's password", "setPassword", "PUT", "/agents/ben/password", { generate: true }],
  ["own sessions", "endSessions", "DELETE", "/agents/SELF/sessions"],
  ["another's sessions", "endSessions", "DELETE", "/agents/ben/sessions"],
  ["another's lock", "unlockAgent", "DELETE", "/agents/ben/lock"],
  ["history", "listEndedChats", "GET", "/history/chats"],
  ["history", "readEndedChat", "GET", `/history/chats/${chatOf(1)}`],
  ["history", "readArchivedTranscript", "GET", `/history/chats/${chatOf(1)}/transcript`],
  ["offline messages", "listOfflineMessages", "GET", "/history/offline-messages"],
  ["logs", "listLogRows", "GET", "/history/logs/rating"],
  ["logs", "countVisits", "GET", `/history/visits?${day}`],
  ["visitor's records", "exportVisitor", "GET", `/visitors/${visitorOf(1)}/export`],
  ["visitor's records", "eraseVisitor", "DELETE", `/visitors/${visitorOf(1)}`],
];
/** A chat that ana had and sue may read. */
const ended = chatWrite(1, { departmentId: sales });

const selves: Readonly<Record<string, string>> = { admin: "ada", supervisor: "sue", agent: "ana" };

Deno.test("[AM2] who may make sites, read the audit log and history, and end whose sessions, whole", async () => {
  const asked = (operation: Operation) => operation.who !== "anyone" && operation.who !== "session";
  const configured = new Set(configOperations.map(({ operation }) => operation));
  const rest = operations.filter((one) => asked(one) && !configured.has(one)).map(({ id }) => id);
  assert.deepEqual(rest.filter((id) => !others.some(([, name]) => name === id)), []);
  assert.ok(siteOperations.every(({ who }) => who === "operator"));
  for (const [row, , method, path, body] of others) {
    for (const [place, as] of callers.entries()) {
      await using bench = await HistoryBench.start([ended]);
      if (method === "DELETE" && path === "/v1/sites/new") {
        await bench.call("operator", "POST", "/v1/sites", { body: { siteId: "new", name: "New" } });
      }
      const at = path.replace("SELF", selves[as] ?? "ben");
      const sent = { ifMatch: "*", ...(body === undefined ? {} : { body }) };
      const { status } = await bench.call(as, method, at, sent);
      const got = status < 300 ? "y" : String(status);
      assert.equal(got, rows.get(row)?.[place], `${as}: ${method} ${at}`);
    }
  }
});
