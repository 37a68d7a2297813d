import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, refusal, welcomedChats } from "../tests/harness/site_page.ts";
import { limits } from "./limits.ts";

Deno.test("[CH1] request_chat makes a waiting chat whose chatId is its commandId", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const commandId = bench.ids.command();
  const frames = visitor.send({ type: "request_chat", commandId, name: "Vik" });
  assert.deepEqual(onlyOf(frames, "done"), { type: "done", commandId, chatId: commandId });
  const [shown] = ofType(frames, "chat");
  assert.equal(shown?.chat.chatId, commandId);
  assert.deepEqual(shown.chat.state, { state: "waiting", since: bench.at, position: 1 });
  assert.equal(shown.chat.visitor.name, "Vik");
});

Deno.test("[CH1] its repeat is answered alike and makes nothing, in every later state", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const ana = bench.agent("ana");
  const commandId = bench.ids.command();
  const request = { type: "request_chat", commandId, email: "vik@example.com" } as const;
  const chatId = visitor.requestChat(request);
  const repeats = () => {
    const decided = bench.facts.length;
    assert.deepEqual(visitor.send(request), [{ type: "done", commandId, chatId }]);
    assert.equal(bench.facts.length, decided);
  };
  visitor.take();
  repeats();
  ana.accept(chatId);
  visitor.take();
  repeats();
  ana.endChat(chatId);
  visitor.take();
  repeats();
});

Deno.test("[CH1] its commandId with other content, or by another visitor, is refused", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const commandId = bench.ids.command();
  visitor.requestChat({ commandId, name: "Vik" });
  visitor.take();
  const other = { type: "request_chat", commandId, name: "Viktor" } as const;
  assert.equal(refusal(visitor.send(other)), "id_reused commandId");
  assert.equal(refusal(bench.visitor().send({ ...other, name: "Vik" })), "id_reused commandId");
});

Deno.test("[CH2] a second request is refused with the first chat's id, until that has ended", () => {
  const bench = new SiteBench();
  const visitor = bench.visitor();
  const second = bench.anotherPage(visitor);
  const chatId = visitor.requestChat();
  const request = () => second.send({ type: "request_chat", commandId: bench.ids.command() });
  second.take();
  assert.equal(refusal(request()), `already_chatting ${chatId}`);
  bench.agent("ana");
  second.take();
  assert.equal(refusal(request()), `already_chatting ${chatId}`);
  visitor.endChat(chatId);
  second.take();
  assert.equal(onlyOf(request(), "done").type, "done");
});

for (const side of ["visitor", "agent"] as const) {
  Deno.test(`[CH3] the ${side} ends a chat for everybody, once`, () => {
    const bench = new SiteBench();
    const ana = bench.agent("ana");
    const visitor = bench.visitor();
    const tab = bench.anotherPage(visitor);
    const chatId = visitor.requestChat();
    const [ender, other] = side === "visitor" ? [visitor, ana] : [ana, visitor];
    other.take();
    tab.take();
    ender.take();
    const frames = ender.endChat(chatId);
    assert.equal(onlyOf(frames, "done").chatId, chatId);
    for (const seen of [frames, other.take(), tab.take()]) {
      assert.equal(onlyOf(seen, "chat").chat.state.state, "ended");
      assert.equal(onlyOf(seen, "entry").entry.kind, "chat_ended");
    }
    assert.deepEqual(bench.chat(chatId).state, {
      state: "ended",
      at: bench.at,
      by: side === "visitor"
        ? { type: "visitor", id: bench.chat(chatId).visitorId }
        : { type: "agent", id: "ana" },
      reason: `${side}_ended`,
    });
    assert.equal(refusal(other.endChat(chatId)), "chat_ended chatId");
  });
}

Deno.test("[CH3] what ended stays ended: no post, no accept, no request revives it", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const ana = bench.agent("ana");
  const chatId = visitor.requestChat();
  visitor.endChat(chatId);
  const ended = bench.chat(chatId).state;
  visitor.take();
  ana.take();
  assert.equal(refusal(visitor.post(chatId, "hello?")), "chat_ended chatId");
  assert.equal(refusal(ana.accept(chatId)), "chat_ended chatId");
  assert.equal(ofType(visitor.send({ type: "typing", chatId, on: true }), "refused").length, 1);
  bench.restart();
  assert.deepEqual(bench.chat(chatId).state, ended);
});

