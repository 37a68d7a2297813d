import { deepEqual, equal } from "node:assert/strict";
import { chatOf, chatting } from "./fake_chatting.ts";

Deno.test("typing is told, repeated seldom, ended when idle, and fades at the other side", () => {
  const { network, vik, ana, chatId } = chatting();
  for (let i = 0; i < 40; i++) {
    vik.handle({ type: "typed", chatId, on: true });
    network.advance(100);
  }
  equal(vik.sent.filter(({ type }) => type === "typing").length, 2);
  deepEqual(chatOf(ana, chatId).typing, [vik.holder]);
  network.advance(5_000);
  deepEqual(chatOf(ana, chatId).typing, []);
  vik.handle({ type: "typed", chatId, on: true });
  network.settle();
  vik.drop({ told: false });
  deepEqual(chatOf(ana, chatId).typing, [vik.holder]);
  network.advance(8_000);
  deepEqual(chatOf(ana, chatId).typing, []);
});
