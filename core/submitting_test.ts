import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { onlyOf, refusal } from "../tests/harness/site_page.ts";

Deno.test("[OM1] an offline message is taken once, also over a restart, and must fit its form", () => {
  const fields = [{ fieldId: "email", label: "E-mail", type: "email" as const, required: true }];
  const campaign = { campaignId: "shop", name: "Shop", offlineForm: { fields } };
  const bench = new SiteBench({ config: { campaigns: [campaign] } });
  const visitor = bench.visitor();
  visitor.take();
  const commandId = bench.ids.command();
  const message = { type: "submit_offline_message", commandId, text: "call me" } as const;
  assert.equal(refusal(visitor.send(message)), "bad_answer fields.email");
  assert.equal(refusal(visitor.send({ ...message, email: "?" })), "bad_answer email");
  const whole = { ...message, email: "vik@example.org" };
  assert.equal(onlyOf(visitor.send(whole), "done").commandId, commandId);
  bench.restart();
  visitor.connect();
  assert.equal(onlyOf(visitor.send(whole), "done").commandId, commandId);
  assert.deepEqual(bench.jobsOf("offlineMessage.submit").map((job) => job.uniqueId), [commandId]);
});

Deno.test("[OM1] who left an offline message is known, wherever its page put the answer", () => {
  const fields = [{ fieldId: "email", label: "E-mail", type: "email" as const, required: true }];
  const campaign = { campaignId: "shop", name: "Shop", offlineForm: { fields } };
  const bench = new SiteBench({ config: { campaigns: [campaign] } });
  const visitor = bench.visitor();
  const message = { type: "submit_offline_message", text: "call me" } as const;
  const answers = { name: "Vik", email: "vik@example.org" };
  visitor.send({ ...message, ...answers, commandId: bench.ids.command() });
  visitor.send({ ...message, fields: answers, commandId: bench.ids.command() });
  const bad = { ...message, commandId: bench.ids.command(), fields: { email: "?" } };
  assert.equal(refusal(visitor.send(bad)), "bad_answer fields.email");
  assert.deepEqual(
    bench.jobsOf("offlineMessage.submit").map(({ payload: { name, email } }) => ({ name, email })),
    [answers, answers],
  );
});

Deno.test("[CV1] a conversion is logged once, of the page or of the agent of the chat", () => {
  const bench = new SiteBench({ mode: "manual" });
  const [ana, visitor] = [bench.agent("ana"), bench.visitor()];
  const chatId = visitor.requestChat();
  visitor.take();
  const said = {
    type: "capture_conversion",
    commandId: bench.ids.command(),
    goal: "order",
  } as const;
  visitor.send(said);
  visitor.send(said);
  const commandId = bench.ids.command();
  const noted = { type: "capture_chat_conversion", commandId, chatId, goal: "order" } as const;
  assert.equal(refusal(ana.send(noted)), "not_in_chat chatId");
  ana.accept(chatId);
  ana.send(noted);
  ana.send(noted);
  const ids = bench.jobsOf("conversion.log").map((job) => job.uniqueId);
  assert.deepEqual(ids, [said.commandId, commandId]);
});

Deno.test("[PF1] an agent's preferences are those saved last, over a restart, too", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  const save = (preferences: string) =>
    ana.send({ type: "save_preferences", commandId: bench.ids.command(), preferences });
  save("{}");
  save('{"sound":true}');
  bench.restart();
  const { self } = onlyOf(ana.connect(), "welcome");
  assert.ok(self.type === "agent");
  assert.equal(self.preferences, '{"sound":true}');
  assert.equal(bench.jobsOf("agent.savePreference").length, 2);
});
