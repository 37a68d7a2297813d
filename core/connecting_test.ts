import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { onlyOf, refusal, SitePage, welcomedChats } from "../tests/harness/site_page.ts";
import { closeCodes, reconnects } from "./close_code.ts";
import { limits } from "./limits.ts";

Deno.test("[CN2] welcome names the tenure and every running chat with its vector, no content", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const chatId = visitor.requestChat({ name: "Vik" });
  const welcome = onlyOf(visitor.connect(), "welcome");
  assert.deepEqual(welcome, {
    type: "welcome",
    protocol: 1,
    term: 1,
    tenure: bench.site.state.tenure,
    at: bench.at,
    self: { type: "visitor", id: bench.chat(chatId).visitorId, signedIn: false },
    availability: "offline",
    chats: [{
      chatId,
      state: { state: "waiting", since: bench.at, position: 1 },
      requestedAt: bench.at,
      visitor: { id: bench.chat(chatId).visitorId, name: "Vik" },
      participants: [],
      read: { visitor: 0, agent: 0 },
      vector: {},
    }],
  });
  const ana = bench.agent("ana");
  ana.accept(chatId);
  visitor.post(chatId, "the secret");
  for (const page of [visitor, ana]) {
    page.take();
    const frames = page.connect();
    const [view] = welcomedChats(frames);
    assert.deepEqual(view?.vector, { [`${bench.site.state.tenure}/public`]: 2 });
    assert.ok(!JSON.stringify(frames).includes("the secret"));
  }
});

Deno.test("[CN2] an agent is welcomed with its status and the head of the waiting queue", () => {
  const bench = new SiteBench({ mode: "manual" });
  const chats = Array.from({ length: limits.waitingListedMax + 2 }, () => {
    bench.advance(10);
    return bench.visitor().requestChat();
  });
  const ana = bench.agent("ana", "away");
  const welcome = onlyOf(ana.connect(), "welcome");
  assert.deepEqual(welcome.self, { type: "agent", id: "ana", name: "Ana", status: "away" });
  assert.deepEqual(welcome.chats, []);
  assert.equal(welcome.waiting?.total, chats.length);
  const listed = welcome.waiting?.chats.map((chat) => chat.chatId);
  assert.deepEqual(listed, chats.slice(0, limits.waitingListedMax));
});

Deno.test("[CN2] an ended chat is welcomed when the hello names it", () => {
  const bench = new SiteBench();
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  visitor.endChat(chatId);
  assert.deepEqual(welcomedChats(visitor.connect()), []);
  const [named] = welcomedChats(visitor.connect({ chats: { [chatId]: {} } }));
  assert.equal(named?.state.state, "ended");
});

Deno.test("[CN3] a page that connects again replaces its connection; its late close is nothing", () => {
  const bench = new SiteBench();
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  const ana = bench.agent("ana");
  const older = visitor.connection ?? bench.open(visitor);
  const { sends } = bench.handle({
    type: "connected",
    connection: bench.open(visitor),
    session: visitor.session,
    hello: {
      type: "hello",
      protocol: 1,
      token: "checked by the edge",
      connectionId: visitor.connectionId,
      term: 1,
      chats: {},
      unacked: 0,
    },
  });
  assert.deepEqual(sends[0], { type: "close", to: older, code: "replaced" });
  visitor.connect();
  bench.handle({ type: "disconnected", connection: older });
  ana.post(chatId, "are you there?");
  assert.equal(onlyOf(visitor.take(), "entry").entry.text, "are you there?");
  const [tab, ...others] = [...bench.site.state.visitors.values()].flatMap(({ tabs }) => tabs);
  assert.equal(tab?.connection, visitor.connection);
  assert.deepEqual(others, []);
});

