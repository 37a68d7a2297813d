import assert from "node:assert/strict";
import { sign } from "hono/jwt";
import { canonicalEntry, type Entry } from "../core/entry.ts";
import { chatIdSchema } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { ServerFrame } from "../core/server_frames.ts";
import { type EdgeBench, type EdgeBenchOptions, startEdge } from "../tests/harness/edge_bench.ts";
import { ListeningSocket } from "../tests/harness/listening_socket.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { ChatSocket } from "./socket.ts";

/** A ChatSocket over a connection in memory. */
function opened(
  edge: EdgeBench,
  side: "visitor" | "agent",
  siteId = "acme",
  address?: string,
) {
  const socket = new ListeningSocket();
  const chat = new ChatSocket(edge.deps, side, edge.bench.slot(siteId), socket, { address });
  const say = (frame: unknown) =>
    chat.receive(typeof frame === "string" ? frame : JSON.stringify(frame));
  const hello = (token: string, change: Record<string, unknown> = {}) =>
    say({
      type: "hello",
      protocol: 1,
      token,
      connectionId: edge.bench.ids.connection(),
      term: 0,
      chats: {},
      unacked: 0,
      ...change,
    });
  return { socket, chat, say, hello };
}

/** A visitor that was welcomed. */
async function welcomed(options: EdgeBenchOptions = {}) {
  const edge = await startEdge(options);
  const visitor = opened(edge, "visitor");
  visitor.hello(await edge.token({ kind: "visitor", sub: "" }));
  await edge.bench.answered(visitor.socket);
  assert.deepEqual(visitor.socket.take().map((frame) => frame.type), ["welcome"]);
  return { edge, bench: edge.bench, ...visitor };
}

const codes = (frames: readonly ServerFrame[]) =>
  frames.map((frame) => frame.type === "refused" ? frame.code : frame.type);

Deno.test("[CN1] a hello with a valid token is welcomed; another hello is refused", async () => {
  const { edge, bench, hello, socket } = await welcomed();
  hello(await edge.token({ kind: "visitor", sub: "" }));
  assert.deepEqual(codes(socket.take()), ["hello_expected"]);
  bench.stop();
});

Deno.test("[CN1] before the hello nothing of the site is answered, and no event is made", async () => {
  const edge = await startEdge();
  const { say, socket } = opened(edge, "visitor");
  await edge.bench.idle();
  const before = edge.bench.node.loop.counts.events;
  say({ type: "request_chat", commandId: edge.bench.ids.command() });
  say({ type: "heartbeat", chats: {} });
  await edge.bench.idle();
  assert.deepEqual(codes(socket.take()), ["hello_expected", "hello_expected"]);
  assert.equal(edge.bench.node.loop.counts.events, before);
  edge.bench.stop();
});

Deno.test("[CN1] the hello must come within 10 seconds, whatever else comes meanwhile", async () => {
  const edge = await startEdge();
  const { say, socket } = opened(edge, "visitor");
  const opening = edge.bench.clock.monotonic();
  await edge.bench.clock.advance(limits.helloMsMax - 1_000);
  say({ type: "heartbeat", chats: {} });
  edge.bench.node.hub.sweep(opening + limits.helloMsMax + 1);
  assert.equal(socket.closedWith, "hello_timeout");
  edge.bench.stop();
});

Deno.test("[CN1] a hello of another protocol version closes bad_protocol", async () => {
  const edge = await startEdge();
  const { hello, socket } = opened(edge, "visitor");
  hello(await edge.token({ kind: "visitor", sub: "" }), { protocol: 2 });
  assert.equal(socket.closedWith, "bad_protocol");
  edge.bench.stop();
});

