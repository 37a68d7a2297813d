import assert from "node:assert/strict";
import { KvArchive } from "../archive/archive_kv.ts";
import { startEdge } from "../tests/harness/edge_bench.ts";
import { passing } from "../tests/harness/queue_bench.ts";

/** A chat of a visitor and ana with a message and a note. */
async function edgeWithChat() {
  const archive = await KvArchive.open({ path: ":memory:", now: () => edge.bench.clock.now() });
  const edge = await startEdge({ archive });
  const { bench } = edge;
  const [ana, visitor] = [bench.agent("ana"), bench.visitor()];
  const chatId = visitor.requestChat();
  ana.send({ type: "set_status", commandId: bench.ids.command(), status: "online" });
  ana.send({ type: "accept_chat", commandId: bench.ids.command(), chatId });
  visitor.post(chatId, "hello");
  ana.send({ type: "post_note", chatId, messageId: bench.ids.message(), text: "a regular" });
  await bench.idle();
  const session = visitor.connection.session;
  const visitorId = session?.type === "visitor" ? session.visitorId : "";
  const read = async (token: string | undefined, path = `acme/chats/${chatId}`) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return await passing(
      bench.clock,
      Promise.resolve(edge.app.request(`/v1/sites/${path}/transcript`, { headers })),
    );
  };
  const stop = async () => {
    bench.stop();
    await archive.close();
  };
  return { ...edge, chatId, visitorId, read, stop };
}

Deno.test("[SE2] a visitor reads its own transcript without staff entries, an agent with them", async () => {
  const { stop, token, read, visitorId } = await edgeWithChat();
  const kinds = async (as: { kind: "visitor" | "agent"; sub: string }) => {
    const response = await read(await token(as));
    assert.equal(response.status, 200);
    const { entries } = await response.json();
    return entries.map((entry: { kind: string }) => entry.kind);
  };
  assert.deepEqual(await kinds({ kind: "visitor", sub: visitorId }), ["agent_joined", "message"]);
  assert.deepEqual(await kinds({ kind: "agent", sub: "ana" }), ["agent_joined", "message", "note"]);
  await stop();
});

Deno.test("[SG1] the entries of a transcript are signed", async () => {
  const { bench, stop, token, read, visitorId, deps } = await edgeWithChat();
  const response = await read(await token({ kind: "visitor", sub: visitorId }));
  const { entries } = await response.json();
  for (const entry of entries) assert.ok(deps.signer.verify(bench.slot().siteId, entry));
  await stop();
});

Deno.test("[SE3] another visitor's transcript is not found, as one that does not exist", async () => {
  const { stop, token, read } = await edgeWithChat();
  const stranger = await token({ kind: "visitor", sub: "" });
  const other = await read(stranger);
  const none = await read(stranger, "acme/chats/01J00000000000000000099999");
  assert.deepEqual([other.status, none.status], [404, 404]);
  assert.deepEqual(await other.json(), await none.json());
  await stop();
});

Deno.test("[SE1] [BI4] without a token of this very site nothing is read", async () => {
  const { stop, token, read, visitorId, deps } = await edgeWithChat();
  const rows = [
    [undefined, 401, "no_token"],
    ["forged", 401, "bad_token"],
    [await token({ kind: "visitor", sub: visitorId, site: "other" }), 403, "other_site"],
    [await token({ kind: "agent", sub: "ana", site: "other" }), 403, "other_site"],
    [await token({ kind: "visitor", sub: visitorId, lives: -10 }), 401, "token_expired"],
    [await token({ kind: "agent", sub: "zoe" }), 401, "session_revoked"],
    [deps.operatorKey, 403, "forbidden"],
  ] as const;
  for (const [given, status, code] of rows) {
    const response = await read(given);
    assert.deepEqual([response.status, (await response.json()).code], [status, code]);
  }
  const agent = await token({ kind: "agent", sub: "ana" });
  assert.equal((await read(agent, "nobody/chats/x")).status, 404);
  assert.equal((await read(agent, "acme/chats/x")).status, 400);
  await stop();
});
