import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { ackedEntry, ofType, onlyOf, refusal, textsIn } from "../tests/harness/site_page.ts";
import type { Entry } from "./entry.ts";
import { chatIdSchema, tenureIdSchema, ulidSchema } from "./ids.ts";
import { limits } from "./limits.ts";
import { utf8Bytes } from "./utf8.ts";

function chatting() {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  visitor.take();
  ana.take();
  return { bench, ana, visitor, chatId };
}

/** Entries that another node's tenure accepted from this visitor, n from 1 on. */
function entriesOfElsewhere(bench: SiteBench, like: Entry, count: number): Entry[] {
  const tenure = tenureIdSchema.parse(bench.ids.ulid());
  return Array.from({ length: count }, (_, place) => ({
    ...like,
    tenure,
    n: place + 1,
    order: like.order - 1_000 + place,
    id: bench.ids.ulid(),
    text: `elsewhere ${place + 1}`,
  }));
}

Deno.test("[RS1A] a page holds the newest 50 that are lacking, in order, and says what is left", () => {
  const { bench, ana, visitor, chatId } = chatting();
  for (let n = 1; n <= 119; n++) visitor.post(chatId, `m${n}`);
  const all = bench.chat(chatId).log.entries;
  const first = onlyOf(ana.getEntries(chatId), "entries");
  assert.deepEqual(first.entries, all.slice(-50));
  assert.deepEqual([first.more, first.before], [true, all.at(-50)?.order]);
  const second = onlyOf(ana.getEntries(chatId, {}, first.before), "entries");
  assert.deepEqual(second.entries, all.slice(-100, -50));
  const third = onlyOf(ana.getEntries(chatId, {}, second.before), "entries");
  assert.deepEqual(third.entries, all.slice(0, -100));
  assert.deepEqual([third.more, third.before], [false, undefined]);
  for (const page of [first, second, third]) {
    assert.deepEqual(page.vector, bench.chat(chatId).log.vector());
  }
});

Deno.test("[RS1A] a page leaves out what the client has", () => {
  const { bench, ana, visitor, chatId } = chatting();
  for (let n = 1; n <= 9; n++) visitor.post(chatId, `m${n}`);
  const key = `${bench.site.state.tenure}/public`;
  const page = onlyOf(ana.getEntries(chatId, { [key]: 8 }), "entries");
  assert.deepEqual(page.entries.map((entry) => entry.n), [9, 10]);
  assert.equal(page.more, false);
  assert.deepEqual(textsIn(ana.getEntries(chatId, { [key]: 10 })), []);
});

const wideTexts = [
  { of: "ASCII", text: "a".repeat(limits.textBytesMax) },
  { of: "three-byte characters", text: "語".repeat(limits.textBytesMax / 3) },
  { of: "quotes, which JSON escapes", text: '"'.repeat(limits.textBytesMax) },
  { of: "lone surrogates, which JSON escapes", text: "\ud800".repeat(limits.textBytesMax / 3) },
];
for (const { of, text } of wideTexts) {
  Deno.test(`[RS1A] a page holds 48 KiB at most, with long texts of ${of}`, () => {
    const { ana, visitor, chatId } = chatting();
    for (let n = 1; n <= 9; n++) visitor.post(chatId, text);
    let pages = 0;
    let entries = 0;
    let before: number | undefined;
    do {
      const page = onlyOf(ana.getEntries(chatId, {}, before), "entries");
      assert.ok(utf8Bytes(JSON.stringify(page)) <= limits.pageBytesMax, `page ${pages}`);
      entries += page.entries.length;
      before = page.before;
      pages += 1;
    } while (before !== undefined);
    assert.equal(entries, 10);
  });
}

Deno.test("[RS1B] a client that holds more is asked, and what it uploads is merged and passed on", () => {
  const { bench, ana, visitor, chatId } = chatting();
  const like = ackedEntry(visitor.post(chatId, "here"));
  const missing = entriesOfElsewhere(bench, like, 3);
  const key = `${missing[0]?.tenure}/public`;
  const have = bench.chat(chatId).log.vector();
  ana.take();
  const frames = visitor.connect({ chats: { [chatId]: { ...have, [key]: 3 } } });
  assert.deepEqual(onlyOf(frames, "want_entries"), { type: "want_entries", chatId, have });
  const vector = { ...have, [key]: 3 };
  assert.deepEqual(visitor.upload(chatId, missing), [
    { type: "uploaded", chatId, vector, accepted: 3, refused: [] },
  ]);
  assert.deepEqual(textsIn(ana.take()), ["elsewhere 1", "elsewhere 2", "elsewhere 3"]);
  assert.deepEqual(bench.chat(chatId).log.entries.map((entry) => entry.text).slice(0, 3), [
    "elsewhere 1",
    "elsewhere 2",
    "elsewhere 3",
  ]);
});

