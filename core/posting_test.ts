import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { ackedEntry, ofType, onlyOf, refusal } from "../tests/harness/site_page.ts";
import { limits } from "./limits.ts";

/** A chat between a visitor and ana. */
function chatting() {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  visitor.take();
  ana.take();
  return { bench, ana, visitor, chatId };
}

Deno.test("[MS1] the ack and the others' entry stand behind the fact in the same outcome", () => {
  const { bench, visitor, chatId } = chatting();
  const messageId = bench.ids.message();
  const outcome = bench.handle({
    type: "frame_received",
    connection: visitor.connection ?? bench.open(visitor),
    frame: { type: "post_message", chatId, messageId, text: "hello" },
  });
  assert.deepEqual(outcome.facts.map((fact) => fact.type), ["message_accepted"]);
  assert.deepEqual(outcome.sends.map((send) => send.type), ["ack", "entry"]);
});

Deno.test("[MS2] a repeat gets the same ack in every later state of the chat", () => {
  const bench = new SiteBench({ mode: "manual" });
  const ana = bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  const messageId = bench.ids.message();
  const first = ackedEntry(visitor.post(chatId, "hello", messageId));
  const repeats = () => {
    const decided = bench.facts.length;
    visitor.take();
    ana.take();
    bench.advance(10);
    visitor.take();
    assert.deepEqual(ackedEntry(visitor.post(chatId, "hello", messageId)), first);
    assert.equal(bench.facts.length, decided);
    assert.deepEqual(ofType(ana.take(), "entry"), [], "nobody is shown it twice");
  };
  repeats();
  ana.accept(chatId);
  repeats();
  bench.restart();
  visitor.connect();
  repeats();
  visitor.endChat(chatId);
  repeats();
});

Deno.test("[MS3] the same identity with other content is refused id_reused", () => {
  const { bench, ana, visitor, chatId } = chatting();
  const messageId = bench.ids.message();
  visitor.post(chatId, "hello", messageId);
  assert.equal(refusal(visitor.post(chatId, "hullo", messageId)), "id_reused messageId");
  const noteId = bench.ids.message();
  ana.note(chatId, "hello", noteId);
  assert.equal(refusal(ana.post(chatId, "hello", noteId)), "id_reused messageId");
});

Deno.test("[MS3] an id is the author's own: another author may use the same", () => {
  const { bench, ana, visitor, chatId } = chatting();
  const messageId = bench.ids.message();
  const first = ackedEntry(visitor.post(chatId, "hello", messageId));
  const second = ackedEntry(ana.post(chatId, "welcome", messageId));
  assert.notEqual(second.n, first.n);
  ana.take();
  assert.deepEqual(ackedEntry(visitor.post(chatId, "hello", messageId)), first);
  assert.deepEqual(ackedEntry(ana.post(chatId, "welcome", messageId)), second);
});

Deno.test("[MS3] the same id in two chats is two messages", () => {
  const { bench, visitor, chatId } = chatting();
  const other = bench.visitor();
  const otherChat = other.requestChat();
  const messageId = bench.ids.message();
  other.take();
  assert.equal(ackedEntry(visitor.post(chatId, "hello", messageId)).chatId, chatId);
  assert.equal(ackedEntry(other.post(otherChat, "bonjour", messageId)).chatId, otherChat);
});

Deno.test("[MS4] entries of a stream are numbered 1, 2, 3 and so on, from 1 in each tenure", () => {
  const { bench, ana, visitor, chatId } = chatting();
  const numbers = (stream: "public" | "staff") =>
    bench.chat(chatId).log.entries.filter((entry) =>
      entry.stream === stream && entry.tenure === bench.site.state.tenure
    ).map((entry) => entry.n);
  for (let i = 0; i < 3; i++) {
    visitor.post(chatId, `question ${i}`);
    ana.note(chatId, `note ${i}`);
    ana.post(chatId, `answer ${i}`);
  }
  assert.deepEqual(numbers("public"), [1, 2, 3, 4, 5, 6, 7], "agent_joined is the first");
  assert.deepEqual(numbers("staff"), [1, 2, 3]);
  bench.restart();
  visitor.connect();
  visitor.post(chatId, "still there?");
  assert.deepEqual(numbers("public"), [1]);
});

