import assert from "node:assert/strict";
import { AdminBench, staffedSite, type Told } from "../tests/harness/admin_bench.ts";
import { configFaultTable, contradictionTable } from "../tests/harness/config_fault_table.ts";
import { fullSite } from "../tests/harness/full_site.ts";
import { collections, plainFields, singletons } from "./site_section.ts";

type Json = Record<string, unknown>;

function errorsOf({ json }: Told): { path: string; message: string; of?: string }[] {
  // As the problem has them.
  return json["errors"] as { path: string; message: string; of?: string }[];
}

Deno.test("[AM1] every field of a configuration is a resource, or changes with the whole", async () => {
  const bench = await AdminBench.start(fullSite);
  const { json: site } = await bench.call("operator", "GET", "");
  for (const [section, value] of Object.entries(site)) {
    if (plainFields().some((name) => name === section)) continue;
    const path = section.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const { json } = await bench.call("operator", "GET", `/${path}`);
    const isList = collections.some((one) => one.section === section);
    assert.deepEqual(isList ? json["items"] : json, value, section);
  }
  assert.deepEqual(plainFields(), [
    "siteId",
    "name",
    "version",
    "madeAt",
    "language",
    "trackedVisitorsMax",
  ]);
  bench.stop();
});

Deno.test("[AM1] a list's item is made, read, replaced, changed and removed", async () => {
  const bench = await AdminBench.start();
  const made = await bench.write("admin", "POST", "/departments", {
    departmentId: "legal",
    name: "Legal",
    backupDepartmentId: "help",
  });
  assert.equal(made.status, 201);
  assert.equal(made.headers.get("location"), "/v1/sites/acme/departments/legal");
  const again = await bench.write("admin", "POST", "/departments", made.json);
  assert.deepEqual([again.status, again.json["code"]], [409, "exists"]);
  const patched = await bench.write("admin", "PATCH", "/departments/legal", {
    name: "Law",
    backupDepartmentId: null,
  });
  assert.deepEqual(patched.json, { departmentId: "legal", name: "Law" });
  const put = await bench.write("admin", "PUT", "/departments/legal", { name: "Lawyers" });
  assert.deepEqual(put.json, { departmentId: "legal", name: "Lawyers" });
  const renamed = await bench.write("admin", "PUT", "/departments/legal", {
    departmentId: "law",
    name: "Law",
  });
  assert.deepEqual([renamed.status, errorsOf(renamed)[0]?.path], [422, "departmentId"]);
  assert.equal((await bench.write("admin", "DELETE", "/departments/legal")).status, 204);
  assert.equal((await bench.call("admin", "GET", "/departments/legal")).status, 404);
  bench.stop();
});

Deno.test("[AM1] a section is replaced and changed, and stands as its default once removed", async () => {
  const bench = await AdminBench.start();
  const { json } = await bench.write("admin", "PUT", "/routing", { mode: "round_robin" });
  assert.deepEqual(json, { mode: "round_robin", lastChattedFirst: false });
  const patched = await bench.write("admin", "PATCH", "/routing", { lastChattedFirst: true });
  assert.deepEqual(patched.json, { mode: "round_robin", lastChattedFirst: true });
  assert.equal((await bench.write("admin", "DELETE", "/routing")).status, 204);
  assert.equal((await bench.call("admin", "GET", "/routing")).json["mode"], "load_balancing");
  assert.equal((await bench.call("admin", "GET", "/hours")).status, 404);
  const hours = await bench.write("admin", "PATCH", "/hours", { timeZone: "Europe/Oslo" });
  assert.deepEqual(hours.json, { timeZone: "Europe/Oslo", weekly: [], holidays: [] });
  assert.equal((await bench.write("admin", "DELETE", "/hours")).status, 204);
  assert.equal((await bench.write("admin", "DELETE", "/hours")).status, 404);
  bench.stop();
});