Deno.test("[RS1B] it is asked at a heartbeat too, and only once at a time", () => {
  const { bench, visitor, chatId } = chatting();
  const like = ackedEntry(visitor.post(chatId, "here"));
  const missing = entriesOfElsewhere(bench, like, 1);
  const theirs = { ...bench.chat(chatId).log.vector(), [`${missing[0]?.tenure}/public`]: 1 };
  const asked = () => ofType(visitor.heartbeat({ [chatId]: theirs }), "want_entries").length;
  assert.deepEqual([asked(), asked()], [1, 0]);
  visitor.upload(chatId, missing);
  assert.equal(asked(), 0, "nothing is lacking any more");
});

Deno.test("[RS1B] entries that nobody asked for are refused not_asked", () => {
  const { bench, visitor, chatId } = chatting();
  const like = ackedEntry(visitor.post(chatId, "here"));
  const missing = entriesOfElsewhere(bench, like, 1);
  assert.equal(refusal(visitor.upload(chatId, missing)), "not_asked chatId");
  assert.equal(bench.chat(chatId).log.entries.length, 2);
});

/** A visitor's page that was asked for entries, with three that fit. */
function asked() {
  const made = chatting();
  const { bench, visitor, chatId } = made;
  const like = ackedEntry(visitor.post(chatId, "here"));
  const missing = entriesOfElsewhere(bench, like, 3);
  const key = `${missing[0]?.tenure}/public`;
  visitor.heartbeat({ [chatId]: { ...bench.chat(chatId).log.vector(), [key]: 3 } });
  return { ...made, like, missing };
}

const otherChat = chatIdSchema.parse("01J00000000000000000099999");
const judged: readonly {
  fault: string;
  code: string;
  change: (entry: Entry, own: Entry) => Entry;
}[] = [
  {
    fault: "is of another chat",
    code: "unknown_chat",
    change: (e) => ({ ...e, chatId: otherChat }),
  },
  { fault: "is of staff", code: "bad_signature", change: (e) => ({ ...e, stream: "staff" }) },
  {
    fault: "is of the running tenure, which never wrote it",
    code: "bad_signature",
    change: (e, own) => ({ ...e, tenure: own.tenure, n: 99 }),
  },
  {
    fault: "has the identity of another",
    code: "id_reused",
    change: (e, own) => ({ ...e, id: own.id, text: "other words" }),
  },
];
for (const { fault, code, change } of judged) {
  Deno.test(`[RS1B] an uploaded entry that ${fault} is refused alone`, () => {
    const { bench, visitor, chatId, like, missing } = asked();
    const [first, second, third] = missing;
    assert.ok(first && second && third);
    const wrong = change(third, like);
    const uploaded = onlyOf(visitor.upload(chatId, [first, wrong, second]), "uploaded");
    assert.deepEqual(uploaded.refused, [{ id: wrong.id, code }]);
    assert.equal(uploaded.accepted, 2);
    assert.ok(bench.chat(chatId).log.holds(first) && bench.chat(chatId).log.holds(second));
  });
}

Deno.test("[RS1B] a forged entry in one slice does not cost the slices behind it", () => {
  const { bench, visitor, chatId, missing } = asked();
  const [first, second, third] = missing;
  assert.ok(first && second && third);
  const uploaded = onlyOf(visitor.upload(chatId, [first], [second.id]), "uploaded");
  assert.deepEqual(uploaded.refused, [{ id: second.id, code: "bad_signature" }]);
  assert.deepEqual(ofType(visitor.upload(chatId, [third]), "refused"), []);
  assert.ok(bench.chat(chatId).log.holds(third));
});

Deno.test("[RS1C] merging is the union, in any order and however often", () => {
  const { bench, ana, visitor, chatId, missing } = asked();
  const before = bench.chat(chatId).log.entries.slice();
  visitor.upload(chatId, missing.toReversed());
  visitor.upload(chatId, missing);
  const { entries } = bench.chat(chatId).log;
  assert.deepEqual(entries, [...missing, ...before], "nothing is renumbered, order decides");
  ana.take();
  assert.deepEqual(onlyOf(ana.getEntries(chatId), "entries").entries, entries);
});

