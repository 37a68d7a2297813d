import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, refusal } from "../tests/harness/site_page.ts";

function chatting() {
  const bench = new SiteBench({
    mode: "manual",
    staff: { ben: { role: "supervisor" } },
    config: { wrapUpCategories: ["Shipping"], cannedMessages: [greeting] },
  });
  const [ana, ben, visitor] = [bench.agent("ana"), bench.agent("ben"), bench.visitor()];
  const chatId = visitor.requestChat();
  visitor.take();
  return { bench, ana, ben, visitor, chatId };
}
const greeting = { cannedId: "greeting", title: "Greeting", text: "Hello!" };

Deno.test("[WR1] a chat is wrapped up once, by an agent that had it, in a category of the site", () => {
  const { bench, ana, ben, chatId } = chatting();
  const commandId = bench.ids.command();
  const wrapUp = { type: "wrap_up_chat", chatId, category: "Shipping" } as const;
  ana.accept(chatId);
  assert.equal(
    refusal(ana.send({ ...wrapUp, commandId: bench.ids.command(), category: "?" })),
    "bad_answer category",
  );
  ana.endChat(chatId);
  ana.send({ ...wrapUp, commandId });
  bench.restart();
  ana.connect();
  ben.connect();
  assert.equal(onlyOf(ana.send({ ...wrapUp, commandId }), "done").chatId, chatId);
  assert.equal(
    refusal(ana.send({ ...wrapUp, commandId: bench.ids.command() })),
    "already_wrapped_up chatId",
  );
  assert.equal(
    refusal(ben.send({ ...wrapUp, commandId: bench.ids.command() })),
    "not_in_chat chatId",
  );
  assert.deepEqual(bench.jobsOf("agent.wrapup").map((job) => job.uniqueId), [
    `${chatId}/${commandId}`,
  ]);
});

Deno.test("[WR1] of a wrap-up the visitor is told nothing, its agent is", () => {
  const { bench, ana, visitor, chatId } = chatting();
  ana.accept(chatId);
  visitor.take();
  const commandId = bench.ids.command();
  const shown = onlyOf(ana.send({ type: "wrap_up_chat", commandId, chatId }), "chat");
  assert.equal(shown.chat.wrapUp?.agentId, "ana");
  assert.deepEqual(visitor.take(), []);
});

Deno.test("[RA1] a visitor rates its own chat once an agent was in it; a later rating replaces it", () => {
  const { bench, ana, visitor, chatId } = chatting();
  const rate = (score: number) =>
    ({ type: "rate_chat", commandId: bench.ids.command(), chatId, score }) as const;
  assert.equal(refusal(visitor.send(rate(5))), "not_chatted chatId");
  ana.accept(chatId);
  const stranger = bench.visitor();
  stranger.take();
  assert.equal(refusal(stranger.send(rate(1))), "not_in_chat chatId");
  visitor.take();
  visitor.send(rate(2));
  visitor.endChat(chatId);
  visitor.send(rate(4));
  assert.equal(bench.chat(chatId).registers.rating?.score, 4);
  assert.equal(bench.jobsOf("visitor.rating").length, 2);
});

Deno.test("[TS1] a transcript is mailed to everybody who asked for it, at the end or after it", () => {
  const { bench, ana, visitor, chatId } = chatting();
  const ask = (email: string) =>
    ({ type: "request_transcript", commandId: bench.ids.command(), chatId, email }) as const;
  ana.accept(chatId);
  ana.send(ask("boss@example.org"));
  visitor.send(ask("vik@example.org"));
  assert.equal(bench.jobsOf("chat.transcript").length, 0);
  visitor.endChat(chatId);
  visitor.send(ask("home@example.org"));
  assert.deepEqual(bench.jobsOf("chat.transcript").map(({ payload }) => payload["email"]), [
    "boss@example.org",
    "vik@example.org",
    "home@example.org",
  ]);
});

Deno.test("[TS1] nobody else is told who asked for a transcript", () => {
  const { bench, ana, visitor, chatId } = chatting();
  const ask = { type: "request_transcript", chatId, email: "vik@example.org" } as const;
  ana.accept(chatId);
  visitor.take();
  ana.send({ ...ask, commandId: bench.ids.command() });
  assert.deepEqual(visitor.take(), []);
  visitor.send({ ...ask, commandId: bench.ids.command() });
  assert.deepEqual(ana.take(), []);
});

Deno.test("[CA1] the use of a canned message is logged once; an unknown one is refused", () => {
  const { bench, ana, chatId } = chatting();
  const commandId = bench.ids.command();
  const use = { type: "use_canned", commandId, chatId, cannedId: "greeting" } as const;
  assert.equal(refusal(ana.send(use)), "not_in_chat chatId");
  ana.accept(chatId);
  assert.equal(refusal(ana.send({ ...use, cannedId: "?" })), "unknown_canned cannedId");
  ana.send(use);
  ana.send(use);
  assert.equal(bench.jobsOf("cannedMessage.useLog").length, 1);
});

Deno.test("[MO1] whoever monitors writes notes, and shows the visitor nothing", () => {
  const { bench, ana, ben, visitor, chatId } = chatting();
  ana.accept(chatId);
  const commandId = bench.ids.command();
  ben.send({ type: "join_chat", commandId, chatId, mode: "monitoring" });
  visitor.post(chatId, "hello");
  visitor.take();
  ben.take();
  assert.equal(ofType(ben.note(chatId, "be kind"), "ack").length, 1);
  const refused = [
    ben.post(chatId, "hi"),
    ben.send({ type: "typing", chatId, on: true }),
    ben.markRead(chatId, Number.MAX_SAFE_INTEGER),
  ];
  assert.deepEqual(refused.map(refusal), Array(3).fill("not_in_chat chatId"));
  assert.deepEqual(visitor.take(), []);
});

Deno.test("[JB1] a queue's row has the id of its stay, whichever node decided", () => {
  const { bench, ana, chatId } = chatting();
  bench.advance(5_000);
  ana.accept(chatId);
  ana.endChat(chatId);
  assert.deepEqual(bench.jobsOf("chatQueue.log").map((job) => job.uniqueId), [
    `${chatId}/queue/1`,
  ]);
  assert.equal(bench.jobsOf("chat.end")[0]?.payload["ifEnterQueue"], true);
});
