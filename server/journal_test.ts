import assert from "node:assert/strict";
import fc from "fast-check";
import type { EngineFrame } from "../core/event.ts";
import { factVersion } from "../core/fact.ts";
import { type ChatId, chatIdSchema, commandIdSchema } from "../core/ids.ts";
import { jobsOfFact } from "../core/job.ts";
import { limits } from "../core/limits.ts";
import { durableStateOf, recoveredFrom } from "../tests/harness/durable_state.ts";
import { fixedUlid } from "../tests/harness/fixed_ids.ts";
import { MemoryJournalStore } from "../tests/harness/memory_journal_store.ts";
import { NodeBench, type NodePage } from "../tests/harness/node_bench.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { settled } from "../tests/harness/virtual_clock.ts";
import { Journal } from "./journal.ts";
import { DiskJournalStore } from "./journal_store_disk.ts";
import type { JournalStore } from "./journal_store.ts";

const config = benchConfig({ mode: "manual" });

const act = fc.record({
  does: fc.constantFrom(
    "visit",
    "post",
    "post",
    "post long",
    "accept",
    "note",
    "read",
    "end",
    "online",
    "away",
    "forget",
    "settle",
  ),
  who: fc.nat(5),
});
type Act = typeof act extends fc.Arbitrary<infer One> ? One : never;

/** Does acts, some of them in one commit, and leaves the node idle. */
async function doAll<Store extends JournalStore>(bench: NodeBench<Store>, acts: readonly Act[]) {
  const ana = bench.agent("ana");
  const visits: { page: NodePage; chatId: ChatId }[] = [];
  for (const { does, who } of acts) {
    const visit = visits[who % Math.max(1, visits.length)];
    if (does === "visit") {
      const page = bench.visitor();
      // Ids come from the visitors' clocks: they do not stand in order of asking.
      const commandId = commandIdSchema.parse(fixedUlid(visits.length * 7_919 % 1_000 + 5_000));
      page.send({ type: "request_chat", commandId });
      visits.push({ page, chatId: chatIdSchema.parse(commandId) });
    } else if (does === "settle") await bench.idle();
    else if (does === "forget") {
      await bench.idle();
      await bench.clock.advance(limits.endedChatKeptMs / 2 + 1);
    } else if (does === "online" || does === "away") {
      ana.send({ type: "set_status", commandId: bench.ids.command(), status: does });
    } else if (visit !== undefined) {
      const staff = does === "accept" || does === "note";
      (staff ? ana : visit.page).send(frameOf(bench, does, visit.chatId));
    }
  }
  await bench.idle();
}

function frameOf(bench: { ids: NodeBench["ids"] }, does: Act["does"], chatId: ChatId): EngineFrame {
  const commandId = bench.ids.command();
  const messageId = bench.ids.message();
  switch (does) {
    case "accept":
      return { type: "accept_chat", commandId, chatId };
    case "end":
      return { type: "end_chat", commandId, chatId };
    case "read":
      return { type: "mark_read", commandId, chatId, order: Number.MAX_SAFE_INTEGER };
    case "note":
      return { type: "post_note", chatId, messageId, text: "a note" };
    case "post long":
      return { type: "post_message", chatId, messageId, text: "long ".repeat(3_000) };
    default:
      return { type: "post_message", chatId, messageId, text: `hello ${messageId}` };
  }
}

for (const unsavedLogBytesMax of [0, 500, 20_000, 10_000_000]) {
  const when = `when ${unsavedLogBytesMax} bytes of log may stay unsaved`;
  Deno.test(`[JR2] [RS5A] what is recovered equals what was lost, ${when}`, async () => {
    const kept = { log: 0, noun: 0, segment: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 60 }), async (acts) => {
        const store = new MemoryJournalStore();
        const bench = await NodeBench.start({ store, unsavedLogBytesMax, configs: [config] });
        await doAll(bench, acts);
        const lost = durableStateOf(bench.slot().site.state);
        bench.stop();
        assert.deepEqual(durableStateOf(await recoveredFrom(store, config)), lost);
        kept.log += store.keys(["log"]).length;
        kept.noun += store.keys(["noun"]).length;
        kept.segment += store.keys(["segment"]).length;
      }),
      { numRuns: 60 },
    );
    assert.ok(kept.log > 60, "the runs were busy");
    if (unsavedLogBytesMax <= 500) assert.ok(kept.noun > 30 && kept.segment > 30);
  });
}