Deno.test("[RS1C] an identity accepted twice is shown once, at its smaller order", () => {
  const { bench, visitor, chatId, like, missing } = asked();
  const [first] = missing;
  assert.ok(first);
  const twin = { ...first, id: like.id, text: like.text };
  visitor.upload(chatId, [twin]);
  const chat = bench.chat(chatId);
  assert.deepEqual(chat.log.entries.filter((entry) => entry.id === like.id), [twin, like]);
  assert.deepEqual(chat.log.transcript().filter((entry) => entry.id === like.id), [twin]);
  visitor.take();
  const again = visitor.post(chatId, like.text, chat.log.find(like.author, like.id) && idOf(like));
  assert.deepEqual(ackedEntry(again), twin);
});

function idOf(entry: Entry) {
  return ulidSchema.brand("MessageId").parse(entry.id);
}

Deno.test("[RS1C] what was accepted elsewhere after the end is merged as late, and revives nothing", () => {
  const { bench, visitor, chatId, missing } = asked();
  visitor.endChat(chatId);
  visitor.take();
  assert.equal(onlyOf(visitor.upload(chatId, missing), "uploaded").accepted, 3);
  assert.equal(bench.chat(chatId).state.state, "ended");
  assert.equal(bench.jobsOf("chat.end").length, 1);
});

Deno.test("[CN5] a heartbeat is answered with the vectors of the chats that it names", () => {
  const { bench, ana, visitor, chatId } = chatting();
  visitor.post(chatId, "hello");
  ana.note(chatId, "a regular");
  ana.take();
  const beat = onlyOf(ana.heartbeat({ [chatId]: bench.chat(chatId).log.vector() }), "heartbeat");
  assert.deepEqual(beat, {
    type: "heartbeat",
    at: bench.at,
    chats: { [chatId]: bench.chat(chatId).log.vector() },
  });
});

Deno.test("[CN5] a heartbeat is answered with running chats that it does not name, too", () => {
  const { bench, ana, visitor, chatId } = chatting();
  for (const page of [ana, visitor]) {
    const { chats } = onlyOf(page.heartbeat({}), "heartbeat");
    assert.deepEqual(chats[chatId], bench.chat(chatId).log.publicVector());
  }
});

Deno.test("[CN5] a page that still lacks what it lacked at the last heartbeat is closed to resync", () => {
  const { bench, ana, visitor, chatId } = chatting();
  const known = bench.chat(chatId).log.vector();
  visitor.post(chatId, "one");
  assert.equal(ofType(ana.heartbeat({ [chatId]: known }), "heartbeat").length, 1);
  visitor.post(chatId, "two");
  const afterOne = bench.chat(chatId).log.entries.filter(({ n }) => n <= 2).length;
  assert.equal(afterOne, 2);
  const caughtUp = { [`${bench.site.state.tenure}/public`]: 2 };
  assert.equal(ofType(ana.heartbeat({ [chatId]: caughtUp }), "heartbeat").length, 1);
  assert.equal(ana.closedWith, undefined, "what is new since then may be under way");
  assert.deepEqual(ofType(ana.heartbeat({ [chatId]: caughtUp }), "heartbeat"), []);
  assert.equal(ana.closedWith, "resync");
});

Deno.test("[CN5] what a page lacked of a chat that it left is not held against it when it is in it again", () => {
  const bench = new SiteBench({ staff: { ben: { role: "supervisor" } } });
  bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  const ben = bench.agent("ben");
  const join = () =>
    ben.send({ type: "join_chat", commandId: bench.ids.command(), chatId, mode: "joined" });
  join();
  visitor.post(chatId, "one");
  assert.equal(ofType(ben.heartbeat({ [chatId]: {} }), "heartbeat").length, 1);
  ben.send({ type: "leave_chat", commandId: bench.ids.command(), chatId });
  join();
  assert.equal(ofType(ben.heartbeat({}), "heartbeat").length, 1, "the answer may be under way");
  assert.deepEqual(ofType(ben.heartbeat({}), "heartbeat"), []);
  assert.equal(ben.closedWith, "resync");
});

Deno.test("[CN5] a page that fetches one chat after the other is slow, and nothing of it is lost", () => {
  const bench = new SiteBench();
  const visitors = [bench.visitor(), bench.visitor()] as const;
  const ana = bench.agent("ana");
  const [first, second] = [visitors[0].requestChat(), visitors[1].requestChat()] as const;
  visitors[0].post(first, "one");
  visitors[1].post(second, "one");
  ana.connect();
  const beat = () => ofType(ana.heartbeat({ [first]: {}, [second]: {} }), "heartbeat").length;
  for (let n = 0; n < 4; n++) {
    assert.equal(beat(), 1, `heartbeat ${n}`);
    ana.getEntries(first);
  }
  assert.equal(beat(), 1, "it asked for a page since the last");
  assert.equal(beat(), 0, "it asks for nothing more and still lacks it");
  assert.equal(ana.closedWith, "resync");
});
