import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { chatOf, chatting, post, request, texts } from "./fake_chatting.ts";
import { agent, FakeNetwork, visitor } from "./fake_network.ts";
import type { ChatId } from "../../core/ids.ts";
import { World } from "./fake_world.ts";

Deno.test("a chat runs from request to end", () => {
  const { network, vik, ana, chatId } = chatting();
  deepEqual(chatOf(vik, chatId).view?.state.state, "active");
  post(vik, chatId, "hello");
  equal(chatOf(vik, chatId).posts.length, 1);
  network.settle();
  equal(chatOf(vik, chatId).posts.length, 0);
  post(ana, chatId, "good morning");
  network.settle();
  deepEqual(texts(vik, chatId), ["hello", "good morning"]);
  deepEqual(texts(ana, chatId), ["hello", "good morning"]);
  const commandId = vik.ids.commandId();
  vik.handle({ type: "commanded", frame: { type: "end_chat", commandId, chatId } });
  network.settle();
  equal(chatOf(ana, chatId).view?.state.state, "ended");
  equal(vik.storage.keys("").length, 0);
});

Deno.test("messages written before the chat exists, and offline, arrive in order", () => {
  const network = new FakeNetwork();
  const vik = network.open(visitor());
  const chatId = request(vik);
  for (const text of ["one", "two", "three"]) post(vik, chatId, text);
  equal(vik.client.snapshot().unacked, 4);
  network.settle();
  deepEqual(texts(vik, chatId), ["one", "two", "three"]);
  equal(vik.client.snapshot().unacked, 0);
});

Deno.test("notes reach agents only", () => {
  const { network, vik, ana, chatId } = chatting();
  const messageId = ana.ids.messageId();
  const frame = { type: "post_note", chatId, messageId, text: "a difficult one" } as const;
  ana.handle({ type: "commanded", frame });
  network.settle();
  deepEqual(texts(ana, chatId), ["a difficult one"]);
  deepEqual(texts(vik, chatId), []);
});

Deno.test("a half-dead socket is dropped after a heartbeat without answer", () => {
  const { network, vik, ana, chatId } = chatting();
  vik.drop({ told: false });
  post(vik, chatId, "into the void");
  post(ana, chatId, "not heard");
  network.advance(24_000);
  deepEqual(texts(vik, chatId), []);
  network.advance(1_000 + 8_000 + 1_000);
  deepEqual(texts(vik, chatId), ["not heard", "into the void"]);
  deepEqual(texts(ana, chatId), texts(vik, chatId));
});

Deno.test("a console that was replaced does not come back by itself", () => {
  const { network, ana } = chatting();
  ana.drop({ told: true, code: 4502 });
  network.advance(600_000);
  deepEqual(ana.client.snapshot().connection, { state: "stopped", closeName: "replaced" });
  equal(ana.link, undefined);
});

Deno.test("[AG3] a console that is told of a newer one tries again, and says when it was started", () => {
  const { network, ana } = chatting();
  const startedAt = network.now;
  network.advance(5_000);
  for (let i = 0; i < 3; i++) {
    ana.drop({ told: true, code: 4007 });
    const { connection } = ana.client.snapshot();
    ok(connection.state === "waiting_to_reconnect" && connection.newer);
    network.advance(30_000);
    equal(ana.client.snapshot().connection.state, "open");
  }
  const hellos = ana.sent.filter((frame) => frame.type === "hello");
  deepEqual(
    hellos.map((hello) => [hello.startedAt, hello.attempt]),
    [1, 2, 3, 4].map(
      (attempt) => [startedAt, attempt],
    ),
  );
  ana.drop({ told: true, code: 4502 });
  ana.handle({ type: "start", token: "token" });
  network.settle();
  const last = ana.sent.filter((frame) => frame.type === "hello").at(-1);
  deepEqual([last?.startedAt, last?.attempt], [network.now, 1]);
});

Deno.test("an expired token stops the page until it starts with a new one", () => {
  const { network, vik, chatId } = chatting();
  vik.drop({ told: true, code: 4501 });
  post(vik, chatId, "meanwhile");
  network.advance(60_000);
  deepEqual(vik.client.snapshot().connection, { state: "stopped", closeName: "token_expired" });
  vik.handle({ type: "start", token: "new token" });
  network.settle();
  deepEqual(texts(vik, chatId), ["meanwhile"]);
  const hellos = vik.sent.filter((frame) => frame.type === "hello");
  deepEqual(hellos.map(({ token }) => token), ["token", "new token"]);
  equal(new Set(hellos.map(({ connectionId }) => connectionId)).size, 1);
});

