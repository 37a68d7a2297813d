import assert from "node:assert/strict";
import { createApp } from "./app.ts";
import { AdminBench } from "../tests/harness/admin_bench.ts";

Deno.test("[AM18] without a token nobody is the operator, whatever its key is", async () => {
  const bench = await AdminBench.start();
  const app = createApp({ ...bench.edge.deps, operatorKey: "" });
  for (const path of ["/v1/sites", "/v1/audit", "/v1/sites/acme", "/v1/sites/acme/audit"]) {
    for (const authorization of [undefined, "", "Bearer", "Bearer ", "Basic x"]) {
      const headers = authorization === undefined ? {} : { authorization };
      const response = await app.request(path, { headers });
      assert.equal(response.status, 401, `${path} ${authorization}`);
      await response.body?.cancel();
    }
  }
  bench.stop();
});

Deno.test("[AM11] the scheme of a token is read in any case, as HTTP has it", async () => {
  const bench = await AdminBench.start();
  for (const scheme of ["Bearer", "bearer", "BEARER"]) {
    const headers = { authorization: `${scheme} ${bench.edge.deps.operatorKey}` };
    const response = await bench.edge.app.request("/v1/sites", { headers });
    assert.equal(response.status, 200, scheme);
    await response.body?.cancel();
  }
  bench.stop();
});
