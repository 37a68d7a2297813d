import assert from "node:assert/strict";
import { agentStanding, visitorStanding } from "../tests/harness/chat_standing.ts";
import { SiteBench } from "../tests/harness/site_bench.ts";
import type { SitePage } from "../tests/harness/site_page.ts";

function visitorIdOf({ session }: SitePage) {
  assert.ok(session.type === "visitor");
  return session.visitorId;
}

Deno.test("[ER1] a visitor's ended chats and what was remembered of it are dropped", () => {
  const { bench, chatId, visitor } = visitorStanding("ended own");
  const visitorId = visitorIdOf(visitor);
  const { state } = bench.site;
  assert.ok(state.chats.has(chatId));
  bench.handle({ type: "visitor_erased", visitorId, query: 1 });
  assert.deepEqual(bench.erasures, [{ type: "erased", chatIds: [chatId] }]);
  assert.equal(state.chats.has(chatId), false);
  assert.equal(state.ended.has(chatId), false);
  assert.equal(state.visitorRegisters.has(visitorId), false);
  bench.handle({ type: "visitor_erased", visitorId, query: 2 });
  assert.deepEqual(bench.erasures.at(-1), { type: "erased", chatIds: [] });
});

Deno.test("[ER1] nothing is dropped while a chat of the visitor runs", () => {
  const { bench, chatId, visitor } = agentStanding("active own");
  const visitorId = visitorIdOf(visitor);
  bench.facts.length = 0;
  bench.handle({ type: "visitor_erased", visitorId, query: 1 });
  assert.deepEqual(bench.erasures, [{ type: "has_chat", chatId }]);
  assert.deepEqual(bench.facts, []);
  assert.ok(bench.site.state.visitors.has(visitorId));
});

Deno.test("[ER1] of a visitor that is connected nothing is known any more but that it is here", () => {
  const bench = new SiteBench({ mode: "manual", config: { customVariables: [{ name: "cart" }] } });
  const [visitor, ana] = [bench.visitor(), bench.agent("ana")];
  const visitorId = visitorIdOf(visitor);
  const { ids } = bench;
  visitor.send({ type: "view_page", url: "https://example.com/", title: "Example", visits: 7 });
  visitor.send({ type: "set_variables", commandId: ids.command(), variables: { cart: "12" } });
  const email = "vik@example.org";
  ana.send({ type: "set_visitor", commandId: ids.command(), visitorId, name: "Vik", email });
  bench.handle({ type: "visitor_erased", visitorId, query: 1 });
  const still = bench.site.state.visitors.get(visitorId) ?? assert.fail("it is here");
  assert.deepEqual([still.tabs.length, still.pageCount, still.visits], [1, 0, 1]);
  const told = JSON.stringify(still);
  for (const said of ["example.com", "cart", "Vik", email]) assert.ok(!told.includes(said), said);
});

Deno.test("[ER1] a visitor that is lost, but within its grace, leaves the list", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const visitorId = visitorIdOf(visitor);
  visitor.lose();
  assert.ok(bench.site.state.visitors.has(visitorId));
  bench.handle({ type: "visitor_erased", visitorId, query: 1 });
  assert.equal(bench.site.state.visitors.has(visitorId), false);
  assert.equal(bench.site.state.trackedVisitors.has(visitorId), false);
});
