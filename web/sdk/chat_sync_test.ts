import { deepEqual, equal, ok } from "node:assert/strict";
import { chatOf, chatting, post, texts } from "./fake_chatting.ts";

Deno.test("a long history arrives by pages while live messages go on", () => {
  const { network, vik, ana, chatId } = chatting();
  ana.close();
  for (let i = 1; i <= 175; i++) {
    post(vik, chatId, `message ${i}`);
    network.settle();
  }
  const late = network.open(ana.holder);
  let pages = 0;
  for (let i = 0; i < 1_000; i++) {
    late.deliver("toServer");
    if (i % 3 === 0 && pages < 10) {
      post(vik, chatId, `live ${++pages}`);
      while (vik.deliver("toServer"));
    }
    late.deliver("toPage");
    while (vik.deliver("toPage") || vik.deliver("toServer"));
  }
  network.settle();
  deepEqual(texts(late, chatId), texts(vik, chatId));
  equal(texts(late, chatId).length, 185);
  const asked = late.sent.filter(({ type }) => type === "get_entries");
  ok(asked.length >= 4 && asked.length <= 6, `${asked.length} pages`);
  ok(chatOf(late, chatId).level);
});

Deno.test("a server that lost its tail is given it back, in slices", () => {
  const { network, vik, ana, chatId } = chatting();
  for (let i = 1; i <= 120; i++) {
    post(vik, chatId, `message ${i}`);
    network.settle();
  }
  network.server.restart((entry) => entry.n <= 10);
  vik.drop({ told: true, code: 4000 });
  ana.drop({ told: true, code: 4000 });
  network.settle();
  equal(network.server.shown(chatId).length, 120);
  const uploads = vik.sent.filter(({ type }) => type === "upload_entries");
  equal(uploads.length, 3);
  post(ana, chatId, "after");
  network.settle();
  deepEqual(texts(vik, chatId), texts(ana, chatId));
  equal(texts(vik, chatId).length, 121);
});

Deno.test("a page or upload that is refused is asked again after a wait", () => {
  const { network, vik, ana, chatId } = chatting();
  post(vik, chatId, "hello");
  network.settle();
  ana.close();
  network.server.refuseOnce("get_entries", "unavailable");
  const again = network.open(ana.holder);
  network.settle();
  deepEqual(texts(again, chatId), []);
  network.advance(2_000);
  deepEqual(texts(again, chatId), ["hello"]);
});

Deno.test("entries lost on a living connection are found by the heartbeat", () => {
  const { network, vik, ana, chatId } = chatting();
  post(ana, chatId, "lost on the way");
  ana.deliver("toServer");
  vik.link?.toPage.splice(0);
  network.settle();
  deepEqual(texts(vik, chatId), []);
  network.advance(25_000);
  deepEqual(texts(vik, chatId), ["lost on the way"]);
});

Deno.test("a gap is asked for at once", () => {
  const { network, vik, ana, chatId } = chatting();
  post(ana, chatId, "lost on the way");
  ana.deliver("toServer");
  vik.link?.toPage.splice(0);
  network.settle();
  post(ana, chatId, "heard");
  network.settle();
  deepEqual(texts(vik, chatId), ["lost on the way", "heard"]);
});

Deno.test("an entry that the server refused is not offered again, its neighbours are", () => {
  const { network, vik, ana, chatId } = chatting();
  for (const text of ["one", "two", "three"]) post(vik, chatId, text);
  network.settle();
  const forged = chatOf(vik, chatId).entries[1]?.id;
  const want = JSON.stringify({ type: "want_entries", chatId, have: {} });
  vik.link?.toPage.push(want);
  vik.deliver("toPage");
  const refused = [{ id: forged, code: "bad_signature" }];
  const uploaded = { type: "uploaded", chatId, vector: {}, accepted: 2, refused };
  vik.link?.toPage.push(JSON.stringify(uploaded), want);
  while (vik.deliver("toPage"));
  const uploads = vik.sent.filter((frame) => frame.type === "upload_entries");
  deepEqual(uploads.map(({ entries }) => entries.map(({ text }) => text)), [
    ["one", "two", "three"],
    ["one", "three"],
  ]);
  network.settle();
  deepEqual(texts(ana, chatId), ["one", "two", "three"]);
});

Deno.test("[RS1D] a page of an ended chat that is lost is asked for again", () => {
  const { network, vik, ana, chatId } = chatting();
  vik.drop({ told: true });
  post(ana, chatId, "goodbye");
  const commandId = ana.ids.commandId();
  ana.handle({ type: "commanded", frame: { type: "end_chat", commandId, chatId } });
  network.settle();
  // The next connection brings word of the end, and breaks before the page.
  network.now += 1_000;
  vik.handle({ type: "woke" });
  for (const side of ["toServer", "toServer", "toPage"] as const) vik.deliver(side);
  deepEqual(chatOf(vik, chatId).view?.state.state, "ended");
  equal(vik.sent.at(-1)?.type, "get_entries");
  vik.drop({ told: true });
  network.advance(10_000);
  deepEqual(texts(vik, chatId), ["goodbye"]);
  vik.drop({ told: true });
  network.advance(10_000);
  const hellos = vik.sent.filter((frame) => frame.type === "hello");
  deepEqual(hellos.at(-1)?.chats, {}, "what has ended and is whole is named no more");
});
