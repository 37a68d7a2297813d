import assert from "node:assert/strict";
import { agentStanding, visitorStanding } from "../tests/harness/chat_standing.ts";

Deno.test("[ER1] a visitor's ended chats and what was remembered of it are dropped", () => {
  const { bench, chatId, visitor } = visitorStanding("ended own");
  const { session } = visitor;
  assert.ok(session.type === "visitor");
  const { visitorId } = session;
  const { state } = bench.site;
  assert.ok(state.chats.has(chatId));
  bench.handle({ type: "visitor_erased", visitorId, query: 1 });
  assert.deepEqual(bench.erasures, [{ type: "erased", chats: 1 }]);
  assert.equal(state.chats.has(chatId), false);
  assert.equal(state.ended.has(chatId), false);
  assert.equal(state.visitorRegisters.has(visitorId), false);
  bench.handle({ type: "visitor_erased", visitorId, query: 2 });
  assert.deepEqual(bench.erasures.at(-1), { type: "erased", chats: 0 });
});

Deno.test("[ER1] nothing is dropped while a chat of the visitor runs", () => {
  const { bench, chatId, visitor } = agentStanding("active own");
  const { session } = visitor;
  assert.ok(session.type === "visitor");
  bench.facts.length = 0;
  bench.handle({ type: "visitor_erased", visitorId: session.visitorId, query: 1 });
  assert.deepEqual(bench.erasures, [{ type: "has_chat", chatId }]);
  assert.deepEqual(bench.facts, []);
});
