import assert from "node:assert/strict";
import { consumers, laterQueues } from "../adapters/consumers.ts";
import { ArchiveUnavailable } from "../archive/archive.ts";
import { KvArchive } from "../archive/archive_kv.ts";
import { compareEntries } from "../core/entry.ts";
import type { SiteConfigInput } from "../core/site_config.ts";
import { Parts } from "../server/parts.ts";
import { EffectsBench, idsIn } from "../tests/harness/effects_bench.ts";
import { passTime } from "../tests/harness/event_turns.ts";
import { HistoryBench } from "../tests/harness/history_bench.ts";
import { NodeBench } from "../tests/harness/node_bench.ts";
import { openQueue, passing } from "../tests/harness/queue_bench.ts";
import { daySite, daySiteId, liveDay, type SiteDay } from "../tests/harness/site_day.ts";
import { startJobsPart } from "./jobs_part.ts";

const webhook = (events: ("chat.end" | "offlineMessage.submit" | "agent.wrapup")[]) => ({
  webhookId: "hook",
  url: "https://example.org/hook",
  secret: `whsec_${btoa("x".repeat(32))}`,
  events,
});

/** Sites, and the queues of later consumers that their configurations ask for. */
const sites: readonly {
  readonly siteId: string;
  readonly integrations: SiteConfigInput["integrations"];
  readonly wants: readonly string[];
}[] = [
  { siteId: "plain", integrations: {}, wants: [] },
  {
    siteId: "mails",
    integrations: { email: { chatEndTo: ["a@example.org"] } },
    wants: ["chat.end.email"],
  },
  {
    siteId: "hooks",
    integrations: { webhooks: [webhook(["offlineMessage.submit", "agent.wrapup"])] },
    wants: ["offlineMessage.submit.webhook", "agent.wrapup.webhook"],
  },
  {
    siteId: "tickets",
    integrations: { ticket: { onChatEnd: true }, zendesk: { subdomain: "acme", onChatEnd: false } },
    wants: ["chat.end.ticket", "offlineMessage.submit.zendesk"],
  },
  {
    siteId: "all",
    integrations: {
      email: { chatEndTo: ["a@example.org"], offlineMessageTo: ["a@example.org"] },
      ticket: { onChatEnd: true, onOfflineMessage: true },
      webhooks: [webhook(["chat.end", "offlineMessage.submit", "agent.wrapup"])],
      salesforce: { instanceUrl: "https://acme.my.salesforce.com" },
      zendesk: { subdomain: "acme" },
    },
    wants: laterQueues.filter((name) => name !== "chat.transcript"),
  },
];

/** Lives a day on every site. Clients of all of them choose the same ids. */
async function liveDays(bench: NodeBench): Promise<Map<string, SiteDay>> {
  const days = new Map<string, SiteDay>();
  for (const { siteId } of sites) {
    bench.ids.rewind();
    days.set(siteId, await liveDay(bench, siteId));
  }
  return days;
}

const startNode = () =>
  NodeBench.start({
    configs: sites.map(({ siteId, integrations }) => daySite(siteId, integrations)),
  });

function dayOf(days: ReadonlyMap<string, SiteDay>, siteId: string): SiteDay {
  const day = days.get(siteId);
  assert.ok(day);
  return day;
}

/** Archive and configuration of a site are as its day was. */
async function assertKept(
  bench: EffectsBench,
  node: NodeBench,
  siteId: string,
  day: SiteDay,
): Promise<void> {
  const { archive } = bench;
  const id = daySiteId(siteId);
  const { chatId } = day;
  const chats = (await archive.chats(id, { limit: 10 })).items;
  assert.deepEqual(chats.map((chat) => [chat.chatId, chat.isIncomplete]), [[chatId, false]]);
  const [chat] = chats;
  assert.deepEqual(chat?.rating, { score: 4, comment: null });
  assert.deepEqual(chat?.wrapUp, { category: "sales", comment: null });
  const page = { stream: "all", limit: 100 } as const;
  const shown = (await archive.transcript(id, chatId, page)).items;
  const engine = [...node.slot(siteId).site.state.chats.values()]
    .find((one) => one.chatId === chatId)?.log.entries ?? [];
  assert.deepEqual(
    shown.map(({ isLate: _, ...entry }) => entry),
    engine.toSorted(compareEntries),
  );
  assert.deepEqual(
    shown.filter(({ kind }) => kind === "message").map(({ text }) => text),
    ["first", "second", "third"],
  );
  const offline = (await archive.offlineMessages(id, { limit: 10 })).items;
  assert.deepEqual(offline.map(({ messageId }) => messageId), [day.offlineMessageId]);
  const counts: Record<string, number> = {};
  for (const log of Object.keys(rowsOfDay) as (keyof typeof rowsOfDay)[]) { // its very keys
    const rows = (await archive.logRows(id, { log, limit: 10 })).items;
    counts[log] = rows.length;
    assert.ok(rows.every(({ rowId }) => !rowId.includes(siteId)), "what names it is of its site");
  }
  assert.deepEqual(counts, rowsOfDay);
  const [banId] = day.banIds;
  assert.deepEqual((await bench.config(id)).bans.map((ban) => ban.banId), [banId]);
}