Deno.test("a read mark is sent once, the latest only, and never backwards", () => {
  const { network, vik, ana, chatId } = chatting();
  post(ana, chatId, "read me");
  network.settle();
  const order = texts(vik, chatId).length === 1 ? chatOf(vik, chatId).entries[0]?.order ?? 0 : 0;
  vik.drop({ told: false });
  for (const upTo of [order - 2, order - 1, order, order - 1]) {
    const commandId = vik.ids.commandId();
    const frame = { type: "mark_read", commandId, chatId, order: upTo } as const;
    vik.handle({ type: "commanded", frame });
  }
  network.advance(60_000);
  equal(chatOf(ana, chatId).view?.read.visitor, order);
  equal(vik.client.snapshot().unacked, 0);
});

Deno.test("two frames in one message, and types of a newer server, are understood", () => {
  const { network, vik, chatId } = chatting();
  const frames = [
    { type: "confetti", chatId },
    { type: "typing", chatId, from: { type: "agent", id: "ana" }, on: true },
  ];
  vik.link?.toPage.push(frames.map((frame) => JSON.stringify(frame)).join("\n"));
  network.settle();
  equal(chatOf(vik, chatId).typing.length, 1);
  equal(vik.client.snapshot().connection.state, "open");
});

Deno.test("a socket that speaks nonsense is dropped and replaced", () => {
  const { network, vik } = chatting();
  vik.link?.toPage.push("<html>502 Bad Gateway</html>");
  network.settle();
  equal(vik.client.snapshot().connection.state, "waiting_to_reconnect");
  network.advance(1_000);
  equal(vik.client.snapshot().connection.state, "open");
});

Deno.test("snapshots are the same object until something changes, and chats keep theirs", () => {
  const { network, vik, ana, chatId } = chatting();
  const before = vik.client.snapshot();
  equal(vik.client.snapshot(), before);
  vik.handle({ type: "woke" });
  equal(vik.client.snapshot(), before);
  post(ana, chatId, "news");
  network.settle();
  ok(vik.client.snapshot() !== before);
  ok(chatOf(vik, chatId) !== before.chats[0]);
});

Deno.test("whatever breaks, in the end each message is everywhere once and in the same order", () => {
  const total = new Map<string, number>();
  fc.assert(
    fc.property(fc.integer({ min: 0 }), (seed) => {
      const world = new World(seed);
      for (let i = 0; i < 400; i++) world.step();
      world.heal();
      const expected = world.network.server.shown(world.chatId).map(({ text }) => text);
      deepEqual([...expected].sort(), [...world.posted].sort());
      for (const page of world.pages) {
        deepEqual(world.shown(page).map(({ text }) => text), expected);
        equal(page.client.snapshot().unacked, 0);
      }
      equal(world.storage.keys("").length, 0);
      for (const author of ["0", "1", "2"]) {
        const numbers = expected.filter((text) => text.startsWith(`${author}:`))
          .map((text) => Number(text.slice(2)));
        deepEqual(numbers, [...numbers].sort((a, b) => a - b), `order of page ${author}`);
      }
      for (const [name, count] of world.done) total.set(name, (total.get(name) ?? 0) + count);
    }),
    { seed: 20_240_601, numRuns: 200 },
  );
  // The test proves that it was busy.
  for (const name of ["drop", "refusal", "reload", "restart"]) {
    ok((total.get(name) ?? 0) > 100, `${name}: ${total.get(name)}`);
  }
});

Deno.test("any command is repeated under its id until it is answered, over a lost connection too", () => {
  const network = new FakeNetwork();
  const ana = network.open(agent());
  network.settle();
  const commandId = ana.ids.commandId();
  const target = { type: "address", address: "192.0.2.0/24" } as const;
  ana.drop({ told: false });
  ana.handle({ type: "commanded", frame: { type: "ban", commandId, target } });
  network.settle();
  equal(ana.client.snapshot().unacked, 1);
  network.advance(60_000);
  equal(ana.client.snapshot().unacked, 0);
  const bans = ana.sent.filter((frame) => frame.type === "ban");
  deepEqual(new Set(bans.map((frame) => frame.commandId)), new Set([commandId]));
  ok(bans.length >= 2);
});

Deno.test("private threads named in a welcome are fetched, and are no chats", () => {
  const network = new FakeNetwork();
  const ana = network.open(agent());
  network.settle();
  const chatId = "~ana~ben" as ChatId; // the second form of a ChatId
  const { socketNo } = ana.link ?? { socketNo: 0 };
  const welcome = {
    type: "welcome",
    protocol: 1,
    term: 1,
    tenure: "01J00000000000000000000000",
    at: network.now,
    self: { type: "agent", id: "ana", name: "Ana", status: "online" },
    chats: [],
    threads: { [chatId]: { "01J00000000000000000000000/staff": 2 } },
  };
  ana.sent.length = 0;
  ana.handle({ type: "socket_received", socketNo, text: JSON.stringify(welcome) });
  const asked = ana.sent.find((frame) => frame.type === "get_entries");
  deepEqual([asked?.chatId, asked?.have], [chatId, {}]);
  const { chats, threads } = ana.client.snapshot();
  deepEqual([chats.length, threads.map((thread) => thread.chatId)], [0, [chatId]]);
});