Deno.test("[CH4] a chat's end publishes one chat.end job with the final vector", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat({ name: "Vik" });
  visitor.post(chatId, "hello");
  ana.note(chatId, "a regular");
  const commandId = bench.ids.command();
  visitor.endChat(chatId, commandId);
  visitor.endChat(chatId, commandId);
  ana.endChat(chatId);
  const [job, ...others] = bench.jobsOf("chat.end");
  assert.deepEqual(others, []);
  assert.equal(job?.uniqueId, chatId);
  const chat = bench.chat(chatId);
  assert.deepEqual(job.payload, {
    id: chatId,
    siteId: "acme",
    visitorId: chat.visitorId,
    sessionId: "visit-1",
    ticket: null,
    prechat: {
      name: "Vik",
      email: null,
      phone: null,
      productService: null,
      department: null,
      fields: {},
    },
    wrapup: null,
    rating: null,
    campaignId: null,
    variables: {},
    agentIds: ["ana"],
    ifEnterQueue: false,
    requestTime: bench.at,
    startTime: bench.at,
    endTime: bench.at,
    reason: "visitor_ended",
    vector: chat.log.vector(),
    count: 4,
  });
});

Deno.test("[CH4] a chat that nobody took ends with chat.end too, and leaves the queue's log", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  visitor.endChat(chatId);
  assert.equal(bench.jobsOf("chat.end")[0]?.payload["startTime"], null);
  assert.deepEqual(bench.jobsOf("chatQueue.log").map((job) => job.payload["outcome"]), ["left"]);
});

Deno.test("[CH5] an ended chat is readable for 24 hours and then forgotten", () => {
  const bench = new SiteBench();
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  visitor.post(chatId, "hello");
  visitor.endChat(chatId);
  bench.advance(limits.endedChatKeptMs - 1);
  assert.equal(onlyOf(visitor.getEntries(chatId), "entries").entries.length, 2);
  assert.equal(welcomedChats(visitor.connect({ chats: { [chatId]: {} } })).length, 1);
  bench.advance(1);
  assert.equal(refusal(visitor.getEntries(chatId)), "unknown_chat chatId");
  assert.equal(bench.site.state.chats.size, 0);
  assert.equal(bench.site.state.ended.size, 0);
});

Deno.test("[CH5] over a restart it is forgotten at the same time", () => {
  const bench = new SiteBench();
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  visitor.endChat(chatId);
  bench.advance(limits.endedChatKeptMs - 10);
  bench.restart();
  bench.advance(9);
  assert.ok(bench.site.state.chats.has(chatId));
  bench.advance(1);
  assert.ok(!bench.site.state.chats.has(chatId));
});

Deno.test("[CH6] a repeated command gets its first answer and changes nothing more", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const ana = bench.agent("ana", "offline");
  const [status, accept, read, end] = Array.from({ length: 4 }, () => bench.ids.command());
  const chatId = visitor.requestChat();
  visitor.post(chatId, "hello");
  const { order } = bench.chat(chatId).log.entries[0] ?? { order: 0 };
  const commands = [
    () => ana.setStatus("online", status),
    () => ana.accept(chatId, accept),
    () => ana.markRead(chatId, order, read),
    () => ana.endChat(chatId, end),
  ];
  const first = commands.map((command) => ofType(command(), "done"));
  const decided = bench.facts.length;
  const jobs = bench.jobs.length;
  const again = commands.map((command) => ofType(command(), "done"));
  assert.deepEqual(again, first);
  assert.equal(first.flat().length, 4);
  assert.equal(bench.facts.length, decided, "repeats decide nothing");
  assert.equal(bench.jobs.length, jobs, "repeats publish nothing");
});

Deno.test("[CH6] a repeat on the node that recovered the chat gets its first answer too", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const ana = bench.agent("ana");
  const accept = bench.ids.command();
  const end = bench.ids.command();
  const chatId = visitor.requestChat();
  ana.accept(chatId, accept);
  ana.endChat(chatId, end);
  bench.restart();
  ana.connect();
  const done = { type: "done", chatId } as const;
  assert.deepEqual(ana.accept(chatId, accept), [{ ...done, commandId: accept }]);
  assert.deepEqual(ana.endChat(chatId, end), [{ ...done, commandId: end }]);
});

