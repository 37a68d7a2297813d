import assert from "node:assert/strict";
import { SiteBench } from "../tests/harness/site_bench.ts";
import { ackedEntry, onlyOf, refusal, type SitePage } from "../tests/harness/site_page.ts";
import { Site } from "./site.ts";
import { agentIdSchema } from "./ids.ts";

const agents = { ana: 3, ben: 3, cyd: 3 };

function writes(page: SitePage, to: string, text: string, messageId = page.bench.ids.message()) {
  return page.send({ type: "post_private", to: agentIdSchema.parse(to), messageId, text });
}

Deno.test("[PM1] a private message reaches the other agent and nobody else", () => {
  const bench = new SiteBench({ agents, staff: { cyd: { role: "admin" } } });
  const [ana, ben, cyd] = [bench.agent("ana"), bench.agent("ben"), bench.agent("cyd")];
  const visitor = bench.visitor();
  visitor.take();
  const entry = ackedEntry(writes(ana, "ben", "lunch?"));
  assert.equal(entry.chatId, "~ana~ben");
  assert.equal(onlyOf(ben.take(), "entry").entry.text, "lunch?");
  assert.deepEqual([cyd.take(), visitor.take()], [[], []]);
  assert.equal(refusal(cyd.getEntries(entry.chatId)), "not_in_chat chatId");
  assert.equal(refusal(visitor.getEntries(entry.chatId)), "not_in_chat chatId");
});

Deno.test("[PM2] the same private message is acknowledged again, other content is refused", () => {
  const bench = new SiteBench({ agents });
  const ana = bench.agent("ana");
  const messageId = bench.ids.message();
  const entry = ackedEntry(writes(ana, "ben", "lunch?", messageId));
  assert.deepEqual(ackedEntry(writes(ana, "ben", "lunch?", messageId)), entry);
  assert.equal(refusal(writes(ana, "ben", "dinner?", messageId)), "id_reused messageId");
  assert.equal(refusal(writes(ana, "ana", "me")), "unknown_agent to");
  assert.equal(refusal(writes(ana, "zoe", "you")), "unknown_agent to");
});

Deno.test("[PM3] a thread that the node lost whole is uploaded by its agents", () => {
  const bench = new SiteBench({ agents });
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  const entry = ackedEntry(writes(ana, "ben", "lunch?"));
  bench.takeOver(new Site(bench.site.state.config));
  ben.connect();
  const have = { [entry.chatId]: { [`${entry.tenure}/staff`]: 1 } };
  assert.equal(onlyOf(ana.connect({ chats: have }), "want_entries").chatId, entry.chatId);
  assert.equal(onlyOf(ana.upload(entry.chatId, [entry]), "uploaded").accepted, 1);
  assert.equal(onlyOf(ben.take(), "entry").entry.text, "lunch?");
});
