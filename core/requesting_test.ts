import assert from "node:assert/strict";
import { type BenchOptions, SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, refusal, type SitePage } from "../tests/harness/site_page.ts";
import type { ChatId } from "./ids.ts";
import { limits } from "./limits.ts";
import { visitorFrameSchema } from "./protocol.ts";
import type { VisitorFrame } from "./protocol.ts";

type Request = Omit<Extract<VisitorFrame, { type: "request_chat" }>, "type" | "commandId">;

/** What came back, read as the edge would. */
function ask(visitor: SitePage, request: Record<string, unknown> = {}) {
  const commandId = visitor.bench.ids.command();
  const frame = { type: "request_chat", commandId, ...(request as Request) } as const; // as said
  return visitor.send(frame);
}

const preChat = {
  fields: [
    { fieldId: "name", label: "Name", required: true },
    { fieldId: "email", label: "E-mail", type: "email" },
    { fieldId: "topic", label: "Topic", type: "select", options: ["order", "other"] },
    { fieldId: "terms", label: "Terms", type: "checkbox", required: true },
    { fieldId: "more", label: "More", type: "checkboxes", options: ["a", "b"] },
    { fieldId: "phone", label: "Phone", type: "phone" },
  ],
} as const;
const good = { name: "Vik", terms: "true" };
const withForm: BenchOptions = {
  config: {
    campaigns: [{
      campaignId: "shop",
      name: "Shop",
      // The schema takes lists that may be changed.
      preChat: structuredClone(preChat) as unknown as { fields: [] },
    }],
  },
};

const answers: readonly (readonly [string, Record<string, unknown>, string])[] = [
  ["nothing", {}, "bad_answer fields.name"],
  ["blanks for what is required", { fields: { ...good, name: "  " } }, "bad_answer fields.name"],
  ["no address", { fields: { ...good, email: "vik" } }, "bad_answer fields.email"],
  ["no address apart", { fields: good, email: "vik" }, "bad_answer email"],
  [
    "a far too long address",
    { fields: { ...good, email: `a@${".".repeat(4000)}` } },
    "bad_answer fields.email",
  ],
  ["another option", { fields: { ...good, topic: "pizza" } }, "bad_answer fields.topic"],
  ["another of several", { fields: { ...good, more: "a\nc" } }, "bad_answer fields.more"],
  ["an unchecked box", { fields: { ...good, terms: "false" } }, "bad_answer fields.terms"],
  ["no number", { fields: { ...good, phone: "call me" } }, "bad_answer fields.phone"],
  ["what was not asked", { fields: { ...good, shoe: "42" } }, "bad_answer fields.shoe"],
  ["an unknown campaign", { campaignId: "none", fields: good }, "unknown_campaign campaignId"],
  [
    "an unknown department",
    { departmentId: "no", fields: good },
    "unknown_department departmentId",
  ],
];
for (const [what, request, code] of answers) {
  Deno.test(`[PC1] a pre-chat form answered by ${what} is refused with the field`, () => {
    const bench = new SiteBench(withForm);
    const visitor = bench.visitor();
    assert.equal(refusal(ask(visitor, request)), code);
    assert.equal(bench.site.state.chats.size, 0);
  });
}

Deno.test("[PC1] good answers are kept with the chat, name and address as the visitor's own", () => {
  const bench = new SiteBench(withForm);
  const fields = { ...good, email: "vik@example.com", topic: "order", more: "a\nb" };
  const frames = ask(bench.visitor(), { fields });
  const [{ chat } = { chat: undefined }] = ofType(frames, "chat");
  assert.equal(chat?.visitor.name, "Vik");
  assert.equal(chat.visitor.email, "vik@example.com");
  assert.equal(chat.visitor.fields?.["topic"], "order");
  assert.equal(chat.campaignId, "shop", "the first campaign is the default");
});

