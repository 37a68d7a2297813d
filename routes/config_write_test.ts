import assert from "node:assert/strict";
import { hashPassword } from "../server/password.ts";
import { AdminBench, staffedSite, type Told } from "../tests/harness/admin_bench.ts";
import { fullSite } from "../tests/harness/full_site.ts";

function errorsOf({ json }: Told): { path: string; message: string; of?: string }[] {
  // As the problem has them.
  return json["errors"] as { path: string; message: string; of?: string }[];
}

Deno.test("[AM3] of two admins who change one site the second is told the version, and nothing is overwritten", async () => {
  const bench = await AdminBench.start();
  const [first, second] = await Promise.all([
    bench.call("admin", "GET", "/departments/sales"),
    bench.call("admin", "GET", "/routing"),
  ]);
  assert.deepEqual([first.etag, second.etag], ['"1"', '"1"']);
  const ifMatch = '"1"';
  const one = await bench.call("admin", "PATCH", "/departments/sales", {
    body: { name: "Trade" },
    ifMatch,
  });
  assert.deepEqual([one.status, one.etag], [200, '"2"']);
  const other = await bench.call("operator", "PUT", "/departments/sales", {
    body: { name: "Sale" },
    ifMatch,
  });
  assert.deepEqual([other.status, other.json["code"], other.json["version"], other.etag], [
    412,
    "version_conflict",
    2,
    '"2"',
  ]);
  const stored = await bench.stored();
  assert.deepEqual([stored.version, stored.departments[0]?.name], [2, "Trade"]);
  bench.stop();
});

Deno.test("[AM3] of many who write at once on top of one version one is done; with * all are", async () => {
  const bench = await AdminBench.start();
  const writes = (ifMatch: string) =>
    Promise.all(Array.from({ length: 60 }, (_, n) =>
      bench.call("admin", "POST", "/bans", {
        body: { target: { type: "address", address: `192.0.2.${n}` } },
        ifMatch,
      })));
  const statuses = (await writes('"1"')).map(({ status }) => status).sort();
  assert.deepEqual(statuses, [201, ...Array.from({ length: 59 }, () => 412)]);
  const all = (await writes("*")).map(({ status }) => status);
  assert.deepEqual(new Set(all), new Set([201]));
  const stored = await bench.stored();
  assert.deepEqual([stored.bans.length, stored.version], [61, 62]);
  assert.equal(new Set(stored.bans.map(({ banId }) => banId)).size, 61);
  bench.stop();
});

Deno.test("[AM3] a write that names no version, or none that can be read, changes nothing", async () => {
  const bench = await AdminBench.start();
  const body = { mode: "manual" };
  const rows = [[undefined, 428], ["1", 400], ['W/"1"', 400], ['"1", "2"', 400], [
    '"9"',
    412,
  ]] as const;
  for (const [ifMatch, status] of rows) {
    const told = await bench.call("admin", "PUT", "/routing", {
      body,
      ...(ifMatch === undefined ? {} : { ifMatch }),
    });
    assert.equal(told.status, status, ifMatch ?? "none");
  }
  assert.equal((await bench.stored()).version, 1);
  bench.stop();
});

Deno.test("[AM12] a configuration may be sent with a mebibyte, more is refused before it is read", async () => {
  const bench = await AdminBench.start();
  const text = "\u00e9".repeat(4_000);
  const canned = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ cannedId: `c${n}`, title: "T", text }));
  const large = await bench.write("admin", "PATCH", "", { cannedMessages: canned(50) });
  assert.equal(large.status, 200, JSON.stringify(large.json).slice(0, 200));
  const tooLarge = await bench.write("admin", "PATCH", "", { cannedMessages: canned(100) });
  assert.deepEqual([tooLarge.status, errorsOf(tooLarge)[0]?.path], [422, ""]);
  const beyond = await bench.write("admin", "PATCH", "", { name: "x".repeat(1024 * 1024) });
  assert.deepEqual([beyond.status, beyond.json["code"]], [413, "too_big"]);
  const elsewhere = await bench.call("admin", "PUT", "/agents/ada/password", {
    body: { current: "x".repeat(64 * 1024), password: "a new password" },
  });
  assert.equal(elsewhere.status, 413);
  bench.stop();
});

Deno.test("[AM3] [AM6] what many take away at once with * is judged by what is left by then", async () => {
  const admins = ["eva", "ivo", "ida"].map((agentId) => ({
    ...staffedSite().agents[0],
    ...{ agentId, name: agentId },
  }));
  const bench = await AdminBench.start(
    staffedSite({ agents: [...staffedSite().agents, ...admins] }),
  );
  const told = await Promise.all(
    ["eva", "ivo", "ida", "ada"].map((agentId) =>
      bench.write("admin", "DELETE", `/agents/${agentId}`)
    ),
  );
  const stored = await bench.stored();
  const left = stored.agents.filter(({ role, disabled }) => role === "admin" && !disabled);
  const removed = told.filter(({ status }) => status === 204).length;
  assert.deepEqual([left.length >= 1, removed], [true, 4 - left.length]);
  assert.ok(told.some(({ status }) => status === 409 || status === 401));
  bench.stop();
});

