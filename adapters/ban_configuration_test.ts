import assert from "node:assert/strict";
import { ConfigDamaged } from "../cache/known_sites.ts";
import { limits } from "../core/limits.ts";
import type { SiteConfigInput } from "../core/site_config.ts";
import { EffectsBench } from "../tests/harness/effects_bench.ts";
import { told } from "../tests/harness/effect_table.ts";
import { until } from "../tests/harness/event_turns.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";

const { siteId, visitorId, agentId } = told;
const queueName = "agent.ban.configuration";
const target = { type: "visitor", visitorId } as const;
type Bans = NonNullable<SiteConfigInput["bans"]>;

/** A site with these bans already. */
const siteWith = (bans: Bans) => benchConfig({ config: { bans } });

/** Publishes that ana set the ban, or lifted it. */
async function publish(
  bench: EffectsBench,
  banId: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const how = more["lifted"] === true ? "lifted" : "set";
  await bench.publish("agent.ban", `${banId}/${how}`, {
    ...{ siteId, banId, target, until: null, agentId, lifted: false, comment: null },
    time: new Date(bench.clock.now()).toISOString(),
    ...more,
  });
}

const iso = (at: number) => new Date(at).toISOString();

async function banIds(bench: EffectsBench): Promise<string[]> {
  return (await bench.config(siteId)).bans.map(({ banId }) => banId);
}

Deno.test("[OB8] a ban that an agent set stands in the configuration, with who, why and until", async () => {
  await using bench = await EffectsBench.start();
  const ends = bench.clock.now() + 3_600_000;
  const comment = "x".repeat(limits.commentCharsMax + 1);
  await publish(bench, "b-1", { comment, until: iso(ends) });
  const range = { type: "address", address: "192.0.2.0/24" };
  await publish(bench, "b-2", { target: range });
  await bench.settle();
  const { bans, version } = await bench.config(siteId);
  assert.deepEqual(bans, [
    { banId: "b-1", target, agentId, until: ends, comment: comment.slice(1) },
    { banId: "b-2", target: range, agentId },
  ]);
  assert.equal(version, 3);
  const rows = await bench.configStore.auditRows(siteId, { limit: 2 });
  assert.deepEqual(rows.map(({ by, what }) => `${by} ${what}`), [
    "queue:agent.ban bans.add b-2",
    "queue:agent.ban bans.add b-1",
  ]);
  assert.deepEqual(await bench.counts(queueName), [0, 0, 0]);
});

Deno.test("[OB8] [SC8] a comment that no configuration takes is written as far as one does", async () => {
  await using bench = await EffectsBench.start();
  await publish(bench, "b-1", { comment: "a\0b \ud83d" });
  await bench.settle();
  const { bans } = await bench.config(siteId);
  assert.deepEqual(bans, [{ banId: "b-1", target, agentId, comment: "ab \ufffd" }]);
  assert.deepEqual(await bench.counts(queueName), [0, 0, 0]);
});

Deno.test("[OB8] a lifted ban is taken out, the others stay, as ana's and as an admin's", async () => {
  await using bench = await EffectsBench.start({
    configs: [siteWith([{ banId: "b-1", target }, { banId: "b-2", target }])],
  });
  await publish(bench, "b-1", { lifted: true });
  await bench.settle();
  assert.deepEqual(await banIds(bench), ["b-2"]);
  assert.deepEqual(await bench.counts(queueName), [0, 0, 0]);
  const [row] = await bench.configStore.auditRows(siteId, { limit: 1 });
  assert.equal(row?.what, "bans.remove b-1");
});

Deno.test("[OB8] a repeat changes nothing", async () => {
  await using bench = await EffectsBench.start();
  await publish(bench, "b-1");
  await bench.settle();
  const ban = { siteId, banId: "b-1", target, until: null, agentId, lifted: false };
  const payload = { ...ban, comment: "otherwise", time: told.time };
  await bench.repeat(queueName, "b-1/set", payload);
  const { version, bans } = await bench.config(siteId);
  assert.deepEqual(bans, [{ banId: "b-1", target, agentId }]);
  assert.equal(version, 2);
});

Deno.test("[OB8] an over ban is not written, and those that are over go with the next one", async () => {
  await using bench = await EffectsBench.start({
    configs: [siteWith([{ banId: "over", target, until: 5 }, { banId: "holds", target }])],
  });
  await publish(bench, "b-1", { until: iso(bench.clock.now()) });
  await bench.settle();
  assert.deepEqual(await banIds(bench), ["over", "holds"]);
  await publish(bench, "b-2", { until: iso(bench.clock.now() + 1_000) });
  await bench.settle();
  assert.deepEqual(await banIds(bench), ["holds", "b-2"]);
});

Deno.test("[OB8] lifted first: the ban that comes behind is not set, and nothing waits on", async () => {
  await using bench = await EffectsBench.start();
  await publish(bench, "b-1", { lifted: true });
  await bench.settle();
  await publish(bench, "b-1");
  await bench.settle();
  assert.deepEqual(await banIds(bench), []);
  await bench.pass(62_000);
  assert.deepEqual(await bench.counts(queueName), [0, 0, 0]);
  assert.equal((await bench.config(siteId)).version, 1);
});

