import assert from "node:assert/strict";
import { type BenchOptions, SiteBench } from "../tests/harness/site_bench.ts";
import { ofType, onlyOf, refusal, SitePage } from "../tests/harness/site_page.ts";
import type { SignedIn } from "./fact.ts";
import { visitorIdSchema } from "./ids.ts";

const vikram: SignedIn = { userId: "u-7", name: "Vikram", fields: { tier: "gold" } };
const key = "k".repeat(32);
const enforced: BenchOptions = {
  config: { signIn: { keys: [key], audience: "acme", enforce: true } },
};
const idOf = ({ session }: SitePage) =>
  visitorIdSchema.parse(session.type === "visitor" ? session.visitorId : "");

function signIn(page: SitePage, signedIn: SignedIn | { fault: string } = vikram) {
  const { bench, connection } = page;
  assert.ok(connection !== undefined);
  const commandId = bench.ids.command();
  bench.handle({ type: "visitor_signed_in", connection, commandId, signedIn });
  return page.take();
}

Deno.test("[SI1] where the site asks for it only who signed in gets a chat; agents see who it is", () => {
  const bench = new SiteBench(enforced);
  const ana = bench.agent("ana");
  ana.send({ type: "subscribe", lists: ["visitors"] });
  const vik = bench.visitor();
  const commandId = bench.ids.command();
  assert.equal(refusal(vik.send({ type: "request_chat", commandId })), "sign_in_required");
  assert.equal(refusal(signIn(vik, { fault: "exp: the token has expired" })), "bad_sign_in token");
  assert.equal(refusal(vik.send({ type: "request_chat", commandId })), "sign_in_required");
  onlyOf(signIn(vik), "done");
  vik.requestChat({ commandId });
  bench.advance(1_000);
  const frames = ana.take();
  assert.equal(ofType(frames, "chat").at(-1)?.chat.visitor.signedInAs, "u-7");
  const row = ofType(frames, "visitors").at(-1)?.changed.at(-1);
  assert.deepEqual([row?.signedIn, row?.name], [true, "Vikram"]);
});

Deno.test("[SI2] what the site signed is not overwritten by the page, a form or an agent", () => {
  const fields = ["tier", "note"].map((fieldId) => ({
    fieldId,
    label: fieldId,
    type: "text" as const,
  }));
  const campaigns = [{ campaignId: "main", name: "Main", preChat: { fields } }];
  const bench = new SiteBench({ config: { campaigns } });
  const ana = bench.agent("ana");
  const vik = bench.visitor();
  signIn(vik);
  const request = {
    type: "request_chat",
    commandId: bench.ids.command(),
    name: "Somebody",
    fields: { tier: "platinum", note: "hi" },
  } as const;
  onlyOf(vik.send(request), "done");
  onlyOf(vik.send(request), "done");
  const chat = onlyOf(vik.connect(), "welcome").chats[0];
  assert.deepEqual([chat?.visitor.name, chat?.visitor.fields], ["Vikram", {
    tier: "gold",
    note: "hi",
  }]);
  const set = (more: Record<string, unknown>) =>
    ana.send({
      type: "set_visitor",
      commandId: bench.ids.command(),
      visitorId: idOf(vik),
      ...more,
    });
  assert.equal(refusal(set({ name: "X" })), "forbidden name");
  assert.equal(refusal(set({ fields: { tier: "" } })), "forbidden fields.tier");
  onlyOf(set({ email: "vik@example.com", fields: { note: "vip" } }), "done");
});

Deno.test("[SI2] signing in during a chat takes the place of what was said, once", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  const vik = bench.visitor();
  const chatId = vik.requestChat({ name: "V" });
  ana.take();
  signIn(vik);
  signIn(vik);
  const frames = ana.take();
  assert.equal(ofType(frames, "chat").at(-1)?.chat.visitor.name, "Vikram");
  assert.equal(ofType(frames, "entry").length, 1);
  assert.equal(bench.chat(chatId).visitor.signedIn?.userId, "u-7");
});

Deno.test("[SI4] a sign-in is not restored: after a restart the page of a signed-in chat is asked again", () => {
  const bench = new SiteBench(enforced);
  bench.agent("ana");
  const vik = bench.visitor();
  signIn(vik);
  const chatId = vik.requestChat();
  bench.restart();
  const frames = vik.connect();
  assert.equal(onlyOf(frames, "sign_in_wanted").chatId, chatId);
  const { self } = onlyOf(frames, "welcome");
  assert.ok(self.type === "visitor" && !self.signedIn);
  vik.endChat(chatId);
  const commandId = bench.ids.command();
  assert.equal(refusal(vik.send({ type: "request_chat", commandId })), "sign_in_required");
  signIn(vik);
  onlyOf(vik.send({ type: "request_chat", commandId }), "done");
});

Deno.test("[SI3] a session that still carries the sign-in is signed in at once", () => {
  const bench = new SiteBench(enforced);
  const visitorId = bench.ids.visitor();
  const session = { type: "visitor", visitorId, visitId: "v", signedIn: vikram } as const;
  const vik = new SitePage(bench, session);
  const { self } = onlyOf(vik.connect(), "welcome");
  assert.ok(self.type === "visitor" && self.signedIn);
  const chatId = vik.requestChat();
  bench.restart();
  assert.deepEqual(ofType(vik.connect(), "sign_in_wanted"), []);
  assert.equal(bench.chat(chatId).visitor.signedIn?.userId, "u-7");
});