/** Rows of each log that a day leads to. */
const rowsOfDay = {
  ...{ wrap_up: 1, rating: 1, canned_use: 1, private_message: 1, waiting_queue: 1 },
  ...{ agent_status: 2, invitation: 1, conversion: 1, ban: 3, visit: 1, visitor: 1, agent: 2 },
  preference: 1,
} as const;

/** The later queues hold exactly what the sites' configurations ask for. */
async function assertLaterQueues(
  bench: EffectsBench,
  days: ReadonlyMap<string, SiteDay>,
): Promise<void> {
  for (const name of laterQueues) {
    const expected = sites.filter(({ wants }) => wants.includes(name)).map(({ siteId }) => {
      const { chatId, offlineMessageId, wrapUpId } = dayOf(days, siteId);
      if (name.startsWith("chat.end.")) return `${siteId}/${chatId}`;
      const isWrapUp = name.startsWith("agent.wrapup.");
      return `${siteId}/${isWrapUp ? `${chatId}/${wrapUpId}` : offlineMessageId}`;
    });
    const transcripts = sites.map(({ siteId }) =>
      `${siteId}/${dayOf(days, siteId).chatId}/transcript/vik@example.org`
    );
    const all = name === "chat.transcript" ? transcripts : expected;
    assert.deepEqual((await idsIn(bench.queue, name)).toSorted(), all.toSorted(), name);
  }
}

async function assertWhole(
  bench: EffectsBench,
  node: NodeBench,
  days: ReadonlyMap<string, SiteDay>,
): Promise<void> {
  for (const name of Object.keys(consumers)) {
    assert.deepEqual(await bench.counts(name), [0, 0, 0], name);
  }
  for (const { siteId } of sites) await assertKept(bench, node, siteId, dayOf(days, siteId));
  await assertLaterQueues(bench, days);
}

function wasAskedTwice({ asked }: EffectsBench): boolean {
  return new Set(asked.map((one) => `${one.queueName} ${one.uniqueId}`)).size < asked.length;
}

Deno.test("[OB6 OB3 OB8] a day on five sites with the same ids: archive, bans and queues hold exactly what they should", async () => {
  const node = await startNode();
  {
    await using bench = await EffectsBench.start({ node });
    const days = await liveDays(node);
    await bench.relayed();
    await assertWhole(bench, node, days);
  }
  node.stop();
});

Deno.test("[OB6 OB4 OB8] the same with a queue and an archive that fail now and then", async () => {
  const node = await startNode();
  const days = await liveDays(node);
  {
    await using bench = await EffectsBench.start({ node });
    // The first one is the relay's.
    bench.failQueue((commit) => {
      if (commit === 1) return "before";
      if (commit % 5 === 0) return commit % 2 === 0 ? "after" : "after, blind";
      return commit % 3 === 0 ? "before" : undefined;
    });
    let calls = 0;
    bench.afterRecord = () => {
      calls += 1;
      // It is written, but whoever asked for it is not told.
      if (calls % 3 === 0) throw new ArchiveUnavailable("It did not answer");
    };
    // Less than a chat's end waits for its entries.
    await passTime(node.clock, 300_000, 2_000);
    assert.ok(wasAskedTwice(bench), "some effect was tried twice");
    assert.ok(bench.logged.some(({ event }) => event === "handler_failed"));
    assert.ok(bench.logged.some(({ event }) => event === "relay_failed"));
    bench.failQueue(undefined);
    bench.afterRecord = () => {};
    await bench.relayed();
    await assertWhole(bench, node, days);
  }
  node.stop();
});

