import assert from "node:assert/strict";
import { verifyPassword } from "../server/password.ts";
import { AdminBench, benchPassword, staffedSite } from "../tests/harness/admin_bench.ts";
import { ListeningSocket } from "../tests/harness/listening_socket.ts";
import { ChatSocket } from "./socket.ts";

const login = (bench: AdminBench, agentId: string, password: string) =>
  bench.call("nobody", "POST", "/agents/login", { body: { agentId, password } });

const hashOf = async (bench: AdminBench, name: string) =>
  (await bench.stored()).agents.find(({ agentId }) => agentId === name)?.passwordHash ?? "";

Deno.test("[AM8] one's own password is changed by who knows it, and every session but the new one ends", async () => {
  const bench = await AdminBench.start();
  const { json: session } = await login(bench, "ana", benchPassword);
  const old = String(session["token"]);
  const path = "/agents/ana/password";
  const password = "a new password";
  const wrong = await bench.call(old, "PUT", path, { body: { current: "wrong", password } });
  assert.deepEqual([wrong.status, wrong.json["code"]], [401, "wrong_password"]);
  const changed = await bench.call(old, "PUT", path, {
    body: { current: benchPassword, password },
  });
  assert.equal(changed.status, 200);
  const gone = await bench.call(old, "DELETE", "/agents/ana/sessions");
  assert.deepEqual([gone.status, gone.json["code"]], [401, "session_revoked"]);
  assert.equal((await login(bench, "ana", benchPassword)).status, 401);
  assert.equal((await login(bench, "ana", password)).status, 200);
  const anew = String(changed.json["token"]);
  assert.equal((await bench.call(anew, "DELETE", "/agents/ana/sessions")).status, 204);
  assert.equal((await bench.call(anew, "DELETE", "/agents/ana/sessions")).status, 401);
  bench.stop();
});

Deno.test("[AM8] a password is reset by an admin or the operator, who is told nothing unless it is made up", async () => {
  const bench = await AdminBench.start();
  const path = "/agents/ana/password";
  for (const [n, as] of ["admin", "operator"].entries()) {
    const password = `reset number ${n}`;
    const reset = await bench.call(as, "PUT", path, { body: { password } });
    assert.deepEqual([reset.status, reset.json], [204, {}]);
    assert.ok(await verifyPassword(password, await hashOf(bench, "ana")));
    const made = await bench.call(as, "PUT", path, { body: { generate: true } });
    assert.deepEqual([made.status, Object.keys(made.json)], [200, ["password"]]);
    assert.equal(String(made.json["password"]).length, 20);
    assert.equal((await login(bench, "ana", String(made.json["password"]))).status, 200);
  }
  assert.equal((await bench.call("agent", "DELETE", "/agents/ana/sessions")).status, 401);
  bench.stop();
});

Deno.test("[AM8] a password that breaks a rule is refused with the rule, wherever it is set", async () => {
  const bench = await AdminBench.start(staffedSite({
    agents: [...staffedSite().agents, {
      ...staffedSite().agents[2],
      agentId: "bartholomew",
      name: "Bartholomew the Great",
    }],
  }));
  const bad = [
    ...["short nin", "x".repeat(1_025), "bartholomew", "BARTHOLOMEW THE GREAT", 7, null, {}],
    ...[" ".repeat(12), "  short nin  ", " Bartholomew ", "\tbartholomew the great\n"],
  ];
  const before = await hashOf(bench, "bartholomew");
  for (const password of bad) {
    const asked = [
      await bench.call("admin", "PUT", "/agents/bartholomew/password", { body: { password } }),
      await bench.write("admin", "PUT", "/agents/bartholomew", {
        name: "Bartholomew the Great",
        password,
      }),
    ];
    for (const { status, json } of asked) {
      assert.equal(status, 422, `${password}`);
      // As the problem has them.
      const errors = json["errors"] as { path: string; message: string }[];
      assert.equal(errors[0]?.path, "password", JSON.stringify(password));
      assert.ok((errors[0]?.message.length ?? 0) > 5);
    }
  }
  const missing = await bench.write("admin", "POST", "/agents", { agentId: "zoe", name: "Zoe" });
  assert.match(JSON.stringify(missing.json["errors"]), /"password".*a new agent needs one/);
  assert.equal(await hashOf(bench, "bartholomew"), before);
  const rows = [
    ["admin", "ben", { password: "a fine password", generate: true }, "generate"],
    ["admin", "ben", { password: "a fine password", current: "x" }, "current"],
    ["admin", "ada", { password: "a fine password" }, "current"],
    ["admin", "ada", { generate: true, current: "x" }, "generate"],
    ["admin", "ben", { generate: false }, "generate"],
    ["admin", "ben", {}, "password"],
  ] as const;
  for (const [as, agentId, body, field] of rows) {
    const { status, json } = await bench.call(as, "PUT", `/agents/${agentId}/password`, { body });
    assert.equal(status, 422);
    assert.match(JSON.stringify(json["errors"]), new RegExp(`^\\[\\{"path":"${field}"`));
  }
  bench.stop();
});