const over: readonly (readonly [string, Record<string, string>])[] = [
  ["too many fields", Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`f${n}`, "x"]))],
  ["too long an answer", { topic: "x".repeat(limits.fieldCharsMax + 1) }],
  ["too much in all", { a: "x".repeat(4_000), b: "x".repeat(4_000), c: "x".repeat(193) }],
];
for (const [what, fields] of over) {
  Deno.test(`[PC1] a form with ${what} is refused at the edge with the field`, () => {
    const commandId = new SiteBench().ids.command();
    const parsed = visitorFrameSchema.safeParse({ type: "request_chat", commandId, fields });
    assert.equal(parsed.error?.issues[0]?.path[0], "fields");
  });
}

Deno.test("[CP1] a campaign's chats go to its department, unless the visitor chose one", () => {
  const departments = [{ departmentId: "sales", name: "S" }, { departmentId: "help", name: "H" }];
  const bench = new SiteBench({
    config: {
      departments,
      campaigns: [
        { campaignId: "shop", name: "Shop", departmentId: "sales" },
        { campaignId: "docs", name: "Docs", departmentId: "help" },
      ],
    },
  });
  const cases = [
    [{}, "shop", "sales"],
    [{ campaignId: "docs" }, "docs", "help"],
    [{ campaignId: "docs", departmentId: "sales" }, "docs", "sales"],
  ] as const;
  for (const [request, campaignId, departmentId] of cases) {
    const { chat } = onlyOf(ask(bench.visitor(), request), "chat");
    assert.deepEqual([chat.campaignId, chat.departmentId], [campaignId, departmentId]);
  }
});

Deno.test("[QU1] a full queue refuses, but not who gets an agent at once", () => {
  const bench = new SiteBench({ agents: { ana: 1 }, config: { queue: { lengthMax: 1 } } });
  const ana = bench.agent("ana");
  const first = bench.visitor().requestChat();
  assert.equal(onlyOf(ask(bench.visitor()), "done").type, "done");
  assert.equal(refusal(ask(bench.visitor())), "queue_full");
  ana.endChat(first);
  assert.equal(onlyOf(ask(bench.visitor()), "done").type, "done");
  const none = new SiteBench({ agents: { ana: 1 }, config: { queue: { lengthMax: 0 } } });
  assert.equal(refusal(ask(none.visitor())), "queue_full");
  none.agent("ana");
  assert.equal(onlyOf(ask(none.visitor()), "done").type, "done");
  assert.equal(refusal(ask(none.visitor())), "queue_full");
});

Deno.test("[QU1] with manual routing a free agent makes no room in the queue", () => {
  const bench = new SiteBench({ mode: "manual", config: { queue: { lengthMax: 1 } } });
  bench.agent("ana");
  bench.visitor().requestChat();
  const refused = onlyOf(ask(bench.visitor()), "refused");
  assert.deepEqual([refused.code, refused.retryable], ["queue_full", true]);
});

Deno.test("[QU2] [QU3] the estimate is that of the formula, and refuses when it is too long", () => {
  const bench = new SiteBench({
    agents: { ana: 2 },
    config: { queue: { estimatedWaitMsMax: 240_000 } },
  });
  const ana = bench.agent("ana");
  const first = bench.visitor().requestChat();
  bench.advance(120_000);
  ana.endChat(first);
  const [one, two] = [bench.visitor(), bench.visitor()];
  one.requestChat();
  two.requestChat();
  const waits = [1, 2, 3, 4].map(() => {
    const { state } = onlyOf(ask(bench.visitor()), "chat").chat;
    return state.state === "waiting" ? [state.position, state.estimateMs] : [];
  });
  assert.deepEqual(waits, [[1, 120_000], [2, 120_000], [3, 240_000], [4, 240_000]]);
  assert.equal(refusal(ask(bench.visitor())), "wait_too_long");
});