const tokens: readonly {
  what: string;
  make: (edge: EdgeBench) => Promise<string> | string;
  side?: "agent";
  closed: string;
}[] = [
  { what: "no token at all", make: () => "x", closed: "bad_token" },
  {
    what: "a forged token",
    make: async (edge) => `${await edge.token({ kind: "visitor", sub: "" })}x`,
    closed: "bad_token",
  },
  {
    what: "another site's token",
    make: (edge) => edge.token({ kind: "visitor", sub: "", site: "other" }),
    closed: "bad_token",
  },
  {
    what: "an expired token",
    make: (edge) => edge.token({ kind: "visitor", sub: "", lives: -1 }),
    closed: "token_expired",
  },
  {
    what: "an agent's token on the visitors' side",
    make: (edge) => edge.token({ kind: "agent", sub: "ana" }),
    closed: "bad_token",
  },
  {
    what: "a visitor's token on the agents' side",
    make: (edge) => edge.token({ kind: "visitor", sub: "" }),
    side: "agent",
    closed: "bad_token",
  },
  {
    what: "the token of an agent that is not configured",
    make: (edge) => edge.token({ kind: "agent", sub: "zoe" }),
    side: "agent",
    closed: "bad_token",
  },
];
for (const { what, make, side, closed } of tokens) {
  Deno.test(`[BI4] [SE1] ${what} closes ${closed}, without an answer`, async () => {
    const edge = await startEdge();
    const { hello, socket } = opened(edge, side ?? "visitor");
    hello(await make(edge));
    await edge.bench.answered(socket);
    assert.equal(socket.closedWith, closed);
    assert.deepEqual(socket.messages, []);
    edge.bench.stop();
  });
}

Deno.test("[SE1] the same visitor's token, chats and ids mean nothing at another site", async () => {
  const configs = ["acme", "other"].map((siteId) => benchConfig({ siteId, mode: "manual" }));
  const { edge, bench, say, socket } = await welcomed({ configs });
  const commandId = bench.ids.command();
  say({ type: "request_chat", commandId });
  await bench.idle();
  socket.take();
  const elsewhere = opened(edge, "agent", "other");
  elsewhere.hello(await edge.token({ kind: "agent", sub: "ana", site: "other" }));
  await bench.answered(elsewhere.socket);
  elsewhere.socket.take();
  elsewhere.say({ type: "accept_chat", commandId: bench.ids.command(), chatId: commandId });
  await bench.idle();
  assert.deepEqual(codes(elsewhere.socket.take()), ["unknown_chat"]);
  bench.stop();
});

Deno.test("[BI1] a bad frame is refused with field and rule, and the connection stays", async () => {
  const { bench, say, socket } = await welcomed();
  say("{");
  say({ type: "post_message", chatId: "?", messageId: "?", text: "" });
  say({ type: "heartbeat", chats: {} });
  await bench.idle();
  const [first, second, third] = socket.take();
  assert.ok(first?.type === "refused" && second?.type === "refused");
  assert.deepEqual([first.code, second.code, second.field], ["bad_frame", "bad_frame", "chatId"]);
  assert.match(second.message, /ULID/);
  assert.equal(third?.type, "heartbeat");
  assert.equal(socket.closedWith, undefined);
  bench.stop();
});

Deno.test("[BI2] more than 64 KiB closes frame_too_big, a binary message is refused", async () => {
  const { bench, chat, say, socket } = await welcomed();
  chat.receive(new Uint8Array(10).buffer);
  assert.deepEqual(codes(socket.take()), ["binary_frame"]);
  assert.equal(socket.closedWith, undefined);
  say(" ".repeat(limits.frameBytesMax + 1));
  assert.equal(socket.closedWith, "frame_too_big");
  say({ type: "heartbeat", chats: {} });
  await bench.idle();
  assert.deepEqual(socket.messages, [], "what comes behind the close is not heard");
  bench.stop();
});

