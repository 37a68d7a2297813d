import assert from "node:assert/strict";
import { type BenchOptions, SiteBench } from "../tests/harness/site_bench.ts";
import {
  ofType,
  onlyOf,
  refusal,
  type SitePage,
  welcomedChats,
} from "../tests/harness/site_page.ts";
import { type ChatId, chatIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";

const options: BenchOptions = {
  agents: { ana: 3, sue: 3, sam: 1, other: 3 },
  staff: {
    sue: { role: "supervisor" },
    sam: { role: "supervisor" },
    other: { role: "supervisor", departmentIds: ["other"] },
  },
  config: { departments: [{ departmentId: "other", name: "O" }, { departmentId: "d", name: "D" }] },
};

function join(page: SitePage, chatId: ChatId, mode: "joined" | "monitoring" = "joined") {
  return page.send({ type: "join_chat", commandId: page.bench.ids.command(), chatId, mode });
}
function leave(page: SitePage, chatId: ChatId, commandId = page.bench.ids.command()) {
  return page.send({ type: "leave_chat", commandId, chatId });
}
function takeOver(page: SitePage, chatId: ChatId, commandId = page.bench.ids.command()) {
  return page.send({ type: "take_over_chat", commandId, chatId });
}

/** Ana has a chat; sue and sam are there but not online. */
function begin() {
  const bench = new SiteBench(options);
  const ana = bench.agent("ana");
  const [sue, sam] = [bench.agent("sue", "away"), bench.agent("sam", "away")];
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  for (const page of [ana, sue, sam, visitor]) page.take();
  return { bench, ana, sue, sam, visitor, chatId };
}

Deno.test("[JN1] who joins writes in the chat, and everybody sees that it is there", () => {
  const { ana, sue, visitor, chatId } = begin();
  assert.equal(onlyOf(join(sue, chatId), "done").chatId, chatId);
  const frames = visitor.take();
  assert.equal(onlyOf(frames, "entry").entry.kind, "agent_joined");
  assert.deepEqual(onlyOf(frames, "chat").chat.participants.map(({ agentId }) => agentId), ["sue"]);
  sue.post(chatId, "I can help");
  assert.equal(onlyOf(visitor.take(), "entry").entry.text, "I can help");
  assert.ok(ofType(ana.take(), "entry").some(({ entry }) => entry.text === "I can help"));
});

Deno.test("[JN2] a visitor is told nothing of a monitor, whatever it does", () => {
  const { bench, ana, sue, visitor, chatId } = begin();
  assert.equal(onlyOf(join(sue, chatId, "monitoring"), "done").chatId, chatId);
  assert.equal(onlyOf(ana.take(), "entry").entry.kind, "monitor_started");
  assert.equal(refusal(sue.send({ type: "typing", chatId, on: true })), "not_in_chat chatId");
  visitor.post(chatId, "anybody there?");
  sue.markRead(chatId, bench.at + 1_000);
  sue.note(chatId, "be kind");
  assert.equal(refusal(sue.post(chatId, "hello")), "not_in_chat chatId");
  leave(sue, chatId);
  assert.deepEqual(visitor.take(), []);
  const tab = bench.anotherPage(visitor);
  const [seen] = welcomedChats(tab.connect());
  assert.deepEqual(seen?.participants, []);
  assert.deepEqual(seen?.read, { visitor: 0, agent: 0 });
  const [page] = ofType(tab.getEntries(chatId), "entries");
  assert.deepEqual(page?.entries.map(({ kind }) => kind), ["agent_joined", "message"]);
});

Deno.test("[JN2] who joined and goes on as a monitor has left for the visitor", () => {
  const { ana, sue, visitor, chatId } = begin();
  join(sue, chatId);
  visitor.take();
  ana.take();
  join(sue, chatId, "monitoring");
  const frames = visitor.take();
  assert.equal(onlyOf(frames, "entry").entry.kind, "agent_left");
  assert.deepEqual(ofType(frames, "chat").at(-1)?.chat.participants, []);
  const kinds = ofType(ana.take(), "entry").map(({ entry }) => entry.kind);
  assert.deepEqual(kinds, ["agent_left", "monitor_started"]);
});

Deno.test("[JN1] joining needs the role, the department, a running chat and room in it", () => {
  const { bench, ana, sue, visitor, chatId } = begin();
  const other = bench.agent("other", "away");
  assert.equal(onlyOf(join(other, chatId), "done").chatId, chatId, "of no department");
  assert.equal(refusal(join(ana, chatId)), "forbidden chatId");
  const guest = bench.visitor();
  const commandId = bench.ids.command();
  guest.send({ type: "request_chat", commandId, departmentId: "d" as never }); // a department
  const waiting = commandId as string as ChatId; // names its chat
  assert.equal(refusal(join(other, waiting)), "forbidden chatId");
  bench.chat(chatId).participants.clear();
  for (let n = 0; n < limits.participantsMax; n++) {
    bench.chat(chatId).participants.set(`agent${n}` as never, "joined"); // names of agents
  }
  assert.equal(refusal(join(sue, chatId)), "too_many chatId");
  bench.chat(chatId).participants.clear();
  visitor.endChat(chatId);
  sue.take();
  assert.equal(refusal(join(sue, chatId)), "chat_ended chatId");
});

Deno.test("[JN3] who leaves a chat hears nothing more of it, after a reconnect too", () => {
  const { ana, sue, visitor, chatId } = begin();
  join(sue, chatId);
  const commandId = ana.bench.ids.command();
  const frames = leave(ana, chatId, commandId);
  assert.equal(onlyOf(frames, "chat_left").chatId, chatId);
  assert.deepEqual(leave(ana, chatId, commandId), [{ type: "done", commandId, chatId }]);
  assert.equal(ana.bench.chat(chatId).agentId, "sue");
  const kinds = ofType(visitor.take(), "entry").map(({ entry }) => entry.kind);
  assert.deepEqual(kinds, ["agent_joined", "agent_left", "agent_joined"]);
  sue.take();
  visitor.post(chatId, "hello");
  sue.post(chatId, "here I am");
  visitor.send({ type: "typing", chatId, on: true });
  assert.deepEqual(ana.take(), []);
  assert.deepEqual(welcomedChats(ana.connect()), []);
});

Deno.test("[JN3] the last agent cannot leave, nor leave it to a monitor or who is full or gone", () => {
  const { bench, ana, sue, sam, chatId } = begin();
  assert.equal(refusal(leave(ana, chatId)), "last_agent chatId");
  join(sue, chatId, "monitoring");
  ana.take();
  assert.equal(refusal(leave(ana, chatId)), "last_agent chatId");
  const second = bench.visitor().requestChat();
  sam.setStatus("online");
  takeOver(sam, second);
  join(sam, chatId);
  ana.take();
  assert.equal(refusal(leave(ana, chatId)), "last_agent chatId", "sam is at its limit");
  join(sue, chatId);
  sue.lose();
  bench.advance(limits.presenceGraceMs - 1);
  ana.take();
  assert.equal(onlyOf(leave(ana, chatId), "done").type, "done");
  assert.equal(bench.chat(chatId).agentId, "sue");
});

Deno.test("[JN4] taking over makes the chat one's own and puts out who had it", () => {
  const { bench, ana, sue, visitor, chatId } = begin();
  const commandId = bench.ids.command();
  assert.equal(onlyOf(takeOver(sue, chatId, commandId), "done").chatId, chatId);
  assert.equal(onlyOf(ana.take(), "chat_left").chatId, chatId);
  assert.equal(bench.chat(chatId).agentId, "sue");
  visitor.post(chatId, "hello");
  assert.deepEqual(ana.take(), [], "it gets nothing more");
  const decided = bench.facts.length;
  sue.take();
  assert.deepEqual(takeOver(sue, chatId, commandId), [{ type: "done", commandId, chatId }]);
  assert.equal(bench.facts.length, decided, "its repeat changes nothing");
  bench.restart();
  sue.connect();
  assert.deepEqual(takeOver(sue, chatId, commandId), [{ type: "done", commandId, chatId }]);
  assert.equal(bench.chat(chatId).agentId, "sue");
});

Deno.test("[JN4] taking over is refused to an agent, at the limit, and for one's own", () => {
  const { bench, ana, sue, sam, chatId } = begin();
  takeOver(sam, chatId);
  assert.equal(refusal(takeOver(ana, chatId)), "forbidden chatId");
  assert.equal(
    refusal(takeOver(sam, chatId)),
    "not_in_chat chatId",
  );
  const second = bench.visitor().requestChat();
  sam.take();
  assert.equal(refusal(takeOver(sam, second)), "agent_at_limit chatId");
  const unknown = chatIdSchema.parse(bench.ids.ulid());
  assert.equal(refusal(takeOver(sue, unknown)), "unknown_chat chatId");
});

Deno.test("[JN5] a chat's end takes everybody out of it", () => {
  const { bench, sue, sam, visitor, chatId } = begin();
  join(sue, chatId);
  join(sam, chatId, "monitoring");
  visitor.endChat(chatId);
  const { state } = bench.site;
  for (const agentId of state.agentConfigs.keys()) {
    assert.equal(state.attendingOf(agentId).size + state.ongoingOf(agentId).size, 0);
  }
  sue.take();
  assert.equal(onlyOf(bench.agent("sue").connect(), "welcome").chats.length, 0);
});