Deno.test("[JR2] over several starts, each of which saves more", async () => {
  const runs = fc.array(fc.array(act, { maxLength: 20 }), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(runs, async (lives) => {
      const store = new MemoryJournalStore();
      for (const acts of lives) {
        const bench = await NodeBench.start({ store, unsavedLogBytesMax: 300, configs: [config] });
        await doAll(bench, acts);
        const lost = durableStateOf(bench.slot().site.state);
        bench.stop();
        assert.deepEqual(durableStateOf(await recoveredFrom(store, config)), lost);
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("[JR2] on the disk, too", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 40 }), async (acts) => {
      const dir = await Deno.makeTempDir();
      const store = await DiskJournalStore.open(dir);
      const bench = await NodeBench.startOn(store, { unsavedLogBytesMax: 500, configs: [config] });
      await doAll(bench, acts);
      const lost = durableStateOf(bench.slot().site.state);
      bench.stop();
      const reopened = await DiskJournalStore.open(dir);
      assert.deepEqual(durableStateOf(await recoveredFrom(reopened, config)), lost);
      reopened.close();
      await Deno.remove(dir, { recursive: true });
    }),
    { numRuns: 5 },
  );
});

/** A chat with many segments: each of its messages was saved along with its own commit. */
async function chatOfSegments(store: MemoryJournalStore, count: number) {
  const bench = await NodeBench.start({ store, unsavedLogBytesMax: 0, configs: [config] });
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  for (let n = 0; n < count; n++) {
    visitor.post(chatId, `message ${n}`);
    await bench.idle();
  }
  return { bench, visitor, chatId };
}

Deno.test("[JR2] a long chat whose segments are more than one commit may delete is forgotten", async () => {
  const store = new MemoryJournalStore();
  const { bench, visitor, chatId } = await chatOfSegments(
    store,
    limits.commitMutationsMax * 2 + 50,
  );
  assert.ok(store.keys(["segment"]).length > limits.commitMutationsMax);
  visitor.send({ type: "end_chat", commandId: bench.ids.command(), chatId });
  await bench.idle();
  await bench.clock.advance(limits.endedChatKeptMs + 1);
  for (let n = 0; n < 3; n++) {
    bench.visitor().requestChat();
    await bench.idle();
  }
  assert.equal(bench.node.loop.counts.failed, 0, "no commit is larger than the store takes");
  bench.stop();
});

Deno.test("[JR3] jobs stand in the log with the facts that cause them, until they are relayed", async () => {
  const store = new MemoryJournalStore();
  const { bench, visitor, chatId } = await chatOfSegments(store, 3);
  visitor.send({ type: "end_chat", commandId: bench.ids.command(), chatId });
  for (let n = 0; n < 5; n++) {
    bench.visitor().requestChat();
    await bench.idle();
  }
  bench.stop();
  const journal = new Journal(store);
  await journal.readEnds();
  const jobs: string[] = [];
  for await (const { decisions } of journal.readLog(journal.relayed)) {
    for (const { site, facts, jobs: published = [] } of decisions) {
      const ended = facts.some((fact) => fact.type === "chat_ended");
      assert.equal(published.some((job) => job.queue === "chat.end"), ended);
      for (const job of [...facts.flatMap((fact) => jobsOfFact(site, fact)), ...published]) {
        jobs.push(job.queue);
      }
    }
  }
  assert.equal(jobs.filter((queue) => queue === "chat.message").length, 4, "3 and the end's own");
  assert.equal(jobs.filter((queue) => queue === "chat.end").length, 1);
  assert.equal(jobs.filter((queue) => queue === "chatQueue.log").length, 1);
});

Deno.test("[JR3] a record is deleted only when its nouns are saved and its jobs are relayed", async () => {
  const store = new MemoryJournalStore();
  const first = await chatOfSegments(store, 5);
  first.bench.stop();
  assert.equal(store.keys(["log"])[0]?.[1], 1, "nothing is relayed yet");
  const relayed = {
    key: ["cursor", "relayed"],
    value: new TextEncoder().encode(JSON.stringify({ seq: 4, bytes: 0 })),
  };
  await store.commit({ puts: [relayed], deletes: [], absent: undefined });
  const second = await NodeBench.start({ store, unsavedLogBytesMax: 0, configs: [config] });
  for (let n = 0; n < 5; n++) {
    second.visitor().requestChat();
    await second.idle();
  }
  assert.equal(store.keys(["log"])[0]?.[1], 5);
  const lost = durableStateOf(second.slot().site.state);
  second.stop();
  assert.deepEqual(durableStateOf(await recoveredFrom(store, config)), lost);
});

Deno.test("[JR5] a noun of a newer format is refused, with both versions", async () => {
  const store = new MemoryJournalStore();
  const saved = { v: factVersion + 1, seq: 1, noun: { noun: "site", tenure: "" } };
  const value = new TextEncoder().encode(JSON.stringify(saved));
  const puts = [{ key: ["noun", "acme", "site", ""], value }];
  await store.commit({ puts, deletes: [], absent: undefined });
  const message = new RegExp(`format is ${factVersion + 1}.*up to ${factVersion}`);
  await assert.rejects(recoveredFrom(store, config), { message });
});

Deno.test("[JR5] a log with a fact of a newer format is refused, not skipped", async () => {
  const store = new MemoryJournalStore();
  const decision = { site: "acme", facts: [{ type: "chat_rated", chatId: "c", stars: 5 }] };
  const value = new TextEncoder().encode(JSON.stringify(decision));
  await store.commit({ puts: [{ key: ["log", 1], value }], deletes: [], absent: undefined });
  await assert.rejects(recoveredFrom(store, config), { name: "AssertionFailed" });
});

Deno.test("[DB1A] the bytes kept are the same before and after a restart", async () => {
  for (const unsavedLogBytesMax of [0, 10_000_000]) {
    const store = new MemoryJournalStore();
    const { bench } = await chatOfSegments(store, 50);
    bench.stop();
    const again = await NodeBench.start({ store, unsavedLogBytesMax, configs: [config] });
    const share = again.journal.bytes / store.bytes;
    assert.ok(share > 0.9 && share < 1.1, `${again.journal.bytes} of ${store.bytes}`);
    again.stop();
  }
});

Deno.test("[DB1A] the bytes kept do not grow by nouns that are saved again or forgotten", async () => {
  const store = new MemoryJournalStore();
  const { bench } = await chatOfSegments(store, 200);
  const share = bench.journal.bytes / store.bytes;
  assert.ok(share > 0.9 && share < 1.1, `${bench.journal.bytes} of ${store.bytes}`);
  bench.stop();
});

Deno.test("[JR2] a mistake of ours at an event saves nothing of that event", async () => {
  const store = new MemoryJournalStore();
  const { bench, visitor, chatId } = await chatOfSegments(store, 3);
  const { state } = bench.slot().site;
  const kept = state.chats.get(chatId)?.log.entries.length;
  const apply = state.apply.bind(state);
  state.apply = (fact) => {
    apply(fact);
    if (fact.type === "message_accepted" && fact.entry.text === "half done") throw new Error("bug");
  };
  visitor.post(chatId, "sound");
  visitor.post(chatId, "half done");
  await bench.idle();
  bench.stop();
  const recovered = await recoveredFrom(store, config);
  const texts = recovered.chats.get(chatId)?.log.entries.map((entry) => entry.text);
  assert.deepEqual(texts?.slice(kept), ["sound"]);
});

Deno.test("[CL2] [RS5A] a site is rebuilt whole while another one commits", async () => {
  const store = new MemoryJournalStore();
  const configs = [config, benchConfig({ siteId: "busy", mode: "manual" })];
  const bench = await NodeBench.start({ store, unsavedLogBytesMax: 400, configs });
  const [visitor, busy] = [bench.visitor("acme"), bench.visitor("busy")];
  const [chatId, busyChat] = [visitor.requestChat(), busy.requestChat()];
  for (let n = 0; n < 5; n++) {
    visitor.post(chatId, `acme ${n}`);
    busy.post(busyChat, `busy ${n}`);
    await bench.idle();
  }
  const acked = visitor.take().filter((frame) => frame.type === "ack").length;
  // While acme's nouns are about to be read, the other site commits, which saves nouns.
  store.beforeList = async (prefix) => {
    if (prefix[0] !== "noun") return;
    for (let n = 0; n < 20; n++) {
      busy.post(busyChat, `meanwhile ${n}`);
      await settled();
    }
  };
  store.endings.push("fail");
  visitor.post(chatId, "lost");
  await bench.idle();
  store.beforeList = () => {};
  const texts = bench.slot().site.state.chats.get(chatId)?.log.entries.map(({ text }) => text);
  assert.equal(acked, 5);
  assert.deepEqual(texts, ["acme 0", "acme 1", "acme 2", "acme 3", "acme 4"]);
  const live = durableStateOf(bench.slot().site.state);
  bench.stop();
  assert.deepEqual(durableStateOf(await recoveredFrom(store, config)), live);
});

/** What the rebuild reads, one after the other; the other site commits right before it. */
for (const read of ["noun", "segment", "cursor", "log"]) {
  Deno.test(`[CL2] [RS5A] an ambiguous commit is kept while another saves before "${read}"`, async () => {
    const store = new MemoryJournalStore();
    const configs = [config, benchConfig({ siteId: "busy", mode: "manual" })];
    const bench = await NodeBench.start({ store, unsavedLogBytesMax: 0, configs });
    const [visitor, busy] = [bench.visitor("acme"), bench.visitor("busy")];
    const [chatId, busyChat] = [visitor.requestChat(), busy.requestChat()];
    // Until every noun of acme is saved.
    for (let n = 0; n < 5; n++) {
      busy.post(busyChat, `busy ${n}`);
      await bench.idle();
    }
    store.beforeList = async (prefix) => {
      if (prefix[0] !== read) return;
      for (let n = 0; n < 3; n++) {
        busy.post(busyChat, `meanwhile ${n}`);
        await settled();
        await bench.clock.advance(1);
      }
    };
    store.endings.push("commit but throw");
    visitor.post(chatId, "nobody knows");
    await bench.idle();
    store.beforeList = () => {};
    assert.equal(bench.slot().state, "serving");
    const live = bench.slot().site.state.chats.get(chatId)?.log.entries.map(({ text }) => text);
    assert.deepEqual(live, ["nobody knows"]);
    const lost = durableStateOf(bench.slot().site.state);
    assert.ok(store.commits > 9, "the other site was busy meanwhile");
    bench.stop();
    const recovered = await recoveredFrom(store, config);
    assert.deepEqual(durableStateOf(recovered), lost);
  });
}

Deno.test("[CL2] [JR2] segments that a failed commit left are neither written over nor left behind", async () => {
  const store = new MemoryJournalStore();
  const { bench, visitor, chatId } = await chatOfSegments(store, 5);
  const before = store.keys(["segment"]).length;
  let left = before;
  store.beforeList = (prefix) => {
    if (prefix[0] === "noun") left = store.keys(["segment"]).length;
  };
  store.endings.push("commit but throw");
  visitor.post(chatId, "nobody knows");
  await bench.idle();
  assert.equal(left, before + 1, "it left one behind");
  const { session } = visitor.connection;
  assert.ok(session);
  const again = bench.connect(session);
  for (let n = 0; n < 4; n++) {
    again.post(chatId, `after ${n}`);
    await bench.idle();
  }
  const lost = durableStateOf(bench.slot().site.state);
  assert.deepEqual(durableStateOf(await recoveredFrom(store, config)), lost);
  // Now the chat ends and is forgotten, with all its segments, while a commit fails once more.
  await bench.clock.advance(61_000);
  again.send({ type: "end_chat", commandId: bench.ids.command(), chatId });
  store.endings.push("commit", "commit but throw");
  await bench.idle();
  await bench.clock.advance(limits.endedChatKeptMs + 1);
  for (let n = 0; n < 4; n++) {
    bench.visitor().requestChat();
    await bench.idle();
  }
  assert.deepEqual(store.keys(["segment"]), []);
  const share = bench.journal.bytes / store.bytes;
  assert.ok(share > 0.9 && share < 1.1, `${bench.journal.bytes} of ${store.bytes}`);
  bench.stop();
});

Deno.test("[RS5A] a site whose configuration was missing at one start has lost nothing at the next", async () => {
  const store = new MemoryJournalStore();
  const busy = benchConfig({ siteId: "busy", mode: "manual" });
  const first = await NodeBench.start({ store, configs: [config, busy] });
  const visitor = first.visitor("acme");
  const chatId = visitor.requestChat();
  visitor.post(chatId, "hello");
  await first.idle();
  const lost = durableStateOf(first.slot().site.state);
  first.stop();
  const second = await NodeBench.start({ store, unsavedLogBytesMax: 0, configs: [busy] });
  const other = second.visitor("busy");
  const otherChat = other.requestChat();
  for (let n = 0; n < 5; n++) {
    other.post(otherChat, `busy ${n}`);
    await second.idle();
  }
  second.stop();
  assert.deepEqual(durableStateOf(await recoveredFrom(store, config)), lost);
});