Deno.test("[BI3] frames over the rate are refused rate_limited with the time to wait", async () => {
  const { bench, say, socket } = await welcomed({
    rates: { framesBurst: 3, framesPerSecond: 2 },
  });
  const beat = () => say({ type: "heartbeat", chats: {} });
  for (let n = 0; n < 3; n++) beat();
  await bench.idle();
  const [, , refused] = socket.take().toSorted((a, b) => a.type < b.type ? -1 : 1);
  assert.ok(refused?.type === "refused");
  assert.deepEqual([refused.code, refused.retryable], ["rate_limited", true]);
  assert.ok((refused.retryAfterMs ?? 0) > 400);
  await bench.clock.advance(500);
  beat();
  await bench.idle();
  assert.deepEqual(codes(socket.take()), ["heartbeat"]);
  bench.stop();
});

Deno.test("[BI3] a rate-limited message can be sent again: the refusal names it", async () => {
  const { bench, say, socket } = await welcomed({ rates: { framesBurst: 1, framesPerSecond: 1 } });
  const commandId = bench.ids.command();
  say({ type: "request_chat", commandId });
  const [refused] = socket.take();
  assert.ok(refused?.type === "refused");
  assert.deepEqual([refused.re, refused.code], [commandId, "rate_limited"]);
  bench.stop();
});

Deno.test("[BI3] far over the rate the connection is closed too_many_frames", async () => {
  const { bench, say, socket } = await welcomed({ rates: { framesBurst: 1, framesPerSecond: 1 } });
  for (let n = 0; n <= limits.framesRefusedMax; n++) say("junk");
  assert.equal(socket.closedWith, "too_many_frames");
  bench.stop();
});

Deno.test("[BI3] uploads that nobody asked for count as frames", async () => {
  const { bench, say, socket } = await welcomed({ rates: { framesBurst: 5, framesPerSecond: 1 } });
  const chatId = chatIdSchema.parse(bench.ids.ulid());
  const entry: Entry = {
    chatId,
    tenure: bench.ids.tenure(),
    stream: "public",
    n: 1,
    order: 1,
    at: 1,
    author: { type: "system", id: "system" },
    id: "x",
    kind: "message",
    text: "",
  };
  const sig = bench.signer.sign(bench.slot().siteId, canonicalEntry(entry));
  for (let n = 0; n < 50; n++) {
    say({ type: "upload_entries", chatId, entries: [{ ...entry, sig }] });
  }
  await bench.idle();
  assert.ok(codes(socket.take()).includes("rate_limited"));
  bench.stop();
});

Deno.test("[BI3] one site's flood leaves the other sites their own rate", async () => {
  const configs = ["acme", "other"].map((siteId) => benchConfig({ siteId, mode: "manual" }));
  const { edge, bench, say, socket } = await welcomed({
    configs,
    rates: { siteFramesPerSecond: 10, framesBurst: 100 },
  });
  for (let n = 0; n < 50; n++) say({ type: "heartbeat", chats: {} });
  await bench.idle();
  assert.ok(codes(socket.take()).includes("rate_limited"));
  const calm = opened(edge, "visitor", "other");
  calm.hello(await edge.token({ kind: "visitor", sub: "", site: "other" }));
  await bench.answered(calm.socket);
  assert.deepEqual(codes(calm.socket.take()), ["welcome"]);
  bench.stop();
});

Deno.test("[DB1A] at 95% of the budget a new chat is refused storage_full, running ones go on", async () => {
  let used = 0;
  const { edge, bench, say, socket } = await welcomed({ diskUsed: () => used });
  const commandId = bench.ids.command();
  say({ type: "request_chat", commandId });
  await bench.idle();
  socket.take();
  used = 950;
  say({ type: "post_message", chatId: commandId, messageId: bench.ids.message(), text: "hello" });
  await bench.idle();
  assert.deepEqual(codes(socket.take()), ["ack"]);
  const late = opened(edge, "visitor");
  late.hello(await edge.token({ kind: "visitor", sub: "" }));
  await bench.answered(late.socket);
  late.socket.take();
  late.say({ type: "request_chat", commandId: bench.ids.command() });
  const [refused] = late.socket.take();
  assert.ok(refused?.type === "refused");
  assert.deepEqual([refused.code, refused.retryable], ["storage_full", true]);
  bench.stop();
});

