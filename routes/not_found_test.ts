import assert from "node:assert/strict";
import { AdminBench } from "../tests/harness/admin_bench.ts";
import { createMetrics } from "../server/metrics.ts";
import { createInternalApp } from "./internal_app.ts";

/** Both ports, as a caller without a token and one with the operator's key. */
async function ports() {
  const bench = await AdminBench.start();
  const { deps, app, bench: { node } } = bench.edge;
  const internal = createInternalApp(deps, createMetrics(node, deps.disk));
  return { bench, deps, app, internal };
}

Deno.test("[AM27] every refusal of either port is a problem with a code", async () => {
  const { bench, app, internal } = await ports();
  let refused = 0;
  for (const port of [app, internal]) {
    const routes = port.routes.filter(({ method }) => method !== "ALL");
    for (const { method, path } of [...routes, { method: "GET", path: "/nothing" }]) {
      if (path.includes("/ops/") || path.includes("/history")) continue; // ask who is away here
      for (const site of ["acme", "nobody"]) {
        for (const token of ["", "forged", bench.edge.deps.operatorKey]) {
          const url = path.replace(":siteId", site).replace(/:\w+/g, "_x");
          const headers = {
            ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
            ...(method === "GET" ? {} : { "content-type": "application/json" }),
          };
          const body = method === "GET" ? null : "[";
          const response = await port.request(url, { method, headers, body });
          const text = await response.text();
          if (response.status < 400) continue;
          refused += 1;
          const what = `${method} ${url}: ${response.status} ${text}`;
          assert.equal(response.headers.get("content-type"), "application/problem+json", what);
          const { code, status } = JSON.parse(text);
          assert.match(code, /^[a-z_]+$/, what);
          assert.equal(status, response.status);
        }
      }
    }
  }
  assert.ok(refused > 200, `${refused} refusals`);
  bench.stop();
});

Deno.test("[AM13] a method that a path does not know is told those that it does", async () => {
  const { bench, app, internal } = await ports();
  const rows = [
    [app, "DELETE", "/v1/sites", "GET, HEAD, POST"],
    [app, "POST", "/v1/sites/acme", "GET, HEAD, PUT, PATCH, DELETE"],
    [app, "GET", "/v1/sites/acme/agents/ana/lock", "DELETE"],
    [app, "GET", "/v1/sites/acme/agents/ana/password", "PUT"],
    [app, "OPTIONS", "/v1/sites/acme/visitors", "POST"],
    [app, "POST", "/healthz", "GET, HEAD"],
    [internal, "POST", "/metrics", "GET, HEAD"],
    [internal, "GET", "/v1/ops/queues/chat.end/pause", "POST"],
  ] as const;
  for (const [port, method, path, allow] of rows) {
    const headers = { authorization: `Bearer ${bench.edge.deps.operatorKey}` };
    const response = await port.request(path, { method, headers });
    const { code } = await response.json();
    const told = [response.status, code, response.headers.get("allow")];
    assert.deepEqual(told, [405, "method", allow], `${method} ${path}`);
  }
  for (const port of [app, internal]) {
    const response = await port.request("/nothing/here");
    assert.deepEqual([response.status, (await response.json()).code], [404, "unknown"]);
  }
  bench.stop();
});

Deno.test("[AM27] what fails on the operators' port is a problem too, and logged", async () => {
  const { bench, deps } = await ports();
  const metrics = createMetrics(bench.edge.bench.node, deps.disk);
  metrics.metrics = () => Promise.reject(new Error("out of order"));
  const response = await createInternalApp(deps, metrics).request("/metrics");
  assert.deepEqual([response.status, (await response.json()).code], [500, "internal"]);
  assert.deepEqual(bench.edge.bench.logged, ["request_failed"]);
  bench.stop();
});

Deno.test("[AM28] no answer of the API is kept by anybody on the way, and HSTS is of https alone", async () => {
  const { bench, app, internal } = await ports();
  const headers = { authorization: `Bearer ${bench.edge.deps.operatorKey}` };
  const paths = ["/v1/sites", "/v1/sites/acme", "/v1/sites/nobody", "/v1/nothing"];
  for (const path of [...paths, "/v1/keys", "/v1/ops/queues"]) {
    const port = paths.includes(path) ? app : internal;
    const response = await port.request(path, { headers });
    assert.equal(response.headers.get("cache-control"), "no-store", path);
    assert.equal(response.headers.get("strict-transport-security"), null);
    await response.body?.cancel();
  }
  const login = await app.request("https://acme.example/v1/sites/acme/agents/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ agentId: "ana", password: "correct horse" }),
  });
  assert.equal(login.status, 200);
  assert.equal(login.headers.get("cache-control"), "no-store");
  assert.match(login.headers.get("strict-transport-security") ?? "", /max-age=\d{7}/);
  await login.body?.cancel();
  bench.stop();
});