Deno.test("[AM4] no answer has a secret, and what is read can be written back without losing one", async () => {
  const bench = await AdminBench.start(fullSite);
  const before = await bench.stored();
  const answers: string[] = [];
  const keep = async (told: Promise<Told>) => answers.push(JSON.stringify((await told).json));
  const { json: site } = await bench.call("operator", "GET", "");
  await keep(bench.write("operator", "PUT", "", site));
  for (const { path } of [...collections, ...singletons]) {
    const { json } = await bench.call("operator", "GET", `/${path}`);
    answers.push(JSON.stringify(json));
  }
  await keep(bench.write("operator", "PUT", "/agents/ana", { name: "Ana" }));
  await keep(bench.write("operator", "PATCH", "/sign-in", { audience: "others" }));
  await keep(bench.write("operator", "PUT", "/integrations", site["integrations"]));
  const { agents, signIn, integrations } = await bench.stored();
  assert.deepEqual(
    agents.map((agent) => [agent.passwordHash, agent.tokenVersion]),
    before.agents.map((agent) => [agent.passwordHash, agent.tokenVersion]),
  );
  assert.deepEqual([signIn?.keys, signIn?.audience], [before.signIn?.keys, "others"]);
  assert.deepEqual(integrations, before.integrations);
  const hidden = [
    ...before.agents.map(({ passwordHash }) => passwordHash),
    ...before.signIn?.keys ?? [],
    ...before.integrations.webhooks.map(({ secret }) => secret),
  ];
  assert.ok(hidden.length >= 4);
  for (const answer of answers) {
    assert.ok(!hidden.some((secret) => answer.includes(secret)), answer.slice(0, 200));
    assert.ok(!answer.includes("tokenVersion"));
  }
  bench.stop();
});

Deno.test("[AM4] secrets are taken when they are sent; hashes and token versions are the server's own", async () => {
  const bench = await AdminBench.start(fullSite);
  const keys = ["n".repeat(32)];
  const told = await bench.write("operator", "PATCH", "/sign-in", { keys });
  assert.deepEqual([told.status, told.json["keys"]], [200, undefined]);
  assert.deepEqual((await bench.stored()).signIn?.keys, keys);
  for (
    const [field, value] of [["passwordHash", "scrypt$1$1$1$a$b"], ["tokenVersion", 1]] as const
  ) {
    const refused = await bench.write("operator", "PATCH", "/agents/ana", { [field]: value });
    assert.deepEqual([refused.status, errorsOf(refused)[0]?.path], [422, field]);
    const whole = await bench.write("operator", "PATCH", "", {
      agents: [{ agentId: "ana", name: "Ana", [field]: value }],
    });
    assert.deepEqual([whole.status, errorsOf(whole)[0]?.path], [422, `agents.0.${field}`]);
  }
  bench.stop();
});

/** What stands at a path of JSON. */
function at(json: unknown, path: readonly string[]): unknown {
  return path.reduce((value, key) => (value as Json | undefined)?.[key], json); // lists too
}

/** A full site with another value at a path; undefined takes it out. */
function withValue(path: string, value: unknown): Json {
  const changed: Json = JSON.parse(JSON.stringify(fullSite));
  const keys = path.split(".");
  const holder = at(changed, keys.slice(0, -1)) as Json; // the table names fields that are there
  const last = keys.at(-1) ?? "";
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return changed;
}

/** A value of the table: JSON, x129 for a text, 101* for a list, - for nothing. */
function valueOf(cell: string, path: string): unknown {
  if (cell === "-") return undefined;
  if (/^x\d+$/.test(cell)) return "x".repeat(Number(cell.slice(1)));
  if (!/^\d+\*$/.test(cell)) return JSON.parse(cell);
  const [item] = at(fullSite, path.split(".")) as unknown[]; // such a cell stands for lists only
  return Array.from({ length: Number(cell.slice(0, -1)) }, () => item);
}

/** The resource that a path leads into, and the path within it. */
function resourceOf(path: string): { url: string; within: string[]; at: string[] } | undefined {
  const [section = "", ...rest] = path.split(".");
  const collection = collections.find((one) => one.section === section);
  if (collection !== undefined) {
    const [place, ...within] = rest;
    const list = fullSite[section] as Json[]; // a collection's section is a list
    if (place === undefined || within.length === 0) return undefined;
    const id = list[Number(place)]?.[collection.key];
    return { url: `/${collection.path}/${id}`, within, at: [section, place] };
  }
  const singleton = singletons.find((one) => one.section === section);
  if (singleton === undefined || rest.length === 0) return undefined;
  return { url: `/${singleton.path}`, within: rest, at: [section] };
}

