import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, type SitePage } from "../tests/harness/site_page.ts";
import { limits } from "./limits.ts";

function positions(page: SitePage): (number | undefined)[] {
  return page.takeOf("chat").map(({ chat }) =>
    chat.state.state === "waiting" ? chat.state.position : undefined
  );
}

Deno.test("[WQ3] agents see what changed in the queue at most once a second", () => {
  const bench = new SiteBench({ mode: "manual" });
  const ana = bench.agent("ana");
  bench.advance(limits.pushIntervalMs);
  const visitors = Array.from({ length: 5 }, () => bench.visitor());
  const chats = visitors.map((visitor) => visitor.requestChat());
  const first = onlyOf(ana.take(), "waiting");
  assert.deepEqual(first.added.map((chat) => chat.chatId), chats.slice(0, 1));
  bench.advance(limits.pushIntervalMs - 1);
  assert.deepEqual(ana.take(), []);
  bench.advance(1);
  const second = onlyOf(ana.take(), "waiting");
  assert.deepEqual(second.added.map((chat) => chat.chatId), chats.slice(1));
  assert.deepEqual([second.removed, second.total], [[], 5]);
  const [left] = chats;
  if (left !== undefined) visitors[0]?.endChat(left);
  bench.advance(limits.pushIntervalMs);
  const third = onlyOf(ana.take(), "waiting");
  assert.deepEqual([third.added, third.removed, third.total], [[], [left], 4]);
});

Deno.test("[WQ3] nothing is pushed when nothing changed", () => {
  const bench = new SiteBench({ mode: "manual" });
  const ana = bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  bench.advance(limits.pushIntervalMs);
  visitor.take();
  ana.take();
  for (let second = 0; second < 10; second++) {
    visitor.post(chatId, `message ${second}`);
    bench.advance(limits.pushIntervalMs);
  }
  assert.deepEqual(ofType(visitor.take(), "chat"), []);
  assert.deepEqual(ana.take(), []);
});

Deno.test("[WQ3] a console that was shown a chat between two pushes is told that it is gone", () => {
  const bench = new SiteBench({ mode: "manual" });
  const ana = bench.agent("ana");
  bench.advance(limits.pushIntervalMs);
  bench.visitor().requestChat();
  ana.take();
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  const [shown] = ofType(ana.connect(), "welcome");
  assert.equal(shown?.waiting?.chats.at(-1)?.chatId, chatId);
  visitor.endChat(chatId);
  bench.advance(limits.pushIntervalMs);
  const push = onlyOf(ana.take(), "waiting");
  assert.deepEqual([push.removed, push.total], [[chatId], 1]);
});

Deno.test("[WQ3] who comes and goes within a second is never shown", () => {
  const bench = new SiteBench({ mode: "manual" });
  const ana = bench.agent("ana");
  bench.visitor().requestChat();
  ana.take();
  const visitor = bench.visitor();
  visitor.endChat(visitor.requestChat());
  bench.advance(limits.pushIntervalMs);
  assert.deepEqual(ana.take(), []);
});

Deno.test("[WQ3] a visitor is told its position when it comes, once", () => {
  const bench = new SiteBench({ mode: "manual" });
  bench.advance(limits.pushIntervalMs);
  const visitors = [bench.visitor(), bench.visitor()];
  const told = visitors.map((visitor) => {
    const commandId = bench.ids.command();
    return ofType(visitor.send({ type: "request_chat", commandId }), "chat").map(({ chat }) =>
      chat.state.state === "waiting" ? chat.state.position : undefined
    );
  });
  bench.advance(limits.pushIntervalMs);
  const later = visitors.map(positions);
  assert.deepEqual(told.map((first, place) => [...first, ...later[place] ?? []]), [[1], [2]]);
});

Deno.test("[WQ3] a visitor is told its new position at most once a second, and only when it moved", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitors = Array.from({ length: 5 }, () => bench.visitor());
  const chats = visitors.map((visitor) => visitor.requestChat());
  bench.advance(limits.pushIntervalMs);
  for (const visitor of visitors) visitor.take();
  bench.advance(limits.pushIntervalMs);
  for (const place of [1, 3]) {
    const chatId = chats[place];
    if (chatId !== undefined) visitors[place]?.endChat(chatId);
  }
  bench.advance(limits.pushIntervalMs);
  const [first, , third, , fifth] = visitors;
  assert.ok(first && third && fifth);
  assert.deepEqual(positions(first), []);
  assert.deepEqual(positions(third), [2]);
  const moves = positions(fifth);
  assert.equal(moves.at(-1), 3);
  assert.ok(moves.length <= 2, "two changes within a second are two pushes at most");
});

Deno.test("[WQ3] beyond the list the agents are still told the total", () => {
  const bench = new SiteBench({ mode: "manual" });
  for (let n = 0; n < limits.waitingListedMax; n++) bench.visitor().requestChat();
  const ana = bench.agent("ana");
  bench.advance(limits.pushIntervalMs);
  ana.take();
  bench.visitor().requestChat();
  bench.advance(limits.pushIntervalMs);
  const { added, removed, total } = onlyOf(ana.take(), "waiting");
  assert.deepEqual([added, removed, total], [[], [], limits.waitingListedMax + 1]);
});