Deno.test("[CH6] the commandId of one command is no answer to another", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const ana = bench.agent("ana");
  const commandId = bench.ids.command();
  const chatId = visitor.requestChat();
  ana.accept(chatId, commandId);
  ana.take();
  const frames = ana.endChat(chatId, commandId);
  assert.deepEqual(ofType(frames, "done"), [], "the chat has not ended, so this is not done");
  assert.equal(refusal(frames).split(" ")[0], "id_reused");
});

Deno.test("[RT4] accepting takes a waiting chat once: the second agent is told chat_taken", () => {
  const bench = new SiteBench({ mode: "manual" });
  const chatId = bench.visitor().requestChat();
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  assert.equal(onlyOf(ana.accept(chatId), "done").chatId, chatId);
  ben.take();
  assert.equal(refusal(ben.accept(chatId)), "chat_taken chatId");
  assert.equal(bench.chat(chatId).agentId, "ana");
});

Deno.test("[RT4] an agent that is not online, or at its limit, cannot accept", () => {
  const bench = new SiteBench({ mode: "manual", agents: { ana: 1 } });
  const [first, second] = [bench.visitor().requestChat(), bench.visitor().requestChat()];
  const ana = bench.agent("ana", "away");
  assert.equal(refusal(ana.accept(first)), "agent_not_online");
  ana.setStatus("online");
  ana.accept(first);
  ana.take();
  assert.equal(refusal(ana.accept(second)), "agent_at_limit");
});

Deno.test("[MS8] what a waiting visitor wrote is seen by the agent that takes the chat", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const ana = bench.agent("ana");
  const chatId = visitor.requestChat();
  visitor.post(chatId, "one");
  visitor.post(chatId, "two");
  assert.deepEqual(ofType(ana.take(), "entry"), [], "nobody sees it before");
  ana.accept(chatId);
  const page = onlyOf(ana.getEntries(chatId), "entries");
  const texts = page.entries.filter(({ kind }) => kind === "message").map(({ text }) => text);
  assert.deepEqual(texts, ["one", "two"]);
});

Deno.test("[WQ2] a full waiting queue refuses a new chat, retryable", () => {
  const bench = new SiteBench({ mode: "manual" });
  const pages = Array.from({ length: limits.waitingChatsMax }, () => bench.visitor());
  const chats = pages.map((page) => page.requestChat());
  const late = bench.visitor();
  const request = { type: "request_chat", commandId: bench.ids.command() } as const;
  const refused = onlyOf(late.send(request), "refused");
  assert.deepEqual([refused.code, refused.retryable], ["queue_full", true]);
  const [first] = chats;
  if (first !== undefined) pages[0]?.endChat(first);
  late.take();
  assert.equal(onlyOf(late.send(request), "done").chatId, request.commandId);
});

Deno.test("[CL5] what one event decides fits a record, whatever visitors called themselves", () => {
  const bench = new SiteBench({ mode: "manual" });
  let largest = 0;
  bench.decided = ({ facts, jobs }) => {
    const { length } = new TextEncoder().encode(JSON.stringify({ site: "acme", facts, jobs }));
    largest = Math.max(largest, length);
  };
  // Six bytes each as JSON, as much as a character can take.
  const name = "\u0001".repeat(limits.nameCharsMax);
  const email = "\u0001".repeat(limits.emailCharsMax);
  const visitors = Array.from({ length: 200 }, () => bench.visitor());
  const chats = visitors.map((visitor) => visitor.requestChat({ name, email }));
  for (const visitor of visitors) visitor.lose();
  bench.advance(limits.presenceGraceMs);
  bench.advance(1_000);
  assert.ok(chats.every((chatId) => bench.chat(chatId).state.state === "ended"));
  assert.ok(largest > 32 * 1024, "many ended in the same moment");
  // Half is left for the vector of a chat that lived through 32 restarts.
  assert.ok(largest < limits.recordBytesMax * 0.6, `${largest} bytes`);
});