/** Fields that are not the sender's to say, which has tests of its own. */
const ours = /^(siteId|version)$|\.(agentId|departmentId|campaignId|cannedId|banId)$/;
const servers = /^agents\.\d+\.(passwordHash|tokenVersion)$/;

Deno.test("[AM5] each field out of range is refused with its path in what was sent, and nothing changes", async () => {
  const bench = await AdminBench.start(fullSite);
  const before = await bench.stored();
  let parts = 0;
  for (const [path = "", cell = "", where = path] of configFaultTable) {
    if (servers.test(path) || (ours.test(path) && cell !== "-" && path === where)) continue;
    const site = withValue(path, valueOf(cell, path));
    const clean = (json: unknown) =>
      JSON.parse(
        JSON.stringify(json, (name, value) =>
          ["passwordHash", "tokenVersion", "version"].includes(name) ? undefined : value),
      );
    const whole = await bench.write("operator", "PUT", "", clean(site));
    assert.equal(whole.status, 422, `${path} ${cell}`);
    assert.ok(errorsOf(whole).some((fault) => fault.path === where), `${path} ${cell}`);
    const resource = resourceOf(path);
    if (resource === undefined) continue;
    parts += 1;
    const body = clean(at(site, resource.at));
    const told = await bench.write("operator", "PUT", resource.url, body);
    const isWithin = where.startsWith(`${resource.at.join(".")}.`);
    const expected = isWithin ? where.slice(resource.at.join(".").length + 1) : where;
    assert.equal(told.status, 422, `${resource.url} ${path} ${cell}`);
    const fault = errorsOf(told).find((one) => one.path === expected);
    assert.equal(fault?.of, isWithin ? undefined : "site", `${resource.url} ${path} ${cell}`);
    assert.ok((fault?.message ?? "").length > 3);
  }
  assert.ok(parts > 80, `${parts} parts were tried`);
  assert.deepEqual(await bench.stored(), before);
  bench.stop();
});

Deno.test("[AM5] a contradiction that a write brings about elsewhere is told by its place in the site", async () => {
  assert.ok(contradictionTable.length > 0);
  const bench = await AdminBench.start(staffedSite());
  const told = await bench.write("admin", "DELETE", "/departments/sales");
  assert.equal(told.status, 422);
  const [fault] = errorsOf(told);
  assert.deepEqual([fault?.of, fault?.path], ["site", "agents.1.departmentIds.0"]);
  const unknown = await bench.write("admin", "PATCH", "/agents/ana", { departmentIds: ["law"] });
  assert.deepEqual(errorsOf(unknown)[0], {
    path: "departmentIds.0",
    message: 'there is no department "law"',
  });
  assert.equal((await bench.stored()).version, 1);
  bench.stop();
});

Deno.test("[SC8] [AM5] what is refused for its id or its characters is not half done", async () => {
  const bench = await AdminBench.start();
  const rows = [
    [{ cannedId: "\ud800", title: "T", text: "x" }, "cannedId"],
    [{ cannedId: "..", title: "T", text: "x" }, "cannedId"],
    [{ cannedId: "a b", title: "T", text: "x" }, "cannedId"],
    [{ title: "T", text: "a\0b" }, "text"],
  ] as const;
  for (const [body, path] of rows) {
    const told = await bench.write("admin", "POST", "/canned-messages", body);
    assert.deepEqual([told.status, errorsOf(told)[0]?.path], [422, path], JSON.stringify(body));
  }
  const stored = await bench.stored();
  assert.deepEqual([stored.version, stored.cannedMessages], [1, []]);
  bench.stop();
});