Deno.test("[AM8] a password set with the agent itself ends its sessions, other changes do not", async () => {
  const bench = await AdminBench.start();
  const isIn = async () => {
    const told = await bench.call("supervisor", "GET", "/routing");
    return told.status === 200;
  };
  await bench.write("admin", "PATCH", "/agents/sue", { name: "Susan" });
  assert.ok(await isIn());
  await bench.write("admin", "PATCH", "/agents/sue", { password: "another password" });
  assert.ok(!await isIn());
  assert.ok(await verifyPassword("another password", await hashOf(bench, "sue")));
  bench.stop();
});

Deno.test("[AM9] an agent made anew under an old name does not revive its sessions", async () => {
  const bench = await AdminBench.start();
  const zoe = { agentId: "zoe", name: "Zoe", password: "a fine password" };
  await bench.write("admin", "POST", "/agents", zoe);
  const token = String((await login(bench, "zoe", zoe.password)).json["token"]);
  const own = () => bench.call(token, "GET", "/routing");
  assert.equal((await own()).json["code"], "forbidden");
  await bench.write("admin", "DELETE", "/agents/zoe");
  assert.equal((await own()).json["code"], "session_revoked");
  await bench.edge.bench.clock.advance(1);
  await bench.write("admin", "POST", "/agents", zoe);
  assert.equal((await own()).json["code"], "session_revoked");
  bench.stop();
});

Deno.test("[AM9] who was disabled logs in anew once it is enabled again", async () => {
  const bench = await AdminBench.start();
  const { json } = await login(bench, "ben", benchPassword);
  const own = () => bench.call(String(json["token"]), "GET", "/routing");
  assert.equal((await own()).json["code"], "forbidden");
  await bench.write("admin", "PATCH", "/agents/ben", { disabled: true });
  await bench.write("admin", "PATCH", "/agents/ben", { disabled: false });
  assert.equal((await own()).json["code"], "session_revoked");
  const again = await login(bench, "ben", benchPassword);
  assert.equal(again.status, 200);
  await bench.write("admin", "PATCH", "/agents/ben", { disabled: false, name: "B" });
  const after = await bench.call(String(again.json["token"]), "GET", "/routing");
  assert.equal(after.json["code"], "forbidden");
  bench.stop();
});

Deno.test("[AM11] each way in which a token lets nobody in has a code of its own", async () => {
  const bench = await AdminBench.start();
  const { edge } = bench;
  const agent = (lives: number) => edge.token({ kind: "agent", sub: "ada", lives });
  const { json } = await login(bench, "ben", benchPassword);
  const revoked = String(json["token"]);
  await bench.call("admin", "DELETE", "/agents/ben/sessions");
  const rows = [
    ["nobody", 401, "no_token"],
    ["forged", 401, "bad_token"],
    [await agent(-1), 401, "token_expired"],
    [revoked, 401, "session_revoked"],
    [await edge.token({ kind: "agent", sub: "zoe" }), 401, "session_revoked"],
    ["disabled", 401, "session_revoked"],
    ["visitor", 403, "not_an_agent"],
    ["foreign", 403, "other_site"],
    ["agent", 403, "forbidden"],
  ] as const;
  for (const [as, status, code] of rows) {
    for (
      const [method, path] of [["GET", "/agents"], ["DELETE", "/agents/ben/sessions"]] as const
    ) {
      const told = await bench.write(as, method, path);
      assert.deepEqual([told.status, told.json["code"]], [status, code], as);
      assert.equal(told.headers.get("www-authenticate"), status === 401 ? "Bearer" : null);
    }
  }
  bench.stop();
});

/** A request whose body comes to its end only when its sender says so. */
function slowRequest(
  bench: AdminBench,
  token: string,
  path: string,
  method: string,
  body: unknown,
) {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const gate = Promise.withResolvers<void>();
  const content = new ReadableStream<Uint8Array>({
    start: (out) => out.enqueue(bytes.subarray(0, 3)),
    async pull(out) {
      await gate.promise;
      out.enqueue(bytes.subarray(3));
      out.close();
    },
  }, { highWaterMark: 0 });
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    "content-length": String(bytes.length),
    "if-match": "*",
  };
  const request = new Request(`http://acme.example/v1/sites/acme${path}`, {
    ...{ method, headers, body: content },
  });
  const answer = Promise.resolve(bench.edge.app.fetch(request, {}));
  return async () => {
    gate.resolve();
    const response = await answer;
    const text = await response.text();
    const { code }: { code?: string } = text === "" ? {} : JSON.parse(text);
    return { status: response.status, code };
  };
}

