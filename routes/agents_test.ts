import assert from "node:assert/strict";
import { startEdge } from "../tests/harness/edge_bench.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { hashPassword } from "../server/password.ts";
import { AdminBench, benchPassword } from "../tests/harness/admin_bench.ts";

async function edgeWithPassword(rates = {}) {
  const config = benchConfig();
  const passwordHash = await hashPassword("correct horse", 16);
  const agents = config.agents.map((agent) => ({ ...agent, passwordHash }));
  const edge = await startEdge({ configs: [{ ...config, agents }], rates });
  const login = (body: unknown, site = "acme") =>
    edge.app.request(`/v1/sites/${site}/agents/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { ...edge, login };
}

Deno.test("[BI4] the right password gives a token that lets the agent in", async () => {
  const { bench, deps, login } = await edgeWithPassword();
  const response = await login({ agentId: "ana", password: "correct horse" });
  assert.equal(response.status, 200);
  const { agentId, name, token } = await response.json();
  assert.deepEqual([agentId, name], ["ana", "Ana"]);
  const claims = await deps.tokens.read(token);
  assert.ok(typeof claims !== "string" && claims.kind === "agent");
  assert.deepEqual([claims.site, claims.sub, claims.tokenVersion], ["acme", "ana", 1]);
  bench.stop();
});

Deno.test("[BI4] a wrong password and an unknown agent are answered alike", async () => {
  const { bench, login } = await edgeWithPassword();
  const wrong = await login({ agentId: "ana", password: "wrong" });
  const unknown = await login({ agentId: "zoe", password: "correct horse" });
  assert.deepEqual([wrong.status, unknown.status], [401, 401]);
  assert.deepEqual(await wrong.json(), await unknown.json());
  bench.stop();
});

Deno.test("[BI1] a log-in of wrong form is refused with the field", async () => {
  const { bench, login } = await edgeWithPassword();
  const rows: readonly [unknown, string][] = [
    ["no json", "body"],
    [{ agentId: "ana" }, "password"],
    [{ agentId: "ANA", password: "x" }, "agentId"],
    [{ agentId: "ana", password: "x".repeat(1_025) }, "password"],
  ];
  for (const [body, field] of rows) {
    const response = await login(body);
    assert.equal(response.status, 400);
    assert.equal((await response.json()).field, field);
  }
  assert.equal((await login({ agentId: "ana", password: "x" }, "nobody")).status, 404);
  bench.stop();
});

Deno.test("[BI3] log-ins of one address are limited", async () => {
  const { bench, login } = await edgeWithPassword({ loginsPerMinute: 1 });
  const statuses = [];
  for (let n = 0; n < 2; n++) {
    const response = await login({ agentId: "ana", password: "wrong" });
    statuses.push(response.status);
    await response.body?.cancel();
  }
  assert.deepEqual(statuses, [401, 429]);
  bench.stop();
});

Deno.test("[AM7] the right password is refused while the name is locked, and taken afterwards", async () => {
  const { bench, login } = await edgeWithPassword();
  const told = async (agentId: string, password: string) => {
    const response = await login({ agentId, password });
    return {
      status: response.status,
      wait: response.headers.get("retry-after"),
      body: await response.json(),
    };
  };
  for (let wrong = 0; wrong < 5; wrong++) assert.equal((await told("ana", "wrong")).status, 401);
  const locked = await told("ana", "correct horse");
  assert.deepEqual([locked.status, locked.wait, locked.body.code], [429, "60", "locked"]);
  assert.equal((await told("ben", "correct horse")).status, 200);
  await bench.clock.advance(60_000);
  assert.equal((await told("ana", "correct horse")).status, 200);
  assert.equal((await told("ana", "wrong")).status, 401);
  bench.stop();
});

Deno.test("[AM7] an unknown and a disabled agent are answered as a wrong password is, locks and all", async () => {
  const bench = await AdminBench.start();
  const answers: unknown[][] = [];
  for (const agentId of ["ana", "nobody", "old"]) {
    const answered: unknown[] = [];
    for (let n = 0; n < 7; n++) {
      const password = agentId === "ana" ? "wrong" : benchPassword;
      const { status, json, headers } = await bench.call("nobody", "POST", "/agents/login", {
        body: { agentId, password },
      });
      answered.push([status, json, headers.get("retry-after")]);
    }
    answers.push(answered);
  }
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
  bench.stop();
});

Deno.test("[AM7] an admin and a reset unlock a name", async () => {
  const bench = await AdminBench.start();
  const login = (password: string) =>
    bench.call("nobody", "POST", "/agents/login", { body: { agentId: "ana", password } });
  const lockOut = async () => {
    for (let n = 0; n < 5; n++) await login("wrong");
    assert.equal((await login(benchPassword)).status, 429);
  };
  await lockOut();
  assert.equal((await bench.call("admin", "DELETE", "/agents/ana/lock")).status, 204);
  assert.equal((await login(benchPassword)).status, 200);
  await lockOut();
  await bench.call("admin", "PUT", "/agents/ana/password", { body: { password: "set anew 123" } });
  assert.equal((await login("set anew 123")).status, 200);
  bench.stop();
});

Deno.test("[AM22] strangers keep nobody from logging in elsewhere, nor from its own password", async () => {
  const bench = await AdminBench.start();
  const login = (password: string, address: string) =>
    bench.call("nobody", "POST", "/agents/login", { body: { agentId: "ana", password }, address });
  for (let n = 0; n < 6; n++) await login("wrong", `2001:db8:0:1::${n}`);
  assert.equal((await login(benchPassword, "2001:db8:0:1::ffff")).status, 429);
  assert.equal((await login(benchPassword, "2001:db8:0:2::1")).status, 200);
  const changed = await bench.call("agent", "PUT", "/agents/ana/password", {
    body: { current: benchPassword, password: "a new password" },
  });
  assert.equal(changed.status, 200);
  bench.stop();
});

Deno.test("[AM7] who guesses its own password from within a session is locked there", async () => {
  const bench = await AdminBench.start();
  const change = (current: string) =>
    bench.call("agent", "PUT", "/agents/ana/password", {
      body: { current, password: "a new password" },
    });
  for (let n = 0; n < 5; n++) assert.equal((await change("wrong")).status, 401);
  const locked = await change(benchPassword);
  assert.deepEqual([locked.status, locked.json["code"]], [429, "locked"]);
  assert.equal((await bench.call("admin", "DELETE", "/agents/ana/lock")).status, 204);
  assert.equal((await change(benchPassword)).status, 200);
  bench.stop();
});

Deno.test("[AM22] right log-ins at once are all let in", async () => {
  const { bench, login } = await edgeWithPassword();
  const statuses = await Promise.all(Array.from({ length: 25 }, async () => {
    const response = await login({ agentId: "ana", password: "correct horse" });
    await response.body?.cancel();
    return response.status;
  }));
  assert.deepEqual(new Set(statuses), new Set([200]));
  bench.stop();
});

Deno.test("[AM13] a log-in that a form of any page could send is refused", async () => {
  const bench = await AdminBench.start();
  const text = JSON.stringify({ agentId: "ana", password: benchPassword });
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const told = await bench.call("nobody", "POST", "/agents/login", { text, type });
    assert.deepEqual([told.status, told.json["code"]], [415, "content_type"], type);
  }
  bench.stop();
});
