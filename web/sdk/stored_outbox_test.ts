import { deepEqual, equal, ok } from "node:assert/strict";
import { accept, chatOf, chatting, post, request, texts } from "./fake_chatting.ts";
import { agent, FakeNetwork, visitor } from "./fake_network.ts";
import { chatIdOf } from "./ids.ts";
import { limits } from "./limits.ts";
import { memoryStorage } from "./storage.ts";

Deno.test("a reloaded page sends what the one before it had not got acknowledged", () => {
  const { network, vik, ana, chatId } = chatting();
  vik.drop({ told: false });
  const id = post(vik, chatId, "before the reload");
  vik.close();
  const again = network.open(vik.holder, vik.storage);
  equal(chatOf(again, chatId).posts[0]?.id, id);
  network.settle();
  deepEqual(texts(ana, chatId), ["before the reload"]);
  deepEqual(texts(again, chatId), ["before the reload"]);
  equal(again.storage.keys("").length, 0);
});

Deno.test("a message accepted whose ack was lost is shown once after a reload", () => {
  const { network, vik, ana, chatId } = chatting();
  post(vik, chatId, "once");
  vik.deliver("toServer");
  vik.close();
  const again = network.open(vik.holder, vik.storage);
  network.settle();
  deepEqual(texts(again, chatId), ["once"]);
  deepEqual(texts(ana, chatId), ["once"]);
  equal(again.client.snapshot().unacked, 0);
});

Deno.test("two tabs see the same, and one takes over what the other left", () => {
  const network = new FakeNetwork();
  const storage = memoryStorage();
  const first = network.open(visitor(), storage);
  const second = network.open(visitor(), storage);
  network.settle();
  const chatId = request(first);
  network.settle();
  post(first, chatId, "from the first");
  network.settle();
  post(second, chatId, "from the second");
  network.settle();
  deepEqual(texts(first, chatId), ["from the first", "from the second"]);
  deepEqual(texts(second, chatId), texts(first, chatId));
  first.drop({ told: false });
  post(first, chatId, "left behind");
  first.close();
  network.advance(60_000);
  deepEqual(texts(second, chatId).at(-1), "left behind");
  equal(storage.keys("").length, 0);
});

Deno.test("a refused message is sent again, and none overtakes it", () => {
  const { network, vik, ana, chatId } = chatting();
  network.server.refuseOnce("post_message", "unavailable");
  for (const text of ["one", "two", "three"]) post(vik, chatId, text);
  network.settle();
  deepEqual(texts(ana, chatId), []);
  network.advance(2_000);
  deepEqual(texts(ana, chatId), ["one", "two", "three"]);
});

Deno.test("a message refused for good stays visible, also after a reload, until dismissed", () => {
  const { network, vik, chatId } = chatting();
  const commandId = vik.ids.commandId();
  vik.handle({ type: "commanded", frame: { type: "end_chat", commandId, chatId } });
  network.settle();
  // The fake server takes messages into ended chats; a chat it never heard of is refused for good.
  const unknown = chatIdOf(vik.ids.commandId());
  const id = post(vik, unknown, "too late");
  network.settle();
  const [failed] = chatOf(vik, unknown).posts;
  equal(failed?.now.state, "failed");
  vik.close();
  const again = network.open(vik.holder, vik.storage);
  network.settle();
  equal(chatOf(again, unknown).posts[0]?.text, "too late");
  again.handle({ type: "dismissed", id });
  equal(again.client.snapshot().chats.some((chat) => chat.chatId === unknown), false);
  equal(again.storage.keys("").length, 0);
});

Deno.test("a stored message older than a day is shown as failed and not sent", () => {
  const { network, vik, ana, chatId } = chatting();
  vik.drop({ told: false });
  post(vik, chatId, "yesterday's");
  vik.close();
  network.now += 25 * 3600_000;
  const again = network.open(vik.holder, vik.storage);
  network.settle();
  equal(chatOf(again, chatId).posts[0]?.now.state, "failed");
  deepEqual(texts(ana, chatId), []);
});

Deno.test("an accept refused because the chat came by itself is no failure", () => {
  const { network, ana, chatId } = chatting();
  const commandId = ana.ids.commandId();
  ana.handle({ type: "commanded", frame: { type: "accept_chat", commandId, chatId } });
  const refused = { type: "refused", re: commandId, code: "chat_taken", retryable: false };
  ana.link?.toPage.push(JSON.stringify({ ...refused, message: "Another agent has the chat." }));
  ana.deliver("toPage");
  deepEqual(ana.client.snapshot().failed, []);
  equal(ana.client.snapshot().unacked, 0);
  network.settle();
});

