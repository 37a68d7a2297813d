import assert from "node:assert/strict";
import { AdminBench, benchPassword } from "../tests/harness/admin_bench.ts";

type Row = Record<string, unknown>;

async function rowsOf(bench: AdminBench, path = "/audit?limit=200"): Promise<Row[]> {
  const { status, json } = await bench.call("operator", "GET", path);
  assert.equal(status, 200);
  return json["items"] as Row[]; // as the schema has it
}

Deno.test("[AM10] the audit log tells who did what from where and when, newest first", async () => {
  const bench = await AdminBench.start();
  const { clock } = bench.edge.bench;
  const deeds: readonly (readonly [string, string, string, unknown?])[] = [
    ["operator", "PATCH", "", { name: "Acme Inc." }],
    ["admin", "POST", "/agents", { agentId: "zoe", name: "Zoe", password: "a fine password" }],
    ["admin", "PATCH", "/agents/zoe", { chatLimit: 5 }],
    ["supervisor", "POST", "/bans", { banId: "b1", target: { type: "address", address: "::1" } }],
    ["admin", "PUT", "/routing", { mode: "manual" }],
    ["admin", "DELETE", "/routing"],
    ["admin", "PUT", "/agents/zoe/password", { generate: true }],
    ["operator", "DELETE", "/agents/zoe/sessions"],
    ["admin", "DELETE", "/agents/zoe/lock"],
    ["agent", "PUT", "/agents/ana/password", {
      current: benchPassword,
      password: "a fine password",
    }],
    ["admin", "DELETE", "/agents/zoe"],
  ];
  const times: number[] = [];
  for (const [as, method, path, body] of deeds) {
    await clock.advance(1_000);
    times.push(clock.now());
    const sent = body === undefined ? {} : { body };
    const told = await bench.call(as, method, path, {
      ifMatch: "*",
      address: "192.0.2.9",
      ...sent,
    });
    assert.ok(told.status < 300, `${method} ${path} ${JSON.stringify(told.json)}`);
  }
  const rows = (await rowsOf(bench)).slice(0, deeds.length).reverse();
  assert.deepEqual(rows.map(({ by, what }) => `${by}: ${what}`), [
    "operator: site.patch",
    "agent:ada: agents.create zoe with password",
    "agent:ada: agents.patch zoe",
    "agent:sue: bans.create b1",
    "agent:ada: routing.replace",
    "agent:ada: routing.delete",
    "agent:ada: agents.reset_password zoe",
    "operator: agents.end_sessions zoe",
    "agent:ada: logins.unlock zoe",
    "agent:ana: agents.change_password ana",
    "agent:ada: agents.delete zoe",
  ]);
  assert.deepEqual(rows.map(({ at }) => at), times);
  assert.deepEqual(new Set(rows.map(({ address }) => address)), new Set(["192.0.2.9"]));
  assert.deepEqual(new Set(rows.map(({ siteId }) => siteId)), new Set(["acme"]));
  assert.ok(!JSON.stringify(rows).includes("fine password"));
  bench.stop();
});

Deno.test("[AM10] what was refused is no act, and a site's log outlives it for the operator", async () => {
  const bench = await AdminBench.start();
  const before = (await rowsOf(bench)).length;
  await bench.write("agent", "PATCH", "", { name: "Mine" });
  await bench.write("admin", "PATCH", "", { name: "" });
  await bench.call("admin", "PATCH", "", { body: { name: "X" }, ifMatch: '"7"' });
  assert.equal((await rowsOf(bench)).length, before);
  assert.equal((await bench.write("operator", "DELETE", "")).status, 204);
  assert.equal((await rowsOf(bench))[0]?.["what"], "site.delete");
  assert.equal((await bench.call("admin", "GET", "/audit")).status, 404);
  assert.deepEqual(await rowsOf(bench, "/v1/audit"), []);
  bench.stop();
});

Deno.test("[AM10] [AM7] a lock-out is in the audit log once, with the address it came from", async () => {
  const bench = await AdminBench.start();
  for (let n = 0; n < 8; n++) {
    await bench.call("nobody", "POST", "/agents/login", {
      body: { agentId: "ana", password: "wrong" },
      address: "198.51.100.7",
    });
  }
  const locks = (await rowsOf(bench)).filter(({ what }) => String(what).startsWith("logins."));
  assert.deepEqual(locks.map(({ by, what, address }) => [by, what, address]), [
    ["unknown", "logins.lock ana", "198.51.100.7"],
  ]);
  bench.stop();
});

Deno.test("[AM15] the audit log is read page by page, each row once", async () => {
  const bench = await AdminBench.start();
  for (let n = 0; n < 7; n++) {
    await bench.edge.bench.clock.advance(1);
    await bench.write("admin", "PATCH", "/agents/ana", { chatLimit: n + 1 });
  }
  const all = await rowsOf(bench);
  const seen: Row[] = [];
  let cursor = "";
  for (let pages = 0; pages < 20; pages++) {
    const { json } = await bench.call("admin", "GET", `/audit?limit=3${cursor}`);
    seen.push(...json["items"] as Row[]); // as the schema has it
    if (json["next"] === undefined) break;
    cursor = `&cursor=${json["next"]}`;
  }
  assert.deepEqual(seen, all);
  assert.ok(all.length >= 7);
  bench.stop();
});

Deno.test("[AM15] a cursor that no page of the audit log gave is refused", async () => {
  const bench = await AdminBench.start();
  for (const cursor of ["x", btoa("acme"), btoa("\u00ff")]) {
    const told = await bench.call("admin", "GET", `/audit?cursor=${encodeURIComponent(cursor)}`);
    assert.deepEqual([told.status, told.json["code"]], [400, "bad_query"], cursor);
  }
  bench.stop();
});
