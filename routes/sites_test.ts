import assert from "node:assert/strict";
import { siteConfigSchema } from "../core/site_config.ts";
import { AdminBench } from "../tests/harness/admin_bench.ts";

const bakery = {
  siteId: "bakery",
  name: "The Bakery",
  agents: [{ agentId: "mia", name: "Mia", role: "admin", password: "first of all bread" }],
};

Deno.test("[AM1] the operator makes a site, whose admin logs in and goes on alone", async () => {
  const bench = await AdminBench.start();
  const made = await bench.call("operator", "POST", "/v1/sites", { body: bakery });
  assert.equal(made.status, 201);
  assert.equal(made.headers.get("location"), "/v1/sites/bakery");
  assert.equal(made.etag, '"1"');
  assert.ok(!JSON.stringify(made.json).includes("assword"));
  const { json } = await bench.call("nobody", "POST", "/v1/sites/bakery/agents/login", {
    body: { agentId: "mia", password: "first of all bread" },
  });
  const told = await bench.call(String(json["token"]), "PATCH", "/v1/sites/bakery", {
    body: { name: "Bakery" },
    ifMatch: '"1"',
  });
  assert.deepEqual([told.status, told.json["name"], told.etag], [200, "Bakery", '"2"']);
  bench.stop();
});

Deno.test("[AM5] a site that cannot be made is refused with the path, and is not there", async () => {
  const bench = await AdminBench.start();
  const agent = bakery.agents[0];
  const rows = [
    [[], ""],
    [{}, "siteId"],
    [{ ...bakery, siteId: "The Bakery" }, "siteId"],
    [{ ...bakery, name: undefined }, "name"],
    [{ ...bakery, version: 3 }, "version"],
    [{ ...bakery, agents: [{ ...agent, password: "bread" }] }, "agents.0.password"],
    [{ ...bakery, agents: [{ ...agent, password: undefined }] }, "agents.0.password"],
    [{ ...bakery, agents: [{ ...agent, tokenVersion: 1 }] }, "agents.0.tokenVersion"],
    [{ ...bakery, agents: [{ ...agent, role: "owner" }] }, "agents.0.role"],
    [{ ...bakery, queue: { lengthMax: -1 } }, "queue.lengthMax"],
  ] as const;
  for (const [body, path] of rows) {
    const told = await bench.call("operator", "POST", "/v1/sites", { body });
    assert.equal(told.status, 422, path);
    // As the problem has them.
    assert.equal((told.json["errors"] as { path: string }[])[0]?.path, path);
  }
  assert.equal((await bench.call("operator", "GET", "/v1/sites/bakery")).status, 404);
  const taken = await bench.call("operator", "POST", "/v1/sites", {
    body: { ...bakery, siteId: "acme" },
  });
  assert.deepEqual([taken.status, taken.json["code"]], [409, "exists"]);
  assert.equal((await bench.stored()).name, "Acme");
  bench.stop();
});

Deno.test("[AM15] the sites are listed page by page, in order", async () => {
  const bench = await AdminBench.start();
  for (const siteId of ["zoo", "bar", "cafe"]) {
    await bench.call("operator", "POST", "/v1/sites", { body: { siteId, name: siteId } });
  }
  const seen: unknown[] = [];
  let cursor = "";
  for (let pages = 0; pages < 9; pages++) {
    const { json } = await bench.call("operator", "GET", `/v1/sites?limit=2${cursor}`);
    seen.push((json["items"] as { siteId: string }[]).map(({ siteId }) => siteId)); // as it says
    if (json["next"] === undefined) break;
    cursor = `&cursor=${json["next"]}`;
  }
  assert.deepEqual(seen, [["acme", "bar"], ["cafe", "other"], ["zoo"]]);
  bench.stop();
});

Deno.test("[AM3] a site is removed at the version that was read, and its admins are out", async () => {
  const bench = await AdminBench.start();
  const remove = (ifMatch?: string) =>
    bench.call("operator", "DELETE", "", ifMatch === undefined ? {} : { ifMatch });
  assert.equal((await remove()).status, 428);
  assert.equal((await remove('"2"')).status, 412);
  assert.equal((await remove('"1"')).status, 204);
  assert.equal((await remove("*")).status, 404);
  assert.equal((await bench.call("admin", "GET", "")).status, 404);
  bench.stop();
});

