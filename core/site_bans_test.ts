import assert from "node:assert/strict";
import { benchConfig, SiteBench } from "../tests/harness/site_bench.ts";
import { onlyOf, refusal, type SitePage } from "../tests/harness/site_page.ts";
import { durableStateOf } from "../tests/harness/durable_state.ts";
import type { Ban } from "./ban.ts";
import { visitorIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";
import type { NounSnapshot } from "./noun.ts";
import { SiteState } from "./site_state.ts";

const staff = { ben: { role: "supervisor" } } as const;

/** The site with these bans in its configuration. */
function configure(bench: SiteBench, bans: readonly Ban[]): void {
  bench.handle({
    type: "config_changed",
    config: benchConfig({ staff, config: { bans: [...bans] as never } }), // branded ids are kept
  });
}

/** A site on which ana banned vik, and what a consumer of agent.ban writes of that. */
function banned() {
  const bench = new SiteBench({ staff });
  const [ana, ben, vik] = [bench.agent("ana"), bench.agent("ben"), bench.visitor()];
  const visitorId = visitorIdSchema.parse(
    vik.session.type === "visitor" ? vik.session.visitorId : "",
  );
  const banId = bench.ids.command();
  const target = { type: "visitor", visitorId } as const;
  ana.send({ type: "ban", commandId: banId, target });
  const copy: Ban = { banId, target };
  return { bench, ana, ben, vik, banId, copy };
}

function lift(bench: SiteBench, by: SitePage, banId: string) {
  return by.send({ type: "lift_ban", commandId: bench.ids.command(), banId });
}

function isKeptOut(vik: SitePage): boolean {
  vik.connect();
  return vik.closedWith === "banned";
}

Deno.test("[SC6] a ban that the configuration took over counts once, and is the configuration's", () => {
  const { bench, ana, vik, banId, copy } = banned();
  const { bans } = bench.site.state;
  assert.deepEqual([bans.count, bans.size], [1, 1]);
  configure(bench, [copy]);
  assert.deepEqual([bans.count, bans.size, [...bans.all()].length], [1, 0, 1]);
  bench.restart();
  assert.ok(isKeptOut(vik));
  const again = bench.agent("ana");
  onlyOf(
    again.send({ type: "ban", commandId: ana.bench.ids.command(), target: copy.target }),
    "done",
  );
  const repeated = again.send({
    type: "ban",
    commandId: banId as never, // the commandId that made it
    target: { type: "address", address: "192.0.2.1" },
  });
  assert.equal(refusal(repeated), "id_reused");
});

Deno.test("[SC6] who takes it out of the configuration has lifted it, before or after its copy was noted", () => {
  const { bench, vik, copy } = banned();
  configure(bench, [copy]);
  configure(bench, []);
  assert.equal(isKeptOut(vik), false);
  bench.restart();
  assert.equal(isKeptOut(vik), false);
  assert.equal(bench.jobsOf("agent.ban").length, 1, "nobody is told what the configuration knows");
});

Deno.test("[SC6] a configuration that never had the ban lifts nothing", () => {
  const { bench, vik, copy } = banned();
  configure(bench, []);
  assert.ok(isKeptOut(vik));
  configure(bench, [{ ...copy, banId: "another", target: { type: "address", address: "::1" } }]);
  configure(bench, []);
  assert.ok(isKeptOut(vik));
});

// When the copy comes, and when the lift: after each step vik is let in or kept out.
const ways: readonly [string, readonly ("lift" | "copy" | "other" | "restart" | "out")[]][] = [
  ["the copy was there, and is for a moment", ["copy", "lift", "copy", "restart", "out"]],
  ["the copy comes late", ["lift", "copy", "restart", "copy", "out"]],
  ["another change comes before the late copy", ["lift", "other", "restart", "copy", "out"]],
];
for (const [what, steps] of ways) {
  Deno.test(`[SC6] a lifted ban counts no more although ${what}`, () => {
    const { bench, vik, banId, copy } = banned();
    let ben = bench.agent("ben");
    for (const [place, step] of steps.entries()) {
      if (step === "lift") onlyOf(lift(bench, ben, banId), "done");
      else if (step === "restart") {
        bench.restart();
        ben = bench.agent("ben");
      } else configure(bench, step === "copy" ? [copy] : []);
      if (place >= steps.indexOf("lift")) assert.equal(isKeptOut(vik), false, `after ${step}`);
    }
    assert.deepEqual(bench.jobsOf("agent.ban").map(({ uniqueId }) => uniqueId), [
      `${banId}/set`,
      `${banId}/lifted`,
    ]);
    bench.advance(limits.banLiftKeptMs);
    assert.equal(bench.site.state.bans.lifted.size, 0, "nothing is remembered for ever");
  });
}

Deno.test("[SC6] that a ban was lifted is remembered while the configuration has it, then no more", () => {
  const { bench, ben, vik, banId, copy } = banned();
  configure(bench, [copy]);
  lift(bench, ben, banId);
  bench.advance(2 * limits.banLiftKeptMs);
  assert.equal(bench.site.state.bans.lifted.size, 1);
  assert.equal(isKeptOut(vik), false);
  configure(bench, []);
  assert.equal(bench.site.state.bans.lifted.size, 0);
  configure(bench, [copy]);
  assert.ok(isKeptOut(vik), "one that is written anew counts");
});

Deno.test("[SC6] a ban of the configuration alone that is lifted here is told to be taken out there", () => {
  const bench = new SiteBench({ staff });
  const ben = bench.agent("ben");
  const eva = bench.visitor("192.0.2.7");
  configure(bench, [{ banId: "b1", target: { type: "address", address: "192.0.2.0/24" } }]);
  assert.ok(isKeptOut(eva));
  onlyOf(lift(bench, ben, "b1"), "done");
  assert.equal(isKeptOut(eva), false);
  const [job] = bench.jobsOf("agent.ban");
  assert.deepEqual([job?.uniqueId, job?.payload["lifted"]], ["b1/lifted", true]);
  assert.equal(refusal(lift(bench, ben, "b1")), "unknown_ban banId");
});

Deno.test("[SC6] lifts and copies are in what is saved, and recovered from it", () => {
  const { bench, ben, banId } = banned();
  lift(bench, ben, banId);
  const { state } = bench.site;
  const saved: NounSnapshot | undefined = state.snapshot("ban", banId);
  assert.deepEqual(saved, { noun: "lifted_ban", banId, at: bench.at });
  const again = new SiteState(state.config);
  again.restore(saved);
  assert.deepEqual([...again.bans.lifted], [...state.bans.lifted]);
  const replayed = new SiteState(state.config);
  for (const fact of bench.facts) replayed.apply(structuredClone(fact));
  assert.deepEqual(durableStateOf(replayed), durableStateOf(state));
});

Deno.test("[SC6] an old journal's lift is one of a ban that stood here alone", () => {
  const { bench, vik, banId } = banned();
  bench.facts.push({ type: "ban_lifted", banId, at: bench.at });
  bench.restart();
  assert.equal(isKeptOut(vik), false);
  assert.equal(bench.site.state.bans.lifted.size, 0);
});

Deno.test("[SC6] many bans are taken over and out a bounded number at once", () => {
  const bench = new SiteBench({ staff });
  const ana = bench.agent("ana");
  const copies = Array.from({ length: 100 }, (_, n): Ban => ({
    banId: bench.ids.command(),
    target: { type: "address", address: `192.0.2.${n}` },
  }));
  for (const { banId, target } of copies) {
    ana.send({ type: "ban", commandId: banId as never, target }); // made as one above
  }
  let most = 0;
  bench.decided = ({ facts }) => most = Math.max(most, facts.length);
  configure(bench, copies);
  configure(bench, []);
  bench.advance(0);
  assert.ok(most <= limits.factsPerEvent, `${most} facts in one event`);
  assert.deepEqual([bench.site.state.bans.count, bench.visitor("192.0.2.7").closedWith], [
    0,
    undefined,
  ]);
});
