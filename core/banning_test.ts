import assert from "node:assert/strict";
import { benchConfig, type BenchOptions, SiteBench } from "../tests/harness/site_bench.ts";
import { onlyOf, refusal, type SitePage } from "../tests/harness/site_page.ts";
import type { BanTarget } from "./ban.ts";
import { visitorIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";

const idOf = ({ session }: SitePage) =>
  visitorIdSchema.parse(session.type === "visitor" ? session.visitorId : "");

function ban(bench: SiteBench, by: SitePage, target: BanTarget, until?: number) {
  const commandId = bench.ids.command();
  const frame = {
    type: "ban",
    commandId,
    target,
    ...(until === undefined ? {} : { until }),
  } as const;
  return { commandId, frame, answer: by.send(frame) };
}

const supervised: BenchOptions = { staff: { ben: { role: "supervisor" } } };

Deno.test("[BN2] a banned visitor's chat ends, its tabs are closed, and it is on no list", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  ana.send({ type: "subscribe", lists: ["visitors", "chats"] });
  const vik = bench.visitor();
  const tab = bench.anotherPage(vik);
  const chatId = vik.requestChat();
  bench.advance(limits.pushIntervalMs);
  ana.take();
  const { answer } = ban(bench, ana, { type: "visitor", visitorId: idOf(vik) });
  bench.advance(limits.pushIntervalMs);
  assert.deepEqual([vik.closedWith, tab.closedWith], ["banned", "banned"]);
  const state = bench.chat(chatId).state;
  assert.equal(state.state === "ended" && state.reason, "banned");
  const all = [...answer, ...ana.take()];
  assert.deepEqual(all.filter((one) => one.type === "visitors").flatMap((one) => one.removed), [
    idOf(vik),
  ]);
  assert.equal(bench.jobsOf("agent.ban").length, 1);
  assert.equal(bench.jobsOf("chat.end").length, 1);
  vik.connect();
  assert.equal(vik.closedWith, "banned");
});

Deno.test("[BN2] a chat ends with the ban although its visitor's page is gone", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  const vik = bench.visitor();
  const chatId = vik.requestChat();
  vik.lose();
  bench.advance(limits.presenceGraceMs + 1);
  assert.equal(bench.chat(chatId).state.state, "active");
  ban(bench, ana, { type: "visitor", visitorId: idOf(vik) });
  assert.equal(bench.chat(chatId).state.state, "ended");
});

Deno.test("[BN1] an address or a range bans whoever comes from there", () => {
  for (const address of ["192.0.2.7", "192.0.2.0/24", "::ffff:192.0.2.7"]) {
    const bench = new SiteBench();
    const ana = bench.agent("ana");
    const vik = bench.visitor("192.0.2.7");
    const eva = bench.visitor("198.51.100.1");
    ban(bench, ana, { type: "address", address });
    assert.deepEqual([vik.closedWith, eva.closedWith], ["banned", undefined]);
    assert.equal(bench.visitor("192.0.2.7").closedWith, "banned");
    assert.equal(bench.visitor("203.0.113.1").closedWith, undefined);
  }
});

Deno.test("[BN2] a range ban that ends more chats than one event may goes on with the next", () => {
  const bench = new SiteBench({ mode: "manual" });
  const ana = bench.agent("ana");
  const pages = Array.from({ length: 60 }, () => bench.visitor("192.0.2.7"));
  const chats = pages.map((page) => page.requestChat());
  bench.decided = ({ facts }) => assert.ok(facts.length <= limits.factsPerEvent + 8);
  ban(bench, ana, { type: "address", address: "192.0.2.0/24" });
  bench.advance(1);
  assert.ok(chats.every((chatId) => bench.chat(chatId).state.state === "ended"));
  assert.ok(pages.every((page) => page.closedWith === "banned"));
});

Deno.test("[BN3] a ban is lifted by who may, also one of the configuration; a repeat is answered alike", () => {
  const configured = {
    banId: "b1",
    target: { type: "address", address: "203.0.113.0/24" },
  } as const;
  const bench = new SiteBench({ ...supervised, config: { bans: [configured] } });
  const [ana, ben] = [bench.agent("ana"), bench.agent("ben")];
  const vik = bench.visitor();
  const { commandId: banId } = ban(bench, ana, { type: "visitor", visitorId: idOf(vik) });
  const lift = (by: SitePage, id: string, commandId = bench.ids.command()) =>
    by.send({ type: "lift_ban", commandId, banId: id });
  assert.equal(refusal(lift(ana, banId)), "forbidden");
  assert.equal(refusal(lift(ben, "b2")), "unknown_ban banId");
  assert.equal(refusal(lift(ana, "b1")), "forbidden");
  onlyOf(lift(ben, "b1"), "done");
  assert.equal(refusal(lift(ben, "b1")), "unknown_ban banId");
  const commandId = bench.ids.command();
  onlyOf(lift(ben, banId, commandId), "done");
  onlyOf(lift(ben, banId, commandId), "done");
  vik.connect();
  assert.equal(vik.closedWith, undefined);
  assert.equal(bench.jobsOf("agent.ban").length, 3);
});

Deno.test("[BN4] a ban with an end is over then, and forgotten", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  const vik = bench.visitor();
  ban(bench, ana, { type: "visitor", visitorId: idOf(vik) }, bench.at + 60_000);
  bench.restart();
  vik.connect();
  assert.equal(vik.closedWith, "banned");
  bench.advance(60_000);
  vik.connect();
  assert.equal(vik.closedWith, undefined);
  assert.equal(bench.site.state.bans.size, 0);
});

Deno.test("[BN5] bans survive a restart; those of the configuration come and go with it", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  const [vik, eva] = [bench.visitor(), bench.visitor("203.0.113.5")];
  const chatId = eva.requestChat();
  const { frame } = ban(bench, ana, { type: "visitor", visitorId: idOf(vik) });
  bench.restart();
  eva.connect();
  vik.connect();
  assert.equal(vik.closedWith, "banned");
  const bans = [{ banId: "b1", target: { type: "address", address: "203.0.113.0/24" } } as const];
  bench.handle({ type: "config_changed", config: benchConfig({ config: { bans } }) });
  assert.equal(eva.closedWith, "banned");
  assert.equal(bench.chat(chatId).state.state, "ended");
  bench.handle({ type: "config_changed", config: benchConfig() });
  eva.connect();
  assert.equal(eva.closedWith, undefined);
  vik.connect();
  assert.equal(vik.closedWith, "banned");
  const again = bench.agent("ana");
  const jobs = bench.jobs.length;
  onlyOf(again.send(frame), "done");
  assert.equal(bench.jobs.length, jobs, "a repeat is answered alike after a restart");
});

Deno.test("[BN1] the same commandId with another target is refused", () => {
  const bench = new SiteBench();
  const ana = bench.agent("ana");
  const { frame } = ban(bench, ana, { type: "address", address: "192.0.2.7" });
  const other = { ...frame, target: { type: "address", address: "192.0.2.8" } } as const;
  assert.equal(refusal(ana.send(other)), "id_reused");
});
