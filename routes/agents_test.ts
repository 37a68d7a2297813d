import assert from "node:assert/strict";
import { startEdge } from "../tests/harness/edge_bench.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { hashPassword } from "../server/password.ts";

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