Deno.test("[AM21] an id of a removed site is used again only on purpose", async () => {
  const bench = await AdminBench.start();
  const make = (query = "") =>
    bench.call("operator", "POST", `/v1/sites${query}`, { body: bakery });
  assert.equal((await make()).status, 201);
  await bench.call("operator", "DELETE", "/v1/sites/bakery", { ifMatch: "*" });
  for (const query of ["", "?again=false"]) {
    const told = await make(query);
    assert.deepEqual([told.status, told.json["code"]], [409, "site_id_used"], query);
    assert.match(String(told.json["detail"]), /audit log .*again=true/);
  }
  assert.equal((await make("?again=yes")).json["code"], "bad_query");
  assert.equal((await bench.call("operator", "GET", "/v1/sites/bakery")).status, 404);
  assert.equal((await make("?again=true")).status, 201);
  assert.equal((await make("?again=true")).json["code"], "exists");
  bench.stop();
});

Deno.test("[AM21] no session of a removed site counts for the one that has its name", async () => {
  const bench = await AdminBench.start();
  const make = () => bench.call("operator", "POST", "/v1/sites?again=true", { body: bakery });
  const login = async () => {
    const { json } = await bench.call("nobody", "POST", "/v1/sites/bakery/agents/login", {
      body: { agentId: "mia", password: "first of all bread" },
    });
    return String(json["token"]);
  };
  const come = (visitorToken?: string) =>
    bench.call("nobody", "POST", "/v1/sites/bakery/visitors", { body: { visitorToken } });
  const read = (token: string) => bench.call(token, "GET", "/v1/sites/bakery");
  const transcript = (token: string) =>
    bench.call(token, "GET", `/v1/sites/bakery/chats/${bench.edge.bench.ids.command()}/transcript`);
  await make();
  const [mia, visitor] = [await login(), String((await come()).json["token"])];
  assert.equal((await read(mia)).status, 200);
  assert.equal((await come(visitor)).status, 201);
  await bench.call("operator", "DELETE", "/v1/sites/bakery", { ifMatch: "*" });
  await make(); // within the same millisecond
  assert.deepEqual([(await read(mia)).status, (await read(mia)).json["code"]], [
    401,
    "session_revoked",
  ]);
  assert.equal((await read(await login())).status, 200);
  assert.equal((await transcript(visitor)).status, 401);
  const refused = await come(visitor);
  assert.deepEqual([refused.status, refused.json["field"]], [401, "visitorToken"]);
  assert.equal((await come()).status, 201);
  bench.stop();
});

Deno.test("[AM21] when a site was made is the server's own, and stays as it is", async () => {
  const bench = await AdminBench.start();
  const early = await bench.call("operator", "POST", "/v1/sites", {
    body: { ...bakery, madeAt: 1 },
  });
  assert.equal(early.status, 422);
  const { json: made } = await bench.call("operator", "POST", "/v1/sites", { body: bakery });
  assert.equal(made["madeAt"], bench.edge.bench.clock.now());
  const write = (method: string, body: unknown) =>
    bench.call("operator", method, "/v1/sites/bakery", { body, ifMatch: "*" });
  assert.equal((await write("PATCH", { madeAt: 1 })).status, 422);
  assert.equal((await write("PATCH", { madeAt: null })).json["madeAt"], made["madeAt"]);
  const agents = [{ agentId: "mia", name: "Mia", role: "admin" }];
  const put = await write("PUT", { name: "Bakery", agents });
  assert.deepEqual([put.status, put.json["madeAt"]], [200, made["madeAt"]]);
  await bench.edge.deps.configs.put(siteConfigSchema.parse({ siteId: "bakery", name: "Put" }));
  const stored = await bench.stored("bakery");
  assert.deepEqual([stored.name, stored.madeAt], ["Put", made["madeAt"]]);
  bench.stop();
});
