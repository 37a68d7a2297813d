import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { onlyOf } from "../tests/harness/site_page.ts";
import type { ChatId } from "./ids.ts";
import { limits } from "./limits.ts";

const inactivity = { warnAfterMs: 600_000, endAfterMs: 300_000 };
const { warnAfterMs, endAfterMs } = inactivity;

function chatting() {
  const bench = new SiteBench({ inactivity });
  const ana = bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  visitor.take();
  ana.take();
  return { bench, ana, visitor, chatId };
}

const kinds = (bench: SiteBench, chatId: ChatId) =>
  bench.chat(chatId).log.entries.map((entry) => entry.kind);

Deno.test("[IN1] a chat in which nobody writes is warned about and then ended", () => {
  const { bench, ana, visitor, chatId } = chatting();
  bench.advance(warnAfterMs - 1);
  assert.deepEqual(kinds(bench, chatId), ["agent_joined"]);
  bench.advance(1);
  for (const page of [ana, visitor]) {
    assert.equal(onlyOf(page.take(), "entry").entry.kind, "inactivity_warned");
  }
  bench.advance(endAfterMs - 1);
  assert.equal(bench.chat(chatId).state.state, "active");
  bench.advance(1);
  assert.deepEqual(bench.chat(chatId).state, {
    state: "ended",
    at: bench.at,
    by: { type: "system", id: "system" },
    reason: "inactive",
  });
  assert.deepEqual(kinds(bench, chatId), ["agent_joined", "inactivity_warned", "chat_ended"]);
  assert.equal(bench.jobsOf("chat.end").length, 1);
});

Deno.test("[IN1] it is counted from the last entry, before and after the warning", () => {
  const { bench, ana, visitor, chatId } = chatting();
  bench.advance(warnAfterMs - 1);
  visitor.post(chatId, "one moment");
  bench.advance(warnAfterMs - 1);
  assert.deepEqual(kinds(bench, chatId), ["agent_joined", "message"]);
  bench.advance(1);
  assert.equal(kinds(bench, chatId).at(-1), "inactivity_warned");
  bench.advance(endAfterMs - 1);
  ana.post(chatId, "take your time");
  bench.advance(warnAfterMs - 1);
  assert.equal(kinds(bench, chatId).at(-1), "message");
  bench.advance(1);
  assert.equal(kinds(bench, chatId).at(-1), "inactivity_warned");
});

Deno.test("[IN1] a waiting chat is not warned about while its visitor is there", () => {
  const bench = new SiteBench({ mode: "manual", inactivity });
  const chatId = bench.visitor().requestChat();
  bench.advance(warnAfterMs * 3);
  assert.equal(bench.chat(chatId).state.state, "waiting");
  assert.deepEqual(kinds(bench, chatId), []);
});

Deno.test("[IN2] at a start silence is counted from the start", () => {
  const { bench, chatId } = chatting();
  bench.advance(warnAfterMs - 1);
  bench.restart();
  bench.advance(warnAfterMs - 1);
  assert.deepEqual(kinds(bench, chatId), ["agent_joined"]);
  bench.advance(1);
  assert.deepEqual(kinds(bench, chatId), ["agent_joined", "inactivity_warned"]);
});

Deno.test("[IN2] a start on a clock that was set back counts silence from there, not from the future", () => {
  const { bench, chatId } = chatting();
  bench.at -= 3_600_000;
  bench.restart();
  bench.advance(warnAfterMs);
  assert.equal(kinds(bench, chatId).at(-1), "inactivity_warned");
});

Deno.test("[IN2] a restart between warning and end gives the whole time again", () => {
  const { bench, chatId } = chatting();
  bench.advance(warnAfterMs + endAfterMs - 1);
  bench.restart();
  bench.advance(endAfterMs - 1);
  assert.equal(bench.chat(chatId).state.state, "active");
  bench.advance(1);
  assert.equal(bench.chat(chatId).state.state, "ended");
});

Deno.test("[IN2] after a stall the silence, the visitor's and the agent's absence begin again", () => {
  const bench = new SiteBench({ agents: { ana: 1 }, inactivity });
  const ana = bench.agent("ana");
  const active = bench.visitor().requestChat();
  const waiting = bench.visitor();
  const chatId = waiting.requestChat();
  bench.advance(warnAfterMs - 1);
  waiting.lose();
  ana.lose();
  bench.at += 3_600_000;
  bench.site.handle({ type: "stalled", at: bench.at });
  bench.advance(limits.presenceGraceMs - 1);
  assert.equal(bench.chat(active).state.state, "active");
  assert.equal(bench.chat(chatId).state.state, "waiting");
  assert.deepEqual(kinds(bench, active), ["agent_joined"]);
  bench.advance(1);
  assert.equal(bench.chat(chatId).state.state, "ended");
  bench.advance(warnAfterMs - limits.presenceGraceMs);
  assert.deepEqual(kinds(bench, active), ["agent_joined", "inactivity_warned"]);
});

Deno.test("[IN2] at a start an online agent counts as present for the grace", () => {
  const bench = new SiteBench();
  bench.agent("ana");
  bench.restart();
  bench.advance(limits.presenceGraceMs - 1);
  assert.equal(bench.chat(bench.visitor().requestChat()).agentId, "ana");
  bench.advance(1);
  assert.equal(bench.chat(bench.visitor().requestChat()).agentId, undefined);
});

Deno.test("[IN3] a waiting chat whose visitor stays away for 60 seconds ends as visitor_left", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  bench.advance(300_000);
  visitor.lose();
  bench.advance(limits.presenceGraceMs - 1);
  assert.equal(bench.chat(chatId).state.state, "waiting");
  bench.advance(1);
  const { state } = bench.chat(chatId);
  assert.equal(state.state === "ended" ? state.reason : undefined, "visitor_left");
  assert.equal(bench.site.state.visitors.size, 0, "nothing is kept of it");
});

Deno.test("[IN3] one tab is enough to keep it, and a return begins the 60 seconds anew", () => {
  const bench = new SiteBench({ mode: "manual" });
  const visitor = bench.visitor();
  const tab = bench.anotherPage(visitor);
  const chatId = visitor.requestChat();
  visitor.lose();
  bench.advance(limits.presenceGraceMs * 2);
  tab.lose();
  bench.advance(limits.presenceGraceMs - 1);
  tab.connect();
  bench.advance(limits.presenceGraceMs);
  tab.lose();
  bench.advance(limits.presenceGraceMs - 1);
  assert.equal(bench.chat(chatId).state.state, "waiting");
  bench.advance(1);
  assert.equal(bench.chat(chatId).state.state, "ended");
});

Deno.test("[IN3] a visitor that is absent since before a restart has 60 seconds from there", () => {
  const bench = new SiteBench({ mode: "manual" });
  const chatId = bench.visitor().requestChat();
  bench.restart();
  bench.advance(limits.presenceGraceMs - 1);
  assert.equal(bench.chat(chatId).state.state, "waiting");
  bench.advance(1);
  assert.equal(bench.chat(chatId).state.state, "ended");
});

Deno.test("[IN3] an active chat goes on while its visitor is away", () => {
  const { bench, visitor, chatId } = chatting();
  visitor.lose();
  bench.advance(limits.presenceGraceMs * 2);
  assert.equal(bench.chat(chatId).state.state, "active");
});