Deno.test("[CN3] a frame that still comes from the replaced connection is refused, retryable", () => {
  const bench = new SiteBench();
  const visitor = bench.visitor();
  const older = visitor.connection ?? bench.open(visitor);
  visitor.connect();
  const frame = { type: "request_chat", commandId: bench.ids.command() } as const;
  const outcome = bench.handle({ type: "frame_received", connection: older, frame });
  assert.deepEqual(outcome.facts, []);
  const [send] = outcome.sends;
  assert.ok(send?.type === "frame" && send.frame.type === "refused");
  assert.deepEqual([send.frame.re, send.frame.code, send.frame.retryable], [
    frame.commandId,
    "unavailable",
    true,
  ]);
});

Deno.test("[CN4] a visitor has eight tabs at most; the ninth is closed too_many_tabs", () => {
  const bench = new SiteBench();
  const first = bench.visitor();
  const tabs = Array.from({ length: limits.tabsPerVisitorMax - 1 }, () => bench.anotherPage(first));
  const ninth = new SitePage(bench, first.session);
  assert.deepEqual(ninth.connect(), []);
  assert.equal(ninth.closedWith, "too_many_tabs");
  assert.ok(!reconnects(closeCodes.too_many_tabs.code));
  const chatId = first.requestChat();
  for (const tab of tabs) assert.equal(onlyOf(tab.take().slice(-1), "chat").chat.chatId, chatId);
  tabs[0]?.lose();
  assert.equal(onlyOf(ninth.connect(), "welcome").type, "welcome");
});

Deno.test("[AG3] a second console replaces the first, which does not reconnect by itself", () => {
  const bench = new SiteBench({ mode: "manual" });
  const first = bench.agent("ana");
  const chatId = bench.visitor().requestChat();
  first.accept(chatId);
  const second = bench.anotherPage(first);
  assert.equal(first.closedWith, "replaced");
  assert.ok(!reconnects(closeCodes.replaced.code));
  first.lose();
  first.take();
  bench.advance(limits.presenceGraceMs + 1);
  second.take();
  assert.equal(onlyOf(second.post(chatId, "hello"), "ack").type, "ack");
  assert.deepEqual(first.take(), []);
});

/** Two consoles of ana, of which the second was started a minute later. */
function twoConsoles(options: { mode?: "manual" } = {}) {
  const bench = new SiteBench(options);
  const first = bench.agent("ana");
  const second = new SitePage(bench, first.session);
  const older = { startedAt: bench.at, attempt: 1 };
  const newer = { startedAt: bench.at + 10_000, attempt: 1 };
  return { bench, first, second, older, newer };
}

Deno.test("[AG3] an older console that comes back by itself waits, and the newer one stays", () => {
  const { first, second, older, newer } = twoConsoles();
  second.connect(newer);
  first.connect({ ...older, attempt: 2 });
  assert.equal(first.closedWith, "newer_console");
  assert.ok(reconnects(closeCodes.newer_console.code), "the newer one may be gone without a word");
  assert.equal(second.closedWith, undefined);
  assert.equal(onlyOf(second.heartbeat(), "heartbeat").type, "heartbeat");
});

Deno.test("[AG3] after a restart the console that was started later stays, whichever comes first", () => {
  for (const olderFirst of [true, false]) {
    const { bench, first, second, older, newer } = twoConsoles();
    first.connect(older);
    second.connect(newer);
    bench.restart();
    const again = { attempt: 3 };
    if (olderFirst) first.connect({ ...older, ...again });
    second.connect({ ...newer, ...again });
    if (!olderFirst) first.connect({ ...older, ...again });
    assert.equal(first.closedWith, olderFirst ? "replaced" : "newer_console");
    assert.equal(second.closedWith, undefined);
  }
});

Deno.test("[AG3] a console that is gone locks nobody out: the older one comes in after it", () => {
  const { first, second, older, newer } = twoConsoles();
  first.connect(older);
  second.connect(newer);
  assert.equal(first.closedWith, "replaced");
  second.lose();
  assert.deepEqual(first.connect({ ...older, attempt: 2 }).map(({ type }) => type), ["welcome"]);
  second.connect({ ...newer, attempt: 2 });
  assert.deepEqual([first.closedWith, second.closedWith], ["replaced", undefined]);
});

