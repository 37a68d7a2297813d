import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, refusal, textsIn } from "../tests/harness/site_page.ts";
import type { NeighbourAnswer } from "./event.ts";
import { limits } from "./limits.ts";

/** A site whose bot has just been asked about a visitor's message. */
function withBot() {
  const bench = new SiteBench({ mode: "manual", config: { bot: { name: "Robo" } } });
  const [ana, visitor] = [bench.agent("ana"), bench.visitor()];
  const chatId = visitor.requestChat();
  const messageId = bench.ids.message();
  visitor.post(chatId, "hello", messageId);
  visitor.take();
  const answer = (requestId: string, answer: NeighbourAnswer) =>
    bench.handle({ type: "neighbour_answered", chatId, requestId, answer });
  const state = () => bench.chat(chatId).state.state;
  return { bench, ana, visitor, chatId, messageId, answer, state };
}

Deno.test("[BT1] a bot that does not answer within 8 s loses the chat to the agents", () => {
  const { bench, state } = withBot();
  bench.advance(limits.botMsMax - 1);
  assert.equal(state(), "bot");
  bench.advance(1);
  assert.equal(state(), "waiting");
});

Deno.test("[BT1] a bot that answered one message and is silent to the next loses the chat, too", () => {
  const { bench, visitor, chatId, messageId, answer, state } = withBot();
  visitor.post(chatId, "and Sweden?");
  answer(messageId, { kind: "bot_message", text: "Yes" });
  bench.advance(limits.botMsMax);
  assert.equal(state(), "waiting");
});

Deno.test("[BT1] a bot that answered keeps the chat, and is asked again after a restart", () => {
  const { bench, visitor, chatId, messageId, answer, state } = withBot();
  answer(messageId, { kind: "bot_message", text: "Yes" });
  bench.advance(60_000);
  assert.equal(state(), "bot");
  visitor.post(chatId, "and Sweden?");
  bench.restart();
  visitor.connect();
  bench.advance(limits.botMsMax);
  assert.equal(state(), "waiting");
});

Deno.test("[BT2] the same answer twice is one entry, and a late one changes nothing", () => {
  const { bench, visitor, messageId, answer, chatId } = withBot();
  answer(messageId, { kind: "bot_message", text: "Yes" });
  answer(messageId, { kind: "bot_message", text: "No" });
  assert.deepEqual(textsIn(visitor.take()), ["Yes"]);
  answer("other", { kind: "bot_handed_over" });
  const decided = bench.facts.length;
  answer("late", { kind: "bot_message", text: "Hm" });
  assert.equal(bench.facts.length, decided);
  assert.equal(bench.chat(chatId).state.state, "waiting");
});

Deno.test("[BT2] a bot's text that no message may have counts as no answer", () => {
  const { messageId, answer, state } = withBot();
  answer(messageId, { kind: "bot_message", text: "x".repeat(limits.textBytesMax + 1) });
  assert.equal(state(), "waiting");
});

Deno.test("[BT3] no agent accepts a chat that the bot has", () => {
  const { ana, chatId } = withBot();
  assert.equal(refusal(ana.accept(chatId)), "chat_not_waiting chatId");
});

Deno.test("[SI5] a bot's step asks for a sign-in, and goes on after it", () => {
  const { bench, visitor, messageId, answer, chatId, state } = withBot();
  answer(messageId, { kind: "bot_sign_in_wanted", text: "Please sign in" });
  assert.equal(ofType(visitor.take(), "sign_in_wanted").length, 1);
  bench.advance(60_000);
  assert.equal(state(), "bot", "a person may take its time");
  const { connection } = visitor;
  assert.ok(connection !== undefined);
  const signedIn = { userId: "u1", fields: {} };
  const commandId = bench.ids.command();
  const { sends } = bench.handle({ type: "visitor_signed_in", connection, commandId, signedIn });
  const asked = sends.find((send) => send.type === "neighbour");
  assert.ok(asked?.type === "neighbour");
  answer(asked.request.requestId, { kind: "bot_message", text: "Your order is on its way" });
  assert.equal(bench.chat(chatId).log.entries.at(-1)?.author.type, "bot");
});

Deno.test("[TL1] a translation names the message that it changes; a note's is not taken", () => {
  const { bench, visitor, ana, chatId, answer, messageId } = withBot();
  answer(messageId, { kind: "bot_handed_over" });
  ana.accept(chatId);
  const note = bench.ids.message();
  ana.note(chatId, "a regular", note);
  visitor.take();
  const translate = (requestId: string, changes: string) =>
    answer(requestId, { kind: "translation", changes, text: "hallo" });
  translate("t1", note);
  translate("t2", "nobody's");
  assert.deepEqual(visitor.take(), []);
  translate("t3", messageId);
  const { changes } = bench.chat(chatId).log.entries.at(-1) ?? {};
  assert.equal(changes, messageId);
  bench.advance(limits.botMsMax + 1);
  visitor.take();
  translate("t4", messageId);
  assert.deepEqual(visitor.take(), [], "too late: the original stays");
});

Deno.test("[AT1] a file is an entry of its sender, once, and its scan names it", () => {
  const { bench, visitor, chatId, answer } = withBot();
  const file = { fileId: "f1", name: "a.png", mediaType: "image/png", bytes: 3 };
  const attach = (page: typeof visitor) =>
    bench.handle({ type: "file_attached", chatId, by: page.session, id: "a1", file });
  attach(bench.visitor());
  attach(visitor);
  attach(visitor);
  const scan = (changes: string, requestId: string) =>
    answer(requestId, { kind: "scan_result", changes, result: "infected" });
  scan("a1", "s1");
  scan("unknown", "s2");
  const kinds = bench.chat(chatId).log.entries.map(({ kind }) => kind);
  assert.deepEqual(kinds, ["message", "attachment", "scan_result"]);
});
