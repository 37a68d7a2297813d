import assert from "node:assert/strict";
import { ConfigDamaged } from "../cache/known_sites.ts";
import { siteIdSchema } from "../core/ids.ts";
import { queueNames } from "../mq/definitions.ts";
import { distribution } from "../mq/distribution.ts";
import { EffectsBench, idsIn } from "../tests/harness/effects_bench.ts";
import { persistedMessages, told } from "../tests/harness/effect_table.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { consumers, laterQueues } from "./consumers.ts";
import { persistence } from "./persistence.ts";

const { siteId } = told;
const all = queueNames().map(({ queueName }) => queueName);
const distributed = persistedMessages.filter(({ queue }) => queue in distribution);

/** A site with every integration that there is. */
const everything = {
  email: { chatEndTo: ["a@example.org"], offlineMessageTo: ["a@example.org"] },
  ticket: { onChatEnd: true, onOfflineMessage: true },
  webhooks: [{
    webhookId: "one",
    url: "https://example.org/hook",
    secret: `whsec_${btoa("x".repeat(32))}`,
    events: ["chat.end" as const, "offlineMessage.submit" as const, "agent.wrapup" as const],
  }],
  salesforce: { instanceUrl: "https://acme.my.salesforce.com" },
  zendesk: { subdomain: "acme" },
};
const fullSite = benchConfig({ config: { integrations: everything } });

Deno.test("[OB9] every queue that is defined has one consumer, or stands among the later ones", () => {
  assert.deepEqual([...Object.keys(consumers), ...laterQueues].toSorted(), all.toSorted());
});

Deno.test("[OB9] no queue has two consumers, of which the table would hide one", () => {
  const named = [
    ...Object.keys(distribution),
    ...Object.keys(persistence),
    "chat.end.persistence",
    "agent.ban.configuration",
  ];
  assert.equal(new Set(named).size, named.length);
  assert.deepEqual(Object.keys(consumers).toSorted(), named.toSorted());
});

Deno.test("[OB9] the later queues are those whose consumers call somebody else's system", () => {
  const callsNeighbour = /\.(email|ticket|webhook|salesforce|zendesk|transcript)$/;
  const later = all.filter((name) => callsNeighbour.test(name));
  assert.deepEqual(laterQueues.toSorted(), later.toSorted());
});

for (const prefix of ["", "eu."]) {
  Deno.test(`[OB9] each consumer takes from its own queue, prefix "${prefix}"`, async () => {
    await using bench = await EffectsBench.start({ prefix });
    assert.deepEqual([...bench.consumers.byQueue.keys()], Object.keys(consumers));
    for (const name of Object.keys(consumers)) {
      const payload = { stranger: name };
      const queueName = prefix + name;
      const message = { queueName, uniqueId: `poison of ${name}`, payload, at: bench.clock.now() };
      await bench.queue.setAside(message, "by an older build");
      await bench.queue.replay(queueName, message.uniqueId);
    }
    await bench.settle();
    for (const [name, consumer] of bench.consumers.byQueue) {
      assert.deepEqual({ ...consumer.counts }, { done: 0, retried: 0, dead: 1, lost: 0 }, name);
    }
    for (const name of laterQueues) {
      await bench.queue.setAside({
        ...{ queueName: prefix + name, uniqueId: "waits", payload: {}, at: bench.clock.now() },
      }, "for the adapters");
      await bench.queue.replay(prefix + name, "waits");
    }
    await bench.settle();
    for (const name of laterQueues) assert.deepEqual(await bench.counts(prefix + name), [1, 0, 0]);
  });
}

Deno.test("[OB9] of a site that was removed events go to the archive alone", async () => {
  await using bench = await EffectsBench.start({ configs: [fullSite] });
  const change = { siteId, by: "operator", what: "site.remove", at: bench.clock.now() };
  const result = await bench.configs.change({ ...change, edit: () => null });
  assert.equal(result.type, "written");
  for (const { queue, uniqueId, payload } of distributed) {
    await bench.publish(queue, uniqueId, payload);
  }
  await bench.settle();
  assert.deepEqual(
    bench.asked.map(({ queueName }) => queueName).toSorted(),
    distributed.map(({ consumed }) => consumed).toSorted(),
  );
  for (const { queue } of distributed) assert.deepEqual(await bench.counts(queue), [0, 0, 0]);
  for (const name of laterQueues) assert.deepEqual(await idsIn(bench.queue, name), [], name);
  assert.equal((await bench.archive.chats(siteId, { limit: 10 })).items.length, 1);
});

Deno.test("[OB9] the longest site id that there may be is taken for a site that was removed", async () => {
  await using bench = await EffectsBench.start();
  const long = siteIdSchema.parse("x".repeat(64));
  const [end] = distributed;
  assert.ok(end);
  await bench.publish(end.queue, end.uniqueId, { ...end.payload, siteId: long });
  await bench.settle();
  assert.equal((await bench.archive.chats(long, { limit: 10 })).items.length, 1);
});

Deno.test("[OB9] while configurations cannot be read, events wait and lose no consumer", async () => {
  await using bench = await EffectsBench.start({ configs: [fullSite] });
  const { load } = bench.configs;
  bench.configs.load = () => Promise.reject(new Error("the disk does not answer"));
  const [end] = distributed;
  assert.ok(end);
  await bench.publish(end.queue, end.uniqueId, end.payload);
  await bench.pass(1_500_000, 5_000);
  assert.deepEqual(await bench.counts("chat.end"), [0, 1, 0]);
  bench.configs.load = load;
  await bench.pass(32_000);
  assert.deepEqual(await idsIn(bench.queue, "chat.end.zendesk"), [end.uniqueId]);
});

Deno.test("[OB9] a site whose configuration is damaged holds up no other, and ops are told", async () => {
  await using bench = await EffectsBench.start({ configs: [fullSite] });
  const broken = siteIdSchema.parse("broken");
  const { load } = bench.configs;
  bench.configs.load = (id) =>
    id === broken
      ? Promise.reject(new ConfigDamaged(id, new Error("cut off")))
      : load.call(bench.configs, id);
  const [end] = distributed;
  assert.ok(end);
  await bench.publish(end.queue, "of broken", { ...end.payload, siteId: broken });
  await bench.publish(end.queue, end.uniqueId, end.payload);
  await bench.settle();
  assert.deepEqual(await idsIn(bench.queue, "chat.end.zendesk"), [end.uniqueId]);
  await bench.pass(3 * 3_600_000, 60_000);
  const [letter] = await bench.deadLetters("chat.end");
  assert.match(letter?.error ?? "", /configuration of site "broken"/);
  // Mended by ops, who deliver it again.
  bench.configs.load = load;
  assert.ok(await bench.queue.replay("chat.end", "of broken"));
  await bench.settle();
  assert.equal((await bench.archive.chats(broken, { limit: 10 })).items.length, 1);
});
