import assert from "node:assert/strict";
import { startEdge } from "../tests/harness/edge_bench.ts";
import { partsNeededBy } from "./needs.ts";
import { operations } from "./operations.ts";

/** Routes under /v1 that are no operations: WebSockets, which asyncapi.json tells of. */
const sockets = ["GET /v1/sites/:siteId/agent", "GET /v1/sites/:siteId/visitor"];

Deno.test("[AM14] every route under /v1 has an operation, and every operation a route", async () => {
  const { app, bench } = await startEdge();
  const routes = new Map<string, string[]>();
  for (const { method, path, handler } of app.routes) {
    if (!path.startsWith("/v1") || path.includes("*")) continue;
    const name = `${method} ${path}`;
    routes.set(name, [...routes.get(name) ?? [], ...partsNeededBy(handler) ?? []]);
  }
  const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  assert.equal(new Set(described).size, described.length, "no operation stands twice");
  assert.deepEqual([...routes.keys()].sort(), [...described, ...sockets].sort());
  for (const { method, path, needs = [] } of operations) {
    assert.deepEqual(routes.get(`${method.toUpperCase()} ${path}`), [...needs], path);
  }
  bench.stop();
});

Deno.test("[AM14] each operation has a name of its own, and its references lead somewhere", async () => {
  const { app, bench } = await startEdge();
  const response = await app.request("/v1/openapi.json");
  assert.equal(response.headers.get("content-type"), "application/json");
  const document = await response.json();
  assert.equal(document.openapi, "3.1.0");
  const ids: string[] = [];
  const references = new Set<string>();
  JSON.stringify(document, (name, value) => {
    if (name === "operationId") ids.push(value);
    if (name === "$ref") references.add(value);
    return value;
  });
  assert.equal(ids.length, operations.length);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(references.size > 20);
  for (const reference of references) {
    const steps = reference.replace(/^#\//, "").split("/");
    assert.ok(steps.reduce((value, step) => value?.[step], document), reference);
  }
  bench.stop();
});

Deno.test("[AM14] a name that the path has may be left out of the body, elsewhere it is needed", async () => {
  const { app, bench } = await startEdge();
  const { paths, components: { schemas } } = await (await app.request("/v1/openapi.json")).json();
  for (const [name, { required = [] }] of Object.entries<{ required?: string[] }>(schemas)) {
    const isWritten = name.endsWith(".item.write") || name === "site.write";
    if (isWritten) assert.ok(!required.some((one) => /Id$/.test(one)), `${name}: ${required}`);
  }
  const bodyOf = (path: string) =>
    paths[path].post.requestBody.content["application/json"].schema.allOf?.[1].required;
  assert.deepEqual(bodyOf("/v1/sites"), ["siteId"]);
  assert.deepEqual(bodyOf("/v1/sites/{siteId}/agents"), ["agentId"]);
  assert.equal(bodyOf("/v1/sites/{siteId}/bans"), undefined, "the server names it");
  const { items } = schemas["site.write"].properties.bans;
  assert.deepEqual(items.allOf[1].required, ["banId"]);
  bench.stop();
});

Deno.test("[AM14] what problems bring along is in the document, and more may come", async () => {
  const { app, bench } = await startEdge();
  const { components: { schemas, parameters } } = await (await app.request("/v1/openapi.json"))
    .json();
  const { problem } = schemas;
  assert.notEqual(problem.additionalProperties, false);
  assert.deepEqual(problem.required, ["title", "status", "code"]);
  for (const name of ["field", "version", "errors", "more", "part", "since"]) {
    assert.ok(name in problem.properties, name);
  }
  assert.ok(parameters.log.schema.enum.includes("rating"));
  assert.match(parameters.visitorId.schema.pattern, /26/);
  bench.stop();
});

Deno.test("[AM14] a parameter that a question cannot do without is said to be needed", async () => {
  const { app, bench } = await startEdge();
  const document = await (await app.request("/v1/openapi.json")).json();
  const { parameters } = document.paths["/v1/sites/{siteId}/history/visits"].get;
  const needed = parameters.filter((one: { required?: boolean }) => one.required === true);
  assert.deepEqual(needed.map((one: { name: string }) => one.name), ["since", "until"]);
  bench.stop();
});
