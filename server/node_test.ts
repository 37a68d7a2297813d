import assert from "node:assert/strict";
import { type ChatId, siteIdSchema } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { MemoryConfigStore } from "../tests/harness/memory_config_store.ts";
import { MemoryJournalStore } from "../tests/harness/memory_journal_store.ts";
import { NodeBench, type NodePage } from "../tests/harness/node_bench.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";

const acme = siteIdSchema.parse("acme");
const config = benchConfig({ mode: "manual" });

/** What is changed through the cache, as an admin's route does it. */
async function change(bench: NodeBench, edit: (config: SiteConfig | undefined) => unknown) {
  const { configs, clock } = bench;
  const by = { by: "operator", what: "test", at: clock.now() };
  const result = await configs.change({ siteId: acme, ...by, edit });
  assert.equal(result.type, "written");
  await bench.idle();
}

/** A node on these stores, with a visitor who waits in a chat and has written. */
async function withChat(store: MemoryJournalStore, configStore: MemoryConfigStore) {
  const bench = await NodeBench.start({ store, configStore, configs: [config] });
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  visitor.post(chatId, "hello");
  await bench.idle();
  visitor.take();
  return { bench, visitor, chatId };
}

/** What was written in the chat, as far as the node knows it. */
function textsOf(bench: NodeBench, chatId: ChatId): string[] {
  const entries = bench.slot().site.state.chats.get(chatId)?.log.transcript() ?? [];
  return entries.filter(({ kind }) => kind === "message").map(({ text }) => text);
}

Deno.test("[CC8] a change is in force at once for those who chat", async () => {
  const { bench, visitor, chatId } = await withChat(
    new MemoryJournalStore(),
    new MemoryConfigStore(),
  );
  assert.deepEqual(bench.slot().site.state.waiting.size, 1);
  bench.agent("ana").send({ type: "set_status", commandId: bench.ids.command(), status: "online" });
  await bench.idle();
  assert.equal(bench.slot().site.state.waiting.size, 1, "agents choose their chats");
  await change(bench, (now) => ({ ...now, routing: { mode: "load_balancing" } }));
  assert.equal(bench.slot().site.state.waiting.size, 0, "now the chat goes to ana");
  assert.deepEqual(textsOf(bench, chatId), ["hello"]);
  assert.equal(visitor.socket.closedWith, undefined);
  bench.stop();
});

Deno.test("[CC8] a removed site closes its sockets for good, and has its chats when it is made again", async () => {
  const { bench, visitor, chatId } = await withChat(
    new MemoryJournalStore(),
    new MemoryConfigStore(),
  );
  await change(bench, () => null);
  assert.equal(visitor.socket.closedWith, "unknown_site");
  assert.equal(bench.node.slot(acme), undefined);
  await change(bench, () => ({ ...config, name: "Made again" }));
  assert.equal(bench.slot().site.state.config.name, "Made again");
  assert.deepEqual(textsOf(bench, chatId), ["hello"]);
  const back = bench.visitor();
  await bench.idle();
  assert.deepEqual(firstOf(back), "welcome");
  bench.stop();
});

Deno.test("[CC9] a site with a past is served under the configuration that it has at the start", async () => {
  const [store, configStore] = [new MemoryJournalStore(), new MemoryConfigStore()];
  const { bench, chatId } = await withChat(store, configStore);
  bench.stop();
  await change(bench, (now) => ({ ...now, name: "Renamed meanwhile" }));
  const again = await NodeBench.start({ store, configStore, configs: [] });
  assert.equal(again.slot().site.state.config.name, "Renamed meanwhile");
  assert.deepEqual(textsOf(again, chatId), ["hello"]);
  assert.equal(again.node.slot(siteIdSchema.parse("nobody")), undefined);
  again.stop();
});

Deno.test("[CC9] a site that was removed while the node was down keeps its past, unserved", async () => {
  const [store, configStore] = [new MemoryJournalStore(), new MemoryConfigStore()];
  const { bench, chatId } = await withChat(store, configStore);
  bench.stop();
  const kept = configStore.kept.get(acme);
  assert.ok(kept !== undefined);
  configStore.kept.delete(acme);
  const without = await NodeBench.start({ store, configStore, configs: [] });
  assert.equal(without.node.slot(acme), undefined);
  assert.equal(without.node.siteCount, 0);
  await change(without, () => ({ ...config, name: "Made again" }));
  assert.deepEqual(textsOf(without, chatId), ["hello"]);
  without.stop();
});

Deno.test("[CC9] a site whose configuration is damaged keeps its past, and the others are served", async () => {
  const [store, configStore] = [new MemoryJournalStore(), new MemoryConfigStore()];
  const { bench, chatId } = await withChat(store, configStore);
  bench.stop();
  const kept = configStore.kept.get(acme);
  assert.ok(kept !== undefined);
  configStore.kept.set(acme, { ...kept, json: "{" });
  const other = benchConfig({ siteId: "other" });
  const again = await NodeBench.start({ store, configStore, configs: [other] });
  assert.ok(again.logged.includes("config_damaged"));
  assert.equal(again.node.slot(acme), undefined);
  assert.equal(again.slot("other").site.state.config.name, "Acme");
  await again.configs.put(config);
  await again.idle();
  assert.deepEqual(textsOf(again, chatId), ["hello"], "repaired");
  again.stop();
});

/** The type of the first frame that came. */
function firstOf(page: NodePage): string | undefined {
  return page.takeTypes()[0];
}