Deno.test("[DB1A] [CH1] the repeat of a request that made its chat is done, also on a full disk", async () => {
  let used = 0;
  const { bench, say, socket } = await welcomed({ diskUsed: () => used });
  const request = { type: "request_chat", commandId: bench.ids.command() };
  say(request);
  await bench.idle();
  socket.take();
  used = 950;
  say(request);
  await bench.idle();
  assert.deepEqual(codes(socket.take()), ["done"]);
  bench.stop();
});

Deno.test("[CL3] at a site that failed every frame is refused unavailable", async () => {
  const { bench, say, socket } = await welcomed();
  bench.slot().state = "failed";
  say({ type: "heartbeat", chats: {} });
  assert.deepEqual(codes(socket.take()), ["unavailable"]);
  bench.stop();
});

Deno.test("[SG2] forged entries of an upload are told, true ones are merged", async () => {
  const { bench, say, socket } = await welcomed();
  const commandId = bench.ids.command();
  const chatId = chatIdSchema.parse(commandId);
  say({ type: "request_chat", commandId });
  await bench.idle();
  socket.take();
  const tenure = bench.ids.tenure();
  const entries = [1, 2].map((n) => {
    const entry: Entry = {
      chatId,
      tenure,
      stream: "public",
      n,
      order: n,
      at: n,
      author: { type: "system", id: "system" },
      id: `agent_joined.${n}`,
      kind: "agent_joined",
      text: "Ana",
    };
    return { ...entry, sig: bench.signer.sign(bench.slot().siteId, canonicalEntry(entry)) };
  });
  const [sound, forged] = [entries[0], { ...entries[1], text: "The boss" }];
  say({ type: "heartbeat", chats: { [chatId]: { [`${tenure}/public`]: 2 } } });
  await bench.idle();
  assert.deepEqual(codes(socket.take()).toSorted(), ["heartbeat", "want_entries"]);
  say({ type: "upload_entries", chatId, entries: [forged, sound] });
  await bench.idle();
  assert.deepEqual(socket.take(), [{
    type: "uploaded",
    chatId,
    vector: { [`${tenure}/public`]: 1 },
    accepted: 1,
    refused: [{ id: "agent_joined.2", code: "bad_signature" }],
  }]);
  bench.stop();
});

Deno.test("[SI1] a chat asked for right behind the sign-in stands on it", async () => {
  const key = "k".repeat(32);
  const signIn = { keys: [key], audience: "acme", enforce: true };
  const { bench, say, socket } = await welcomed({ configs: [benchConfig({ config: { signIn } })] });
  const exp = Math.floor(bench.clock.now() / 1_000) + 60;
  const token = await sign({ sub: "u-7", aud: "acme", exp }, key);
  say({ type: "sign_in", commandId: bench.ids.command(), token: "unsigned" });
  say({ type: "request_chat", commandId: bench.ids.command() });
  say({ type: "sign_in", commandId: bench.ids.command(), token });
  say({ type: "request_chat", commandId: bench.ids.command() });
  const seen: string[] = [];
  while (!seen.includes("chat")) {
    await bench.answered(socket);
    seen.push(...codes(socket.take()));
  }
  assert.deepEqual(seen, ["bad_sign_in", "sign_in_required", "done", "done", "chat"]);
  bench.stop();
});

Deno.test("[BN1] a connection from a banned address is closed at its hello", async () => {
  const bans = [{ banId: "b", target: { type: "address", address: "192.0.2.0/24" } } as const];
  const edge = await startEdge({ configs: [benchConfig({ config: { bans } })] });
  const { socket, hello } = opened(edge, "visitor", "acme", "192.0.2.7");
  hello(await edge.token({ kind: "visitor", sub: "" }));
  await edge.bench.answered(socket);
  assert.equal(socket.closedWith, "banned");
  edge.bench.stop();
});
