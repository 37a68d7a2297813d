import assert from "node:assert/strict";
import { type BenchOptions, SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, refusal, type SitePage } from "../tests/harness/site_page.ts";
import { agentIdSchema, type ChatId, departmentIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";

const options: BenchOptions = {
  agents: { ana: 1, ben: 1, cid: 3 },
  staff: {
    ana: { departmentIds: ["sales"] },
    ben: { departmentIds: ["help"] },
    cid: { role: "supervisor", departmentIds: ["sales", "help"] },
  },
  config: {
    departments: [
      { departmentId: "sales", name: "Sales" },
      { departmentId: "help", name: "Help" },
      { departmentId: "none", name: "Nobody's" },
      {
        departmentId: "closed",
        name: "Closed",
        hours: { weekly: [{ day: 0, from: "09:00", to: "09:01" }] },
      },
    ],
  },
};

function give(page: SitePage, chatId: ChatId, to: string, commandId = page.bench.ids.command()) {
  const target = to.startsWith("@")
    ? { type: "department", departmentId: departmentIdSchema.parse(to.slice(1)) } as const
    : { type: "agent", agentId: agentIdSchema.parse(to) } as const;
  return page.send({ type: "transfer_chat", commandId, chatId, to: target });
}

Deno.test("[TR1] a transfer to an agent gives it the chat at once; who gave it is out", () => {
  const bench = new SiteBench(options);
  const ana = bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  const ben = bench.agent("ben");
  visitor.take();
  ben.take();
  const commandId = bench.ids.command();
  const frames = give(ana, chatId, "ben", commandId);
  assert.equal(onlyOf(frames, "done").commandId, commandId);
  assert.equal(onlyOf(frames, "chat_left").chatId, chatId);
  assert.equal(bench.chat(chatId).agentId, "ben");
  const shown = ofType(visitor.take(), "entry").map(({ entry }) => entry.kind);
  assert.deepEqual(shown, ["chat_transferred", "agent_joined"]);
  const decided = bench.facts.length;
  assert.deepEqual(give(ana, chatId, "ben", commandId), [{ type: "done", commandId, chatId }]);
  assert.equal(bench.facts.length, decided, "its repeat changes nothing");
  visitor.post(chatId, "hello Ben");
  assert.deepEqual(ana.take(), [], "who is out hears nothing more");
  assert.equal(refusal(ana.post(chatId, "wait")), "not_in_chat chatId");
});

Deno.test("[TR1] [RT1] the agent that gave a chat away takes the next waiting one at once", () => {
  const bench = new SiteBench(options);
  const ana = bench.agent("ana");
  const chatId = bench.visitor().requestChat();
  bench.agent("ben");
  const visitor = bench.visitor();
  const commandId = bench.ids.command();
  visitor.send({
    type: "request_chat",
    commandId,
    departmentId: departmentIdSchema.parse("sales"),
  });
  const [waiting] = bench.waitingChats(departmentIdSchema.parse("sales"));
  assert.ok(waiting !== undefined, "its agent is full");
  give(ana, chatId, "ben");
  assert.equal(bench.chat(waiting).agentId, "ana");
});

const unfit: readonly (readonly [string, (bench: SiteBench) => void, string, string])[] = [
  [
    "offline",
    (bench) => void bench.agent("ben", "offline"),
    "ben",
    "target_unavailable to.agentId",
  ],
  ["away", (bench) => void bench.agent("ben", "away"), "ben", "target_unavailable to.agentId"],
  ["never there", () => {}, "ben", "target_unavailable to.agentId"],
  [
    "absent",
    (bench) => {
      bench.agent("ben").lose();
      bench.advance(limits.presenceGraceMs);
    },
    "ben",
    "target_unavailable to.agentId",
  ],
  ["at its limit", full, "ben", "agent_at_limit to.agentId"],
  ["unknown", () => {}, "zoe", "unknown_agent to.agentId"],
  ["who has it", () => {}, "ana", "bad_frame to.agentId"],
];
function full(bench: SiteBench): void {
  bench.agent("ben");
  bench.visitor().requestChat();
}
for (const [why, make, to, code] of unfit) {
  Deno.test(`[TR1] a transfer to an agent that is ${why} is refused and changes nothing`, () => {
    const bench = new SiteBench(options);
    const ana = bench.agent("ana");
    const chatId = bench.visitor().requestChat();
    make(bench);
    const decided = bench.facts.length;
    ana.take();
    assert.equal(refusal(give(ana, chatId, to)), code);
    assert.equal(bench.chat(chatId).agentId, "ana");
    assert.equal(bench.facts.length, decided);
  });
}

Deno.test("[TR2] a transfer to a department waits there by when the chat was asked for", () => {
  const bench = new SiteBench({ ...options, mode: "manual" });
  const ana = bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  ana.accept(chatId);
  bench.advance(5_000);
  const help = departmentIdSchema.parse("help");
  const commandId = bench.ids.command();
  bench.visitor().send({ type: "request_chat", commandId, departmentId: help });
  visitor.take();
  const frames = give(ana, chatId, "@help");
  assert.equal(onlyOf(frames, "chat_left").chatId, chatId);
  assert.equal(bench.waitingChats(help)[0], chatId);
  const { state } = onlyOf(visitor.take(), "chat").chat;
  assert.equal(state.state === "waiting" ? state.position : state.state, 1);
});

Deno.test("[TR2] it goes on at once when somebody of the department is free", () => {
  const bench = new SiteBench(options);
  const ana = bench.agent("ana");
  const chatId = bench.visitor().requestChat();
  bench.agent("ben");
  give(ana, chatId, "@help");
  assert.equal(bench.chat(chatId).agentId, "ben");
});

const departments = [
  ["closed", "target_unavailable to.departmentId"],
  ["gone", "unknown_department to.departmentId"],
] as const;
for (const [departmentId, code] of departments) {
  Deno.test(`[TR2] a transfer to a department that is ${departmentId} is refused`, () => {
    const bench = new SiteBench(options);
    const ana = bench.agent("ana");
    const chatId = bench.visitor().requestChat();
    ana.take();
    assert.equal(refusal(give(ana, chatId, `@${departmentId}`)), code);
    assert.equal(bench.chat(chatId).agentId, "ana");
  });
}

Deno.test("[TR2] a department without agents keeps it waiting", () => {
  const bench = new SiteBench(options);
  const ana = bench.agent("ana");
  const chatId = bench.visitor().requestChat();
  give(ana, chatId, "@none");
  assert.deepEqual(bench.waitingChats(departmentIdSchema.parse("none")), [chatId]);
});

Deno.test("[TR2] a given chat does not come back by itself until somebody else had it", () => {
  const bench = new SiteBench(options);
  const ana = bench.agent("ana");
  const chatId = bench.visitor().requestChat();
  give(ana, chatId, "@sales");
  assert.equal(bench.chat(chatId).agentId, undefined);
  assert.equal(onlyOf(ana.accept(chatId), "done").type, "done", "it may take it itself");
  const ben = bench.agent("ben");
  give(ana, chatId, "@help");
  assert.equal(bench.chat(chatId).agentId, "ben");
  give(ben, chatId, "@sales");
  assert.equal(bench.chat(chatId).agentId, "ana", "handed back");
});

Deno.test("[TR3] a supervisor gives away a chat that another agent has; an agent may not", () => {
  const bench = new SiteBench(options);
  const ana = bench.agent("ana");
  const chatId = bench.visitor().requestChat();
  const cid = bench.agent("cid");
  const ben = bench.agent("ben");
  ana.take();
  assert.equal(refusal(give(ben, chatId, "ben")), "not_in_chat chatId");
  const commandId = bench.ids.command();
  assert.equal(onlyOf(give(cid, chatId, "ben", commandId), "done").chatId, chatId);
  assert.equal(onlyOf(ana.take(), "chat_left").chatId, chatId);
  assert.equal(bench.chat(chatId).agentId, "ben");
  assert.equal(refusal(give(ben, chatId, "cid", commandId)), "id_reused commandId");
  assert.equal(onlyOf(cid.endChat(chatId), "done").chatId, chatId);
  assert.equal(bench.chat(chatId).state.state, "ended");
  assert.equal(refusal(give(cid, chatId, "ben")), "not_in_chat chatId");
  assert.equal(refusal(give(ben, chatId, "cid")), "chat_ended chatId");
});