Deno.test("[AM19] who is disabled, logged out or demoted while its body comes in changes nothing", async () => {
  const agents = [...staffedSite().agents, {
    ...staffedSite().agents[0],
    agentId: "eve",
    name: "Eve",
  }];
  const password = "of my choice 1";
  const acts = [
    ["PUT", "/agents/ada/password", { password }],
    ["PUT", "/agents/eve/password", { current: benchPassword, password }],
    ["PATCH", "/agents/ada", { password }],
    ["PUT", "/routing", { mode: "manual" }],
  ] as const;
  const meanwhile = [
    ["PATCH", "/agents/eve", { disabled: true }, 401, "session_revoked"],
    ["DELETE", "/agents/eve/sessions", undefined, 401, "session_revoked"],
    ["DELETE", "/agents/eve", undefined, 401, "session_revoked"],
    ["PATCH", "/agents/eve", { role: "agent" }, 403, "forbidden"],
  ] as const;
  for (const [method, path, body] of acts) {
    for (const [by, at, change, status, code] of meanwhile) {
      const isOwn = path === "/agents/eve/password";
      if (status === 403 && isOwn) continue;
      const bench = await AdminBench.start(staffedSite({ agents }));
      const { json } = await login(bench, "eve", benchPassword);
      const finish = slowRequest(bench, String(json["token"]), path, method, body);
      const done = await bench.write("admin", by, at, change);
      assert.ok(done.status < 300, JSON.stringify(done.json));
      const before = await bench.stored();
      assert.deepEqual(await finish(), { status, code }, `${method} ${path}, ${by} ${at}`);
      assert.deepEqual(await bench.stored(), before);
      bench.stop();
    }
  }
});

Deno.test("[AM19] who logs in is let in by what stands there when its password is judged", async () => {
  const bench = await AdminBench.start();
  const finish = slowRequest(bench, "", "/agents/login", "POST", {
    agentId: "ben",
    password: benchPassword,
  });
  await bench.write("admin", "PATCH", "/agents/ben", { disabled: true });
  assert.deepEqual(await finish(), { status: 401, code: "wrong_password" });
  bench.stop();
});

Deno.test("[AM6] the last enabled admin stays one, unless the operator says otherwise", async () => {
  const bench = await AdminBench.start();
  const { json: site } = await bench.call("operator", "GET", "");
  const agents = site["agents"] as Record<string, unknown>[]; // as the schema has it
  const without = agents.filter(({ agentId }) => agentId !== "ada");
  const rows = [
    ["DELETE", "/agents/ada", undefined],
    ["PATCH", "/agents/ada", { disabled: true }],
    ["PATCH", "/agents/ada", { role: "supervisor" }],
    ["PUT", "/agents/ada", { name: "Ada" }],
    ["PATCH", "", { agents: without }],
    ["PUT", "", { ...site, agents: without }],
  ] as const;
  for (const [method, path, body] of rows) {
    const told = await bench.write("admin", method, path, body);
    assert.deepEqual([told.status, told.json["code"]], [409, "last_admin"], `${method} ${path}`);
  }
  assert.equal((await bench.stored()).version, 1);
  await bench.write("admin", "PATCH", "/agents/ana", { role: "admin" });
  assert.equal((await bench.write("admin", "DELETE", "/agents/ada")).status, 204);
  assert.equal((await bench.write("operator", "DELETE", "/agents/ana")).status, 204);
  assert.equal((await bench.write("operator", "PATCH", "/agents/ben", { name: "B" })).status, 200);
  bench.stop();
});

/** A console of this agent, connected with this token. */
async function consoleOf({ edge }: AdminBench, token: string): Promise<ListeningSocket> {
  const socket = new ListeningSocket();
  const chat = new ChatSocket(edge.deps, "agent", edge.bench.slot(), socket);
  chat.receive(JSON.stringify({
    type: "hello",
    protocol: 1,
    token,
    connectionId: edge.bench.ids.connection(),
    term: 0,
    chats: {},
    unacked: 0,
  }));
  await edge.bench.answered(socket);
  assert.equal(socket.take()[0]?.type, "welcome");
  return socket;
}

Deno.test("[AM9] [AM8] consoles of ended sessions are closed at once and do not come back, others stay", async () => {
  const bench = await AdminBench.start();
  const open = async (agentId: string) => {
    const { json } = await login(bench, agentId, benchPassword);
    return { token: String(json["token"]), socket: await consoleOf(bench, String(json["token"])) };
  };
  const [ana, sue] = [await open("ana"), await open("sue")];
  await bench.write("admin", "PATCH", "/agents/ana", { chatLimit: 7 });
  await bench.edge.bench.idle();
  assert.equal(ana.socket.closedWith, undefined);
  await bench.call("admin", "DELETE", "/agents/ana/sessions");
  await bench.edge.bench.idle();
  assert.deepEqual([ana.socket.closedWith, sue.socket.closedWith], ["logged_out", undefined]);
  const { json } = await bench.call(sue.token, "PUT", "/agents/sue/password", {
    body: { current: benchPassword, password: "a new password" },
  });
  await bench.edge.bench.idle();
  assert.equal(sue.socket.closedWith, "logged_out");
  const again = await consoleOf(bench, String(json["token"]));
  assert.equal(again.closedWith, undefined);
  bench.stop();
});