Deno.test("[OB6 OB4 OB7] killed over and over while a day is relayed: each effect once", async () => {
  const dir = await Deno.makeTempDir();
  const node = await startNode();
  const days = await liveDays(node);
  {
    await using bench = await EffectsBench.start({ node, dir });
    for (let kill = 1; kill <= 8; kill++) {
      // At a transaction of the queue, and then between a record and its ack.
      if (kill % 2 === 1) bench.failQueue((commit) => commit === 3 * kill ? "dead" : undefined);
      else bench.afterRecord = () => bench.die();
      await passTime(node.clock, 40_000, 2_000);
      await bench.restart();
    }
    await bench.relayed();
    assert.ok(wasAskedTwice(bench), "some effect was tried twice");
    await assertWhole(bench, node, days);
  }
  node.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[OB8] the part that follows another's configuration keeps bans until it does no more", async () => {
  const node = await NodeBench.start({ configs: [daySite("acme")] });
  const { clock, configs, journal, log } = node;
  const queue = await openQueue(clock);
  const archive = await KvArchive.open({ path: ":memory:", now: () => clock.now() });
  const parts = new Parts(() => clock.now());
  parts.down("config-write", "configuration is written elsewhere");
  const jobs = startJobsPart({
    ...{ queue, archive, configs, journal, clock, log, parts },
    isBusy: () => false,
    isBehind: () => false,
  });
  const { banIds: [banId] } = await liveDay(node);
  await passing(clock, jobs.outbox.idle());
  await passTime(clock, 120_000, 2_000);
  const bans = () => configs.get(daySiteId("acme"))?.bans.map((ban) => ban.banId);
  assert.deepEqual(bans(), []);
  parts.up("config-write");
  await passTime(clock, 95_000, 2_000);
  assert.deepEqual(bans(), [banId]);
  await passing(clock, jobs.stop());
  await queue.close();
  await archive.close();
  node.stop();
});

Deno.test("[OB12] what an admin does to agents stands in the history of the site, without secrets", async () => {
  await using bench = await HistoryBench.start();
  const { admin, queue, archive, clock } = bench;
  const { deps, bench: { journal, log } } = admin.edge;
  const { configs, parts } = deps;
  const jobs = startJobsPart({
    ...{ queue, archive, configs, journal, clock, log, parts },
    isBusy: () => false,
    isBehind: () => false,
  });
  const write = async (method: string, path: string, body?: unknown) => {
    const { status } = await bench.call("admin", method, path, { ifMatch: "*", body });
    assert.ok(status < 300, `${method} ${path}: ${status}`);
    await passTime(clock, 2_000);
  };
  const zoe = { agentId: "zoe", name: "Zoe", password: "long enough 1", departmentIds: ["sales"] };
  await write("POST", "/agents", zoe);
  await write("PATCH", "/agents/zoe", { name: "Zoe Z.", disabled: true });
  await write("PATCH", "/agents/zoe", { chatLimit: 5 });
  await write("DELETE", "/agents/zoe");
  const rows = await bench.list("admin", "logs/agent?agentId=zoe");
  const was = { siteId: "acme", agentId: "zoe", departmentIds: ["sales"], role: "agent" };
  const bodies = rows.map(({ body }) => body as Record<string, unknown>); // as the schema has it
  assert.deepEqual(bodies.map(({ time: _, ...body }) => body), [
    { ...was, name: "Zoe Z.", disabled: true, removed: true, version: 5 },
    { ...was, name: "Zoe Z.", disabled: true, removed: false, version: 3 },
    { ...was, name: "Zoe", disabled: false, removed: false, version: 2 },
  ]);
  // The others were there when the bench put its site.
  const all = await bench.list("admin", "logs/agent");
  assert.deepEqual(all.map(({ agentId }) => agentId).slice(3).toSorted(), [
    ...["ada", "ana", "ben", "old", "sue"],
  ]);
  assert.doesNotMatch(JSON.stringify(all), /scrypt|password/i);
  await passing(clock, jobs.stop());
});
