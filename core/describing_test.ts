import assert from "node:assert/strict";
import { type BenchOptions, SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, refusal, type SitePage } from "../tests/harness/site_page.ts";
import { visitorIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";

const idOf = ({ session }: SitePage) =>
  visitorIdSchema.parse(session.type === "visitor" ? session.visitorId : "");
const names = Array.from({ length: 20 }, (_, n) => `v${n}`);
const options: BenchOptions = {
  config: { customVariables: [{ name: "plan" }, ...names.map((name) => ({ name }))] },
};

function setVariables(
  page: SitePage,
  variables: Record<string, string>,
  id = page.bench.ids.command(),
) {
  return page.send({ type: "set_variables", commandId: id, variables });
}

Deno.test("[VL4] custom variables reach the agents of the visitor's chat, those set before it too", () => {
  const bench = new SiteBench(options);
  const ana = bench.agent("ana");
  const vik = bench.visitor();
  onlyOf(setVariables(vik, { plan: "free", v1: "x" }), "done");
  const chatId = vik.requestChat();
  assert.deepEqual(ofType(ana.take(), "chat")[0]?.chat.visitor.variables, {
    plan: "free",
    v1: "x",
  });
  setVariables(vik, { plan: "pro", v1: "" });
  assert.deepEqual(ofType(ana.take(), "chat")[0]?.chat.visitor.variables, { plan: "pro" });
  assert.ok(ofType(vik.take(), "chat").every(({ chat }) => chat.visitor.variables === undefined));
  const facts = bench.facts.length;
  setVariables(vik, { plan: "pro" });
  assert.equal(bench.facts.length, facts, "what changes nothing is not journaled");
  bench.restart();
  vik.connect();
  setVariables(vik, { v2: "y" });
  assert.deepEqual(bench.chat(chatId).visitor.variables, { plan: "pro", v2: "y" });
});

Deno.test("[VL4] a repeated set_variables is answered alike and takes nothing back", () => {
  const bench = new SiteBench(options);
  const vik = bench.visitor();
  const chatId = vik.requestChat();
  const commandId = bench.ids.command();
  setVariables(vik, { plan: "free" }, commandId);
  setVariables(vik, { plan: "pro" });
  onlyOf(setVariables(vik, { plan: "free" }, commandId), "done");
  assert.equal(bench.chat(chatId).visitor.variables["plan"], "pro");
});

Deno.test("[VL4] an unknown variable is named; all together have a limit, however they came", () => {
  const bench = new SiteBench(options);
  const vik = bench.visitor();
  assert.equal(
    refusal(setVariables(vik, { plan: "a", colour: "b" })),
    "unknown_variable variables.colour",
  );
  const long = "x".repeat(limits.variableCharsMax);
  for (const name of names.slice(0, 8)) onlyOf(setVariables(vik, { [name]: long }), "done");
  assert.equal(refusal(setVariables(vik, { plan: "x" })), "too_many variables");
  onlyOf(setVariables(vik, { v0: "", plan: "x" }), "done");
});

Deno.test("[VL5] an agent sets fields of its own chat's visitor, up to their limits", () => {
  const bench = new SiteBench();
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  const vik = bench.visitor();
  const chatId = vik.requestChat();
  const set = (by: SitePage, fields: Record<string, string>, commandId = bench.ids.command()) =>
    by.send({ type: "set_visitor", commandId, visitorId: idOf(vik), fields });
  const commandId = bench.ids.command();
  onlyOf(set(ana, { city: "Rome" }, commandId), "done");
  set(ana, { city: "Oslo" });
  onlyOf(set(ana, { city: "Rome" }, commandId), "done");
  assert.equal(bench.chat(chatId).visitor.fields["city"], "Oslo");
  assert.equal(refusal(set(ben, { city: "Bonn" })), "forbidden");
  const many = Object.fromEntries(
    Array.from({ length: limits.fieldsMax }, (_, n) => [`f${n}`, "x"]),
  );
  assert.equal(refusal(set(ana, many)), "too_many fields");
  const long = "x".repeat(limits.fieldCharsMax);
  onlyOf(set(ana, { f1: long }), "done");
  assert.equal(refusal(set(ana, { f2: long })), "too_many fields");
  assert.equal(bench.jobsOf("visitor.save").length, 3);
});

Deno.test("[VL6] an agent asks for all that is known of a visitor; of an untracked one only in its chat", () => {
  const bench = new SiteBench({ ...options, config: { ...options.config, trackedVisitorsMax: 1 } });
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  const [eva, vik] = [bench.visitor(), bench.visitor("192.0.2.7")];
  vik.send({ type: "view_page", url: "https://acme.com/a", title: "A" });
  setVariables(vik, { plan: "free" });
  const ask = (by: SitePage, whom: SitePage) =>
    by.send({ type: "get_visitor", visitorId: idOf(whom) });
  onlyOf(ask(ana, eva), "visitor");
  assert.equal(refusal(ask(ana, vik)), "unknown_visitor visitorId");
  const chatId = vik.requestChat();
  const [has, hasNot] = bench.chat(chatId).agentId === "ana" ? [ana, ben] : [ben, ana];
  has.take();
  hasNot.take();
  const answer = onlyOf(ask(has, vik), "visitor");
  assert.deepEqual([answer.pages.map(({ url }) => url), answer.variables, answer.address], [
    ["https://acme.com/a"],
    { plan: "free" },
    "192.0.2.7",
  ]);
  assert.equal(refusal(ask(hasNot, vik)), "unknown_visitor visitorId");
});
