import assert from "node:assert/strict";
import { startEdge } from "../tests/harness/edge_bench.ts";

const post = (headers: Record<string, string> = {}) => ({ method: "POST", headers });

Deno.test("[SE1] a new visitor gets a token of its site, and nothing is stored", async () => {
  const { app, bench, deps } = await startEdge();
  const response = await app.request("/v1/sites/acme/visitors", post());
  assert.equal(response.status, 201);
  const { visitorId, token } = await response.json();
  const claims = await deps.tokens.read(token);
  assert.ok(typeof claims !== "string" && claims.kind === "visitor");
  assert.deepEqual([claims.site, claims.sub], ["acme", visitorId]);
  await bench.idle();
  assert.equal(bench.store.commits, 0, "not even the site was activated");
  bench.stop();
});

Deno.test("[SE1] an unknown site, or a page of a foreign origin, gets no visitor", async () => {
  const { app, bench } = await startEdge();
  for (
    const [path, headers, status] of [
      ["/v1/sites/nobody/visitors", {}, 404],
      ["/v1/sites/NOT%20A%20NAME/visitors", {}, 404],
      ["/v1/sites/acme/visitors", { origin: "https://evil.com" }, 403],
    ] as const
  ) {
    const response = await app.request(path, post(headers));
    assert.equal(response.status, status);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.equal((await response.json()).status, status);
  }
  bench.stop();
});

Deno.test("[BI3] too many new visitors of one address are told when to come back", async () => {
  const { app, bench } = await startEdge({ rates: { visitorsPerMinute: 2 } });
  const ask = () => app.request("/v1/sites/acme/visitors", post());
  assert.deepEqual([(await ask()).status, (await ask()).status], [201, 201]);
  const third = await ask();
  assert.deepEqual([third.status, third.headers.get("retry-after")], [429, "30"]);
  bench.stop();
});