Deno.test("[QU2] there is no estimate while nobody is online or no chat has finished", () => {
  const bench = new SiteBench({ agents: { ana: 1 } });
  const estimateOf = () => {
    const { state } = onlyOf(ask(bench.visitor()), "chat").chat;
    return state.state === "waiting" ? state.estimateMs : state.state;
  };
  assert.equal(estimateOf(), undefined);
  const ana = bench.agent("ana");
  assert.equal(estimateOf(), undefined);
  const [own] = bench.site.state.ongoing.values();
  const [chatId] = own ?? [];
  bench.advance(60_000);
  if (chatId !== undefined) ana.endChat(chatId);
  assert.equal(estimateOf(), 60_000);
  ana.setStatus("away");
  assert.equal(estimateOf(), undefined);
});

Deno.test("[QU4] while nobody is online chats wait or are refused, as configured", () => {
  const departments = [
    { departmentId: "sales", name: "S", backupDepartmentId: "help" },
    { departmentId: "help", name: "H" },
  ];
  const bench = new SiteBench({
    staff: { ana: { departmentIds: ["help"] }, ben: { departmentIds: ["sales"] } },
    config: { departments, queue: { whileNobodyOnline: false } },
  });
  assert.equal(refusal(ask(bench.visitor())), "nobody_online");
  bench.agent("ana");
  assert.equal(onlyOf(ask(bench.visitor()), "done").type, "done");
  const commandId = bench.ids.command();
  const backed = { type: "request_chat", commandId, departmentId: "sales" } as never; // configured
  assert.equal(onlyOf(bench.visitor().send(backed), "done").type, "done");
  const waits = new SiteBench();
  assert.equal(onlyOf(ask(waits.visitor()), "done").type, "done");
});

Deno.test("[QU5] a chat that waited for too long ends, counted from when it came to the queue", () => {
  const bench = new SiteBench({ config: { queue: { waitMsMax: 60_000 } } });
  const ana = bench.agent("ana");
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  bench.advance(300_000);
  const to = { type: "department", departmentId: "d" } as never; // configured below
  const { config } = bench.site.state;
  const departments = [{ departmentId: "d" as never, name: "D" }]; // a name of a department
  bench.handle({ type: "config_changed", config: { ...config, departments } });
  ana.send({ type: "transfer_chat", commandId: bench.ids.command(), chatId, to });
  bench.advance(59_000);
  assert.equal(bench.chat(chatId).state.state, "waiting", "its long chat is no long wait");
  assert.equal(reasonOf(bench, chatId, 2_000), "wait_too_long");
});

function reasonOf(bench: SiteBench, chatId: ChatId, afterMs: number): string {
  bench.advance(afterMs);
  const { state } = bench.chat(chatId);
  return state.state === "ended" ? state.reason : state.state;
}

Deno.test("[IN5] a silent agent's chat goes to somebody else, and not back to who was silent", () => {
  const bench = new SiteBench({
    inactivity: { warnAfterMs: 600_000, endAfterMs: 300_000, agentSilentMs: 60_000 },
  });
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  visitor.post(chatId, "hello?");
  ana.note(chatId, "I know this one");
  bench.advance(60_000);
  assert.equal(bench.chat(chatId).agentId, "ben");
  assert.equal(ofType(ana.take(), "chat_left").length, 1);
  bench.advance(60_000);
  assert.equal(bench.chat(chatId).state.state, "waiting", "both were silent");
  assert.deepEqual([...bench.chat(chatId).declined.values()], ["missed", "missed"]);
  ben.take();
  assert.equal(onlyOf(ana.accept(chatId), "done").type, "done");
  ana.post(chatId, "here I am");
  bench.advance(599_000);
  assert.equal(bench.chat(chatId).agentId, "ana");
});

Deno.test("[IN1] monitors do not put off the end of a chat in which nobody writes", () => {
  const bench = new SiteBench({
    staff: { ben: { role: "supervisor" } },
    inactivity: { warnAfterMs: 60_000, endAfterMs: 30_000 },
  });
  bench.agent("ana");
  const chatId = bench.visitor().requestChat();
  bench.advance(61_000);
  const ben = bench.agent("ben", "away");
  const commandId = bench.ids.command();
  ben.send({ type: "join_chat", commandId, chatId, mode: "monitoring" });
  assert.equal(reasonOf(bench, chatId, 30_000), "inactive");
});