Deno.test("[AM23] a write is found right before a password of it is hashed", async () => {
  const bench = await AdminBench.start();
  const agents = Array.from({ length: 100 }, (_, n) => ({
    agentId: `u${n}`,
    name: "New",
    password: `password ${n} of many`,
    role: "zzz",
  }));
  let hashed = 0;
  let isTold = false;
  const told = bench.write("operator", "PATCH", "", { agents }).finally(() => isTold = true);
  while (!isTold) {
    await hashPassword("as many as would be hashed meanwhile");
    hashed += 1;
  }
  assert.equal((await told).status, 422);
  assert.ok(hashed < 20, `${hashed} passwords could have been hashed`);
  bench.stop();
});

Deno.test("[AM23] all that is wrong with an agent is told at once, its password too", async () => {
  const bench = await AdminBench.start();
  const agent = { agentId: "A B", name: "", role: "boss", password: "short", tokenVersion: 7 };
  const made = await bench.write("admin", "POST", "/agents", agent);
  assert.deepEqual(errorsOf(made).map(({ path }) => path).sort(), [
    ...["agentId", "name", "password", "role", "tokenVersion"],
  ]);
  const site = { siteId: "new", name: "", agents: [agent] };
  const whole = await bench.call("operator", "POST", "/v1/sites", { body: site });
  assert.deepEqual(errorsOf(whole).map(({ path }) => path).sort(), [
    ...["agents.0.agentId", "agents.0.name", "agents.0.password", "agents.0.role"],
    ...["agents.0.tokenVersion", "name"],
  ]);
  bench.stop();
});

Deno.test("[AM4] null takes no secret away: it is refused", async () => {
  const bench = await AdminBench.start(fullSite);
  const before = await bench.stored();
  const rows = [
    ["/agents/ana", { password: null }, "password"],
    ["/agents/ana", { passwordHash: null }, "passwordHash"],
    ["/agents/ana", { tokenVersion: null }, "tokenVersion"],
    ["/sign-in", { keys: null }, "keys"],
    ["", { signIn: { keys: null } }, "signIn.keys"],
  ] as const;
  for (const [path, body, field] of rows) {
    const told = await bench.write("operator", "PATCH", path, body);
    assert.deepEqual([told.status, errorsOf(told)[0]?.path], [422, field], path);
  }
  assert.deepEqual(await bench.stored(), before);
  bench.stop();
});

Deno.test("[AM5] a name that JavaScript would lose is refused, however it is spelled", async () => {
  const bench = await AdminBench.start();
  for (const name of ["__proto__", "\\u005f_proto__", "__pr\\u006fto__"]) {
    for (const text of [`{"texts":{"${name}":{"send":"x"}}}`, `{"${name}":{"name":"x"}}`]) {
      const told = await bench.call("admin", "PATCH", "", { text, ifMatch: "*" });
      assert.deepEqual([told.status, errorsOf(told)[0]?.path], [422, "__proto__"], text);
    }
  }
  const { status } = await bench.write("admin", "PATCH", "", { name: "about __proto__ \\" });
  assert.equal(status, 200);
  bench.stop();
});

Deno.test("[AM5] an answer does not grow with the mistakes: a hundred faults, each cut", async () => {
  const bench = await AdminBench.start();
  const names = Array.from({ length: 50_000 }, (_, n) => [`unknown${n}`, 1]);
  const unknown = await bench.write("admin", "PATCH", "", Object.fromEntries(names));
  assert.equal(unknown.status, 422);
  assert.ok(JSON.stringify(unknown.json).length < 2_000);
  const bans = Array.from({ length: 300 }, (_, n) => ({
    banId: `no ${n}`,
    target: { type: "address", address: "192.0.2.1" },
  }));
  const many = await bench.write("admin", "PATCH", "", { bans });
  assert.deepEqual([many.status, errorsOf(many).length, many.json["more"]], [422, 100, 200]);
  bench.stop();
});

Deno.test("[AM29] nobody says that somebody else set a ban; who says nothing, or the truth, may", async () => {
  const target = { type: "address", address: "192.0.2.1" };
  const bench = await AdminBench.start(staffedSite({
    bans: [{ banId: "b1", target, agentId: "zoe" }, { banId: "b2", target: target }],
  }));
  const rows = [
    ["supervisor", "POST", "", { target, agentId: "ada" }, 422],
    ["supervisor", "POST", "", { target, agentId: "sue" }, 201],
    ["supervisor", "POST", "", { target }, 201],
    ["supervisor", "PATCH", "/b1", { comment: "spam" }, 200],
    ["supervisor", "PATCH", "/b1", { agentId: "ada" }, 422],
    ["admin", "PATCH", "/b2", { agentId: "sue" }, 422],
    ["operator", "PATCH", "/b2", { agentId: "sue" }, 200],
  ] as const;
  for (const [as, method, path, body, status] of rows) {
    const told = await bench.write(as, method, `/bans${path}`, body);
    assert.equal(told.status, status, `${as} ${method} ${JSON.stringify(body)}`);
    if (status === 422) assert.equal(errorsOf(told)[0]?.path, "agentId");
  }
  bench.stop();
});