Deno.test("[OB8] lifted first, and the process died between them: it ends lifted all the same", async () => {
  const dir = await Deno.makeTempDir();
  {
    await using bench = await EffectsBench.start({ dir });
    await publish(bench, "b-1", { lifted: true });
    await bench.settle();
    assert.deepEqual(await bench.counts(queueName), [0, 1, 0], "it waits for its ban");
    await bench.restart();
    await publish(bench, "b-1");
    await bench.settle();
    await bench.pass(62_000);
    assert.deepEqual(await banIds(bench), []);
    assert.deepEqual(await bench.counts(queueName), [0, 0, 0]);
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[OB8] set and lifted while configuration is written elsewhere: both wait, it ends lifted", async () => {
  await using bench = await EffectsBench.start();
  bench.isConfigWritable = false;
  await publish(bench, "b-1");
  await publish(bench, "b-2");
  await until(async () => (await bench.counts(queueName))[1] === 2, "they wait");
  await publish(bench, "b-1", { lifted: true });
  // Longer than all attempts of messages that fail for a reason of their own.
  await bench.pass(1_500_000, 5_000);
  assert.deepEqual(await banIds(bench), []);
  assert.equal((await bench.config(siteId)).version, 1, "nothing is written here");
  assert.deepEqual((await bench.counts(queueName))[2], 0);
  bench.isConfigWritable = true;
  await bench.pass(95_000);
  assert.deepEqual(await banIds(bench), ["b-2"]);
  assert.deepEqual(await bench.counts(queueName), [0, 0, 0]);
});

Deno.test("[OB8] a store that does not answer uses up no attempt", async () => {
  await using bench = await EffectsBench.start();
  const { write } = bench.configStore;
  bench.configStore.write = () => Promise.reject(new Error("the disk is full"));
  await publish(bench, "b-1");
  await bench.pass(1_500_000, 5_000);
  assert.deepEqual(await bench.counts(queueName), [0, 1, 0]);
  bench.configStore.write = write;
  await bench.pass(32_000);
  assert.deepEqual(await banIds(bench), ["b-1"]);
  assert.deepEqual(await bench.counts(queueName), [0, 0, 0]);
});

Deno.test("[OB8] a site whose configuration is damaged holds up no other, and ops are told", async () => {
  await using bench = await EffectsBench.start({
    configs: [benchConfig({ siteId: "broken" }), benchConfig()],
  });
  const { change } = bench.configs;
  bench.configs.change = (wanted) =>
    wanted.siteId === "broken"
      ? Promise.reject(new ConfigDamaged(wanted.siteId, new Error("cut off")))
      : change.call(bench.configs, wanted);
  await publish(bench, "b-0", { siteId: "broken" });
  await publish(bench, "b-1");
  await bench.settle();
  assert.deepEqual(await banIds(bench), ["b-1"]);
  await bench.pass(3 * 3_600_000, 60_000);
  const [letter] = await bench.deadLetters(queueName);
  assert.match(letter?.error ?? "", /configuration of site "broken"/);
});

Deno.test("[OB8] a ban of a site that is gone is over with the site", async () => {
  await using bench = await EffectsBench.start();
  await publish(bench, "b-1", { siteId: "gone" });
  await publish(bench, "b-1/other", { siteId: "gone", lifted: true });
  await bench.settle();
  assert.deepEqual(await bench.counts(queueName), [0, 0, 0]);
  assert.equal(bench.configStore.kept.has(siteId), true);
  assert.equal(bench.configStore.kept.size, 1);
});

Deno.test("[OB8] a ban that the configuration cannot hold is a dead letter, with the path", async () => {
  const filler = { banId: "", target, comment: "x".repeat(limits.commentCharsMax) };
  const count = Math.floor(limits.configBytesMax / JSON.stringify(filler).length) - 1;
  const bans = Array.from({ length: count }, (_, n) => ({ ...filler, banId: `${n}` }));
  await using bench = await EffectsBench.start({ configs: [siteWith(bans)] });
  const long = "y".repeat(limits.commentCharsMax);
  for (const banId of ["b-1", "b-2", "b-3"]) await publish(bench, banId, { comment: long });
  await until(async () => (await bench.counts(queueName))[2] > 0, "one is dead");
  await bench.settle();
  const [letter] = await bench.deadLetters(queueName);
  assert.match(letter?.error ?? "", /^configuration: .* bytes/);
  assert.equal(letter?.attempts, 1);
  const dead = (await bench.counts(queueName))[2];
  assert.equal((await bench.config(siteId)).bans.length, count + 3 - dead);
  // What an admin takes out leaves space.
  await bench.configs.put(benchConfig());
  for (const { uniqueId } of await bench.deadLetters(queueName)) {
    await bench.queue.replay(queueName, uniqueId);
  }
  await bench.settle();
  assert.ok((await banIds(bench)).includes("b-3"));
});

Deno.test("[OB8] others who change the site all the time: it is tried again", async () => {
  await using bench = await EffectsBench.start();
  const { change } = bench.configs;
  bench.configs.change = () => Promise.resolve({ type: "conflict", version: 9 });
  await publish(bench, "b-1");
  await until(async () => (await bench.counts(queueName))[1] === 1, "it waits");
  bench.configs.change = change;
  await bench.pass(2_000);
  assert.deepEqual(await banIds(bench), ["b-1"]);
});

Deno.test("[OB8] killed between the configuration and the ack, it is there once", async () => {
  const dir = await Deno.makeTempDir();
  {
    await using bench = await EffectsBench.start({ dir });
    const { write } = bench.configStore;
    await bench.queue.pause(queueName);
    await publish(bench, "b-1");
    await bench.settle();
    bench.configStore.write = async (wanted) => {
      const result = await write.call(bench.configStore, wanted);
      bench.die();
      return result;
    };
    await bench.queue.resume(queueName);
    await until(async () => (await banIds(bench)).length === 1, "it is written");
    bench.configStore.write = write;
    await bench.restart();
    await bench.settle();
    assert.deepEqual(await banIds(bench), ["b-1"]);
    assert.equal((await bench.config(siteId)).version, 2);
    assert.deepEqual(await bench.counts(queueName), [0, 0, 0]);
  }
  await Deno.remove(dir, { recursive: true });
});