Deno.test("[AG3] a console that was just started wins, though its clock is minutes behind", () => {
  const { first, second, newer } = twoConsoles();
  first.connect(newer);
  const behind = { startedAt: newer.startedAt - limits.clockSkewMsMax - 1, attempt: 1 };
  second.connect(behind);
  assert.deepEqual([first.closedWith, second.closedWith], ["replaced", undefined]);
  first.connect({ ...newer, attempt: 2 });
  second.connect({ ...behind, attempt: 2 });
  assert.equal(second.closedWith, "newer_console", "by itself it does not");
});

Deno.test("[CN3] the late hello of an older socket does not throw out the newer one", () => {
  const bench = new SiteBench();
  const pages = [bench.visitor(), bench.agent("ana")];
  for (const page of pages) {
    const started = { startedAt: bench.at, attempt: 2 };
    page.connect(started);
    const { connection } = page;
    page.connect({ ...started, attempt: 1 });
    assert.equal(page.closedWith, "replaced", "its page has long given it up");
    page.connection = connection;
    assert.equal(onlyOf(page.heartbeat(), "heartbeat").type, "heartbeat");
    // The same page, started again by its person, counts its sockets from 1.
    const again = page.connect({ startedAt: bench.at + 1, attempt: 1 });
    assert.equal(onlyOf(again, "welcome").type, "welcome");
  }
});

Deno.test("[AG1] an agent's status is what it set last, over reconnects and restarts", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana", "away");
  const status = () => {
    const { self } = onlyOf(ana.connect(), "welcome");
    return self.type === "agent" ? self.status : undefined;
  };
  assert.equal(status(), "away");
  ana.lose();
  bench.advance(limits.presenceGraceMs * 2);
  assert.equal(status(), "away");
  ana.setStatus("online");
  bench.restart();
  assert.equal(status(), "online");
});

Deno.test("[AG1] a new agent is offline; setting a status is answered and journaled once", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana", "offline");
  const commandId = bench.ids.command();
  const answer = [{ type: "done", commandId }, { type: "status", status: "online" }];
  assert.deepEqual(ana.setStatus("online", commandId), answer);
  assert.deepEqual(ana.setStatus("online", commandId), answer);
  assert.deepEqual(bench.jobsOf("agentStatus.log").map((job) => job.uniqueId), [
    `ana/${commandId}`,
  ]);
});

Deno.test("[RS5B] every start stamps with its own tenure only", () => {
  const bench = new SiteBench();
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  const tenures: string[] = [];
  for (let start = 0; start < 3; start++) {
    const tenure = bench.restart();
    visitor.connect();
    visitor.post(chatId, `start ${start}`);
    assert.equal(bench.chat(chatId).log.entries.at(-1)?.tenure, tenure);
    tenures.push(tenure);
  }
  assert.equal(new Set(tenures).size, 3);
  assert.deepEqual(
    Object.keys(bench.chat(chatId).log.vector()),
    tenures.map((id) => `${id}/public`),
  );
});

Deno.test("[RS5A] a site of the same facts has the same chats, places, registers and commands", () => {
  const bench = new SiteBench({ mode: "manual" });
  const ana = bench.agent("ana");
  const [first, second] = [bench.visitor(), bench.visitor()];
  const chats = [first.requestChat(), second.requestChat()] as const;
  first.post(chats[0], "hello");
  ana.accept(chats[0]);
  ana.note(chats[0], "a regular");
  const before = chats.map((chatId) => bench.chat(chatId));
  bench.restart();
  const after = chats.map((chatId) => bench.chat(chatId));
  assert.deepEqual(after.map((chat) => chat.snapshot()), before.map((chat) => chat.snapshot()));
  assert.deepEqual(after.map((chat) => chat.log.entries), before.map((chat) => chat.log.entries));
  assert.deepEqual(bench.waitingChats(), [chats[1]]);
  assert.equal(refusal(bench.agent("ben").accept(chats[0])), "chat_taken chatId");
});
