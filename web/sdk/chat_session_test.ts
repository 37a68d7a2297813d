import { deepEqual, equal, ok } from "node:assert/strict";
import { ChatSession } from "./chat_session.ts";
import { agent, visitor } from "./fake_network.ts";
import { type FakePeer, FakeServer } from "./fake_server.ts";
import type { ClientFrame } from "./frame.ts";
import type { Holder } from "./holder.ts";
import { HttpApi, HttpFailure } from "./http_api.ts";
import type { ClientSnapshot } from "./snapshot.ts";
import { memoryStorage } from "./storage.ts";

/** The fake server behind real WebSockets. */
function serveFake() {
  const fake = new FakeServer();
  const sockets = new Set<WebSocket>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const role = new URL(request.url).pathname.split("/").at(-1);
    if (request.headers.get("upgrade") !== "websocket") return answer(role);
    const { socket, response } = Deno.upgradeWebSocket(request);
    const holder: Holder = role === "visitor" ? visitor() : agent();
    const peer: FakePeer = {
      holder,
      send: (frame) => socket.send(JSON.stringify(frame)),
      close: (code) => socket.close(code),
    };
    sockets.add(socket);
    socket.onmessage = ({ data }) => {
      // What the SDK under test wrote.
      fake.receive(peer, JSON.parse(data) as ClientFrame, Date.now());
    };
    socket.onclose = () => {
      sockets.delete(socket);
      fake.disconnect(peer);
    };
    return response;
  });
  return { fake, sockets, server, url: `http://127.0.0.1:${server.addr.port}` };
}

function answer(role: string | undefined): Response {
  if (role === "login") {
    return Response.json({ title: "Wrong name or password", detail: "No" }, { status: 401 });
  }
  return Response.json({ visitorId: visitor().id, token: "token", expiresAt: 1 }, { status: 201 });
}

/** Resolves once the snapshot is as wanted. */
function until(session: ChatSession, wanted: (snapshot: ClientSnapshot) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!wanted(session.snapshot())) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = session.subscribe(look);
    look();
  });
}

Deno.test("a session chats over real WebSockets and survives their loss", async () => {
  const { fake, sockets, server, url } = serveFake();
  const options = { server: url, siteId: "demo", storage: memoryStorage(), random: () => 0.01 };
  const vik = new ChatSession({ ...options, holder: visitor() });
  const ana = new ChatSession({ ...options, holder: agent() });
  vik.start("token");
  ana.start("token");
  const requested = vik.requestChat({ name: "Vik" });
  ok(requested.type === "posted");
  const chatId = requested.id;
  await until(ana, ({ waiting }) => waiting.chats.length === 1);
  ana.acceptChat(chatId);
  await until(vik, ({ chats }) => chats[0]?.view?.state.state === "active");

  for (let i = 0; i < 50; i++) vik.post(chatId, `message ${i}`);
  for (const socket of sockets) socket.close(4001);
  ana.post(chatId, "while nobody was connected");
  const all = ({ chats }: ClientSnapshot) => chats[0]?.entries.length === 51;
  await until(vik, all);
  await until(ana, all);
  await until(vik, ({ unacked }) => unacked === 0);
  deepEqual(vik.snapshot().chats[0]?.entries, fake.shown(chatId));
  deepEqual(ana.snapshot().chats[0]?.entries, fake.shown(chatId));
  deepEqual(options.storage.keys(""), []);

  equal(vik.post(chatId, "").type, "refused");
  vik.stop();
  ana.stop();
  await server.shutdown();
});

Deno.test("a server that is not there is tried again until it is", async () => {
  const timers: { run: () => void; ms: number }[] = [];
  const { server, url } = serveFake();
  await server.shutdown();
  const vik = new ChatSession({
    server: url,
    siteId: "demo",
    holder: visitor(),
    setTimer(run, ms) {
      timers.push({ run, ms });
      return () => {};
    },
  });
  vik.start("token");
  await until(vik, ({ connection }) => connection.state === "waiting_to_reconnect");
  timers.at(-1)?.run();
  await until(vik, ({ connection }) => connection.state === "waiting_to_reconnect");
  vik.stop();
  equal(vik.snapshot().connection.state, "idle");
});

Deno.test("the HTTP calls answer by value, or throw what the problem says", async () => {
  const { server, url } = serveFake();
  const api = new HttpApi(url, "demo");
  const { token } = await api.createVisitor();
  equal(token, "token");
  const failure = await api.loginAgent("ana", "wrong").catch((error: unknown) => error);
  ok(failure instanceof HttpFailure);
  equal(failure.status, 401);
  equal(failure.message, "Wrong name or password: No");
  await server.shutdown();
  const gone = await api.createVisitor().catch((error: unknown) => error);
  ok(gone instanceof HttpFailure && gone.status === 0);
});