Deno.test("[AM2] a supervisor edits canned messages of its own departments, before and after", async () => {
  const cannedMessages = [
    { cannedId: "ours", title: "Ours", text: "x", departmentId: "sales" },
    { cannedId: "theirs", title: "Theirs", text: "x", departmentId: "help" },
    { cannedId: "all", title: "All", text: "x" },
  ];
  const bench = await AdminBench.start(staffedSite({ cannedMessages }));
  const rows = [
    ["PATCH", "/ours", { text: "y" }, 200],
    ["PATCH", "/ours", { departmentId: "help" }, 403],
    ["PATCH", "/ours", { departmentId: null }, 403],
    ["PATCH", "/theirs", { text: "y" }, 403],
    ["PATCH", "/theirs", { departmentId: "sales" }, 403],
    ["PUT", "/all", { title: "All", text: "y" }, 403],
    ["DELETE", "/theirs", undefined, 403],
    ["DELETE", "/all", undefined, 403],
    ["POST", "", { title: "New", text: "x" }, 403],
    ["POST", "", { title: "New", text: "x", departmentId: "help" }, 403],
    ["POST", "", { title: "New", text: "x", departmentId: "sales" }, 201],
    ["DELETE", "/ours", undefined, 204],
  ] as const;
  for (const [method, path, body, status] of rows) {
    const told = await bench.write("supervisor", method, `/canned-messages${path}`, body);
    const what = `${method} ${path} ${JSON.stringify(body)}`;
    assert.equal(told.status, status, `${what}: ${JSON.stringify(told.json)}`);
    if (status === 403) assert.equal(told.json["code"], "other_department", what);
  }
  bench.stop();
});

Deno.test("[AM13] a body of another type, one that is no JSON, and what is not there", async () => {
  const bench = await AdminBench.start();
  const put = (sent: { text?: string; type?: string }) =>
    bench.call("admin", "PUT", "/routing", { ifMatch: "*", ...sent });
  assert.equal((await put({ text: "mode=manual", type: "text/plain" })).status, 415);
  assert.equal((await put({ text: "{}", type: "application/merge-patch+json" })).status, 415);
  assert.equal((await put({ text: "{" })).status, 400);
  assert.equal((await put({ text: "" })).status, 400);
  assert.deepEqual((await put({ text: "[]" })).json["errors"], [
    { path: "", message: "Invalid input: expected object, received array" },
  ]);
  assert.equal((await bench.write("admin", "PUT", "/agents/ana", [])).status, 422);
  const rows = [
    ["GET", "/v1/sites/nobody"],
    ["GET", "/v1/sites/NOBODY"],
    ["PUT", "/v1/sites/nobody/routing"],
    ["GET", "/agents/nobody"],
    ["PUT", "/agents/nobody"],
    ["PATCH", "/agents/nobody"],
    ["DELETE", "/agents/nobody"],
    ["GET", "/nothing"],
    ["PUT", "/agents/nobody/password"],
    ["DELETE", "/agents/nobody/sessions"],
    ["DELETE", "/agents/nobody/lock"],
  ] as const;
  for (const [method, path] of rows) {
    const body = method === "GET" || method === "DELETE" ? undefined : { name: "X" };
    assert.equal((await bench.write("operator", method, path, body)).status, 404, path);
  }
  bench.stop();
});

Deno.test("[AM15] lists are read page by page, each row once, and a cursor that is gone is told", async () => {
  const bans = Array.from({ length: 7 }, (_, n) => ({
    banId: `b${n}`,
    target: { type: "address", address: `192.0.2.${n}` },
  }));
  const bench = await AdminBench.start(staffedSite({ bans }));
  const seen: unknown[] = [];
  let cursor = "";
  for (let pages = 0; pages < 10; pages++) {
    const { json } = await bench.call("admin", "GET", `/bans?limit=3${cursor}`);
    seen.push(json["items"]);
    if (json["next"] === undefined) break;
    cursor = `&cursor=${json["next"]}`;
  }
  assert.deepEqual(seen, [bans.slice(0, 3), bans.slice(3, 6), bans.slice(6)]);
  const { json: first } = await bench.call("admin", "GET", "/bans?limit=3");
  await bench.write("admin", "DELETE", "/bans/b2");
  const lost = await bench.call("admin", "GET", `/bans?limit=3&cursor=${first["next"]}`);
  assert.deepEqual([lost.status, errorsOf(lost)[0]?.path], [400, "cursor"]);
  for (const query of ["limit=0", "limit=201", "limit=x", "page=2", "cursor="]) {
    const told = await bench.call("admin", "GET", `/bans?${query}`);
    assert.equal(told.status, 400, query);
  }
  bench.stop();
});