Deno.test("[MS5] display order is above everything known, also when the clock stands", () => {
  const { bench, ana, visitor, chatId } = chatting();
  for (let i = 0; i < 5; i++) {
    visitor.post(chatId, `question ${i}`);
    ana.post(chatId, `answer ${i}`);
  }
  const orders = bench.chat(chatId).log.entries.map((entry) => entry.order);
  assert.equal(new Set(orders).size, orders.length);
  assert.deepEqual(orders, orders.toSorted((a, b) => a - b));
  bench.advance(60_000);
  ana.take();
  const later = ackedEntry(ana.post(chatId, "later"));
  assert.equal(later.order, bench.at, "with the clock ahead, the clock is the order");
});

Deno.test("[MS5] a restart on an earlier clock still gives larger orders, the same for everybody", () => {
  const { bench, visitor, ana, chatId } = chatting();
  visitor.post(chatId, "before");
  bench.restart();
  bench.at -= 3_600_000;
  visitor.connect();
  ana.connect();
  const acked = ackedEntry(visitor.post(chatId, "after"));
  const { entry: shown } = onlyOf(ana.take(), "entry");
  assert.deepEqual(shown, acked);
  assert.deepEqual(bench.chat(chatId).log.entries.at(-1), shown);
});

Deno.test("[MS6] a read mark only moves forward", () => {
  const { bench, visitor, ana, chatId } = chatting();
  const first = ackedEntry(visitor.post(chatId, "one"));
  const second = ackedEntry(visitor.post(chatId, "two"));
  ana.markRead(chatId, second.order);
  ana.take();
  const decided = bench.facts.length;
  assert.equal(onlyOf(ana.markRead(chatId, first.order), "done").chatId, chatId);
  assert.equal(bench.chat(chatId).read.agent, second.order);
  assert.equal(bench.facts.length, decided);
});

Deno.test("[MS6] a read mark never lies beyond the last entry", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  visitor.markRead(chatId, Number.MAX_SAFE_INTEGER);
  assert.equal(bench.chat(chatId).read.visitor, 0, "there is no entry yet");
  const last = ackedEntry(visitor.post(chatId, "hello"));
  visitor.markRead(chatId, Number.MAX_SAFE_INTEGER);
  assert.equal(bench.chat(chatId).read.visitor, last.order);
  visitor.endChat(chatId);
  visitor.markRead(chatId, Number.MAX_SAFE_INTEGER);
  assert.equal(bench.chat(chatId).read.visitor, bench.chat(chatId).log.entries.at(-1)?.order);
});

Deno.test("[SE2] read marks that a visitor sees speak of public entries only", () => {
  const { bench, visitor, ana, chatId } = chatting();
  const last = ackedEntry(visitor.post(chatId, "hello"));
  bench.advance(5_000);
  ana.take();
  const note = ackedEntry(ana.note(chatId, "a regular"));
  visitor.take();
  ana.markRead(chatId, note.order);
  const shown = ofType(visitor.take(), "chat").at(-1)?.chat.read.agent ?? 0;
  assert.ok(shown <= last.order, "the agent's mark on a note tells the visitor of the note");
  visitor.markRead(chatId, Number.MAX_SAFE_INTEGER);
  assert.equal(bench.chat(chatId).read.visitor, last.order, "its own mark finds the note");
});

Deno.test("[MS7] only the visitor and the assigned agent post, the visitor also while it waits", () => {
  const bench = new SiteBench({ mode: "manual" });
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  const [visitor, stranger] = [bench.visitor(), bench.visitor()];
  const chatId = visitor.requestChat();
  visitor.take();
  const posts = () =>
    [visitor, stranger, ana, ben].map((page) => {
      page.take();
      const frames = page.post(chatId, "hello");
      return ofType(frames, "ack").length === 1 ? "ack" : refusal(frames);
    });
  const refused = "not_in_chat chatId";
  assert.deepEqual(posts(), ["ack", refused, refused, refused]);
  ana.accept(chatId);
  assert.deepEqual(posts(), ["ack", refused, "ack", refused]);
});