Deno.test("a chat refused for good is named until dismissed, and goes with it", () => {
  const network = new FakeNetwork();
  const vik = network.open(visitor());
  network.settle();
  const chatId = request(vik);
  const refused = { type: "refused", re: chatId, code: "already_chatting", retryable: false };
  vik.link?.toPage.push(JSON.stringify({ ...refused, message: "You have a running chat." }));
  vik.deliver("toPage");
  const [failed] = vik.client.snapshot().failed;
  equal(failed?.failure.code, "already_chatting");
  equal(failed?.chatId, chatId);
  vik.handle({ type: "dismissed", id: chatId });
  deepEqual(vik.client.snapshot().failed, []);
  deepEqual(vik.client.snapshot().chats, []);
});

Deno.test("[CH7] a request of a spent id becomes a chat under another one, with all that was said", () => {
  const network = new FakeNetwork();
  const [vik, ana] = [network.open(visitor()), network.open(agent())];
  network.settle();
  vik.drop({ told: false });
  const asked = request(vik);
  for (const text of ["one", "two"]) post(vik, asked, text);
  network.server.spent.add(asked);
  vik.close();
  const again = network.open(vik.holder, vik.storage);
  network.settle();
  const [chat, ...others] = again.client.snapshot().chats;
  ok(chat !== undefined && chat.chatId !== asked && chat.chatId.endsWith(asked.slice(10)));
  deepEqual(others, []);
  post(again, asked, "three, by who knows the first id only");
  accept(ana, chat.chatId);
  network.settle();
  const said = ["one", "two", "three, by who knows the first id only"];
  deepEqual(texts(ana, chat.chatId), said);
  deepEqual(texts(again, chat.chatId), said);
  deepEqual(again.client.snapshot().failed, []);
  equal(again.client.snapshot().unacked, 0);
  equal(again.storage.keys("").length, 0);
});

Deno.test("[CH7] a server to which every id is spent is not asked for ever", () => {
  const network = new FakeNetwork();
  network.server.spent.has = () => true;
  const vik = network.open(visitor());
  network.settle();
  post(vik, request(vik), "hello");
  network.settle();
  network.advance(60_000);
  const { failed, unacked, chats } = vik.client.snapshot();
  deepEqual(failed.map(({ type, failure }) => [type, failure.code]), [[
    "request_chat",
    "id_reused",
  ]]);
  deepEqual(chats[0]?.posts.map(({ now }) => now.state), ["failed"]);
  equal(unacked, 0);
  equal(vik.sent.filter(({ type }) => type === "request_chat").length, 1 + limits.requestIdsMax);
});

Deno.test("[CH7] what a page wrote before it slept for two days is shown as failed and not sent", () => {
  const { network, vik, ana, chatId } = chatting();
  vik.drop({ told: true });
  post(vik, chatId, "before the sleep");
  const commandId = vik.ids.commandId();
  vik.handle({ type: "commanded", frame: { type: "mark_read", commandId, chatId, order: 1e15 } });
  network.now += 48 * 3600_000;
  post(vik, chatId, "after it");
  network.advance(60_000);
  deepEqual(texts(ana, chatId), ["after it"]);
  const [failed] = chatOf(vik, chatId).posts;
  equal(failed?.text, "before the sleep");
  ok(failed?.now.state === "failed" && failed.now.failure.code === "expired");
  equal(vik.client.snapshot().unacked, 0);
  equal(vik.sent.filter(({ type }) => type === "mark_read").length, 0);
  vik.close();
  const again = network.open(vik.holder, vik.storage);
  equal(chatOf(again, chatId).posts[0]?.text, "before the sleep", "kept until dismissed");
});

Deno.test("[CH7] a request that slept takes with it what was said in its chat, also lately", () => {
  const network = new FakeNetwork();
  const vik = network.open(visitor());
  network.settle();
  vik.drop({ told: true });
  const chatId = request(vik);
  network.now += 24 * 3600_000;
  post(vik, chatId, "still waiting");
  network.now += 1_000;
  network.advance(60_000);
  const { failed, chats } = vik.client.snapshot();
  deepEqual(failed.map(({ type, failure }) => [type, failure.code]), [["request_chat", "expired"]]);
  const [state] = chats[0]?.posts.map(({ now }) => now) ?? [];
  ok(state?.state === "failed" && state.failure.code === "expired");
  equal(vik.sent.filter(({ type }) => type === "request_chat").length, 0);
});

Deno.test("[CH7] of what was written in a chat that is forgotten only the first waits for its return", () => {
  const { network, vik, chatId } = chatting();
  vik.drop({ told: true });
  network.server.forget(chatId);
  for (let no = 0; no < 20; no++) post(vik, chatId, `message ${no}`);
  network.advance(150_000);
  const { unacked } = vik.client.snapshot();
  equal(unacked, 0);
  const codes = chatOf(vik, chatId).posts.map(({ now }) =>
    now.state === "failed" ? now.failure.code : now.state
  );
  deepEqual(codes, Array.from({ length: 20 }, () => "unknown_chat"));
});