Deno.test("[MS7] a chat takes a bounded number of entries", () => {
  const { bench, visitor, chatId } = chatting();
  for (let n = bench.chat(chatId).log.entries.length; n < limits.entriesPerChatMax; n++) {
    visitor.post(chatId, "x");
  }
  assert.equal(refusal(visitor.post(chatId, "x")), "chat_full chatId");
});

Deno.test("[MS9] typing is passed on to the others and never stored", () => {
  const { bench, visitor, ana, chatId } = chatting();
  const tab = bench.anotherPage(visitor);
  tab.take();
  const decided = bench.facts.length;
  assert.deepEqual(visitor.send({ type: "typing", chatId, on: true }), []);
  const notice = {
    type: "typing",
    chatId,
    from: bench.chat(chatId).log.entries[0]?.author,
    on: true,
  };
  const from = { type: "visitor", id: bench.chat(chatId).visitorId };
  assert.deepEqual(ana.take(), [{ ...notice, from }]);
  assert.deepEqual(tab.take(), [{ ...notice, from }]);
  ana.send({ type: "typing", chatId, on: false });
  assert.deepEqual(visitor.take(), [
    { type: "typing", chatId, from: { type: "agent", id: "ana" }, on: false },
  ]);
  assert.equal(bench.facts.length, decided);
  assert.equal(bench.jobs.length, bench.jobsOf("agentStatus.log").length + 1);
});

Deno.test("[SE2] a note reaches no visitor: not live, not in vectors, pages or transcripts", () => {
  const { bench, visitor, ana, chatId } = chatting();
  const tab = bench.anotherPage(visitor);
  tab.take();
  const note = ackedEntry(ana.note(chatId, "a regular"));
  assert.equal(note.stream, "staff");
  assert.deepEqual([visitor.take(), tab.take()], [[], []]);
  const page = onlyOf(visitor.getEntries(chatId), "entries");
  assert.ok(!page.entries.some((entry) => entry.id === note.id));
  assert.deepEqual(Object.keys(page.vector), [`${note.tenure}/public`]);
  const heartbeat = onlyOf(visitor.heartbeat({ [chatId]: {} }), "heartbeat");
  assert.deepEqual(heartbeat.chats[chatId], page.vector);
  const [welcomed] = onlyOf(visitor.connect(), "welcome").chats;
  assert.deepEqual(welcomed?.vector, page.vector);
  for (const [reader, notes] of [[visitor.session, 0], [ana.session, 1]] as const) {
    const { sends } = bench.handle({ type: "transcript_asked", chatId, reader, query: 1 });
    const [send] = sends;
    const entries = send?.type === "transcript" ? send.transcript?.entries ?? [] : [];
    assert.equal(entries.filter((entry) => entry.kind === "note").length, notes);
  }
});

Deno.test("[SE3] someone else's chat answers not_in_chat and shows nothing", () => {
  const { bench, visitor, chatId } = chatting();
  visitor.post(chatId, "my card number is …");
  const stranger = bench.visitor();
  const ben = bench.agent("ben");
  for (const page of [stranger, ben]) {
    const answers = [
      page.getEntries(chatId),
      page.markRead(chatId, 1),
      page.endChat(chatId),
      page.send({ type: "typing", chatId, on: true }),
    ];
    assert.deepEqual(answers.map(refusal), Array(4).fill("not_in_chat chatId"));
    assert.deepEqual(onlyOf(page.heartbeat({ [chatId]: {} }), "heartbeat").chats, {});
    assert.deepEqual(onlyOf(page.connect({ chats: { [chatId]: {} } }), "welcome").chats, []);
  }
  const { sends } = bench.handle({
    type: "transcript_asked",
    chatId,
    reader: stranger.session,
    query: 1,
  });
  assert.deepEqual(sends, [{ type: "transcript", query: 1, transcript: undefined }]);
});
