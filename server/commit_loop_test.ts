import assert from "node:assert/strict";
import { jobsOfFact, type QueueName, statistics } from "../core/job.ts";
import { limits } from "../core/limits.ts";
import { MemoryJournalStore } from "../tests/harness/memory_journal_store.ts";
import { NodeBench, type NodePage } from "../tests/harness/node_bench.ts";
import { benchConfig } from "../tests/harness/site_bench.ts";
import { settled } from "../tests/harness/virtual_clock.ts";
import { daySite, liveDay } from "../tests/harness/site_day.ts";
import { DiskBudget } from "./disk_budget.ts";
import { Journal } from "./journal.ts";

/** A node with a running chat between a visitor and ana. */
async function chatting(store = new MemoryJournalStore()) {
  const bench = await NodeBench.start({ store });
  const [ana, visitor] = [bench.agent("ana"), bench.visitor()];
  const chatId = visitor.requestChat();
  ana.send({ type: "set_status", commandId: bench.ids.command(), status: "online" });
  ana.send({ type: "accept_chat", commandId: bench.ids.command(), chatId });
  await bench.idle();
  ana.take();
  visitor.take();
  return { bench, store, ana, visitor, chatId };
}

function textsOf(bench: NodeBench, chatId: string): string[] {
  const chats = [...bench.slot().site.state.chats.values()];
  const chat = chats.find((one) => one.chatId === chatId);
  return chat?.log.entries.filter(({ kind }) => kind === "message").map(({ text }) => text) ?? [];
}

Deno.test("[MS1] neither the ack nor the other's entry leaves before the commit has ended", async () => {
  const { bench, store, ana, visitor, chatId } = await chatting();
  store.held = [];
  visitor.post(chatId, "hello");
  await bench.clock.advance(100);
  const commit = await store.takeHeld();
  assert.deepEqual([visitor.takeTypes(), ana.takeTypes()], [[], []]);
  const [record] = commit.write.puts;
  assert.match(new TextDecoder().decode(record?.value), /"text":"hello"/);
  commit.settle("commit");
  store.held = undefined;
  await bench.idle();
  assert.deepEqual([visitor.takeTypes(), ana.takeTypes()], [["ack"], ["entry"]]);
  bench.stop();
});

Deno.test("[MS1] what is decided while a commit is under way waits for its own commit", async () => {
  const { bench, store, ana, visitor, chatId } = await chatting();
  store.held = [];
  visitor.post(chatId, "one");
  await bench.clock.advance(100);
  const first = await store.takeHeld();
  visitor.post(chatId, "two");
  ana.send({ type: "typing", chatId, on: true });
  await bench.clock.advance(100);
  first.settle("commit");
  await bench.clock.advance(100);
  const second = await store.takeHeld();
  assert.deepEqual([visitor.takeTypes(), ana.takeTypes()], [["ack"], ["entry"]]);
  second.settle("commit");
  store.held = undefined;
  await bench.idle();
  assert.deepEqual([visitor.takeTypes(), ana.takeTypes()], [["ack", "typing"], ["entry"]]);
  bench.stop();
});

Deno.test("[CL1] a flooding site decides its share of a round, the others theirs", async () => {
  const configs = [benchConfig({ siteId: "acme" }), benchConfig({ siteId: "quiet" })];
  const store = new MemoryJournalStore();
  const bench = await NodeBench.start({ configs, store });
  const [loud, quiet] = [bench.visitor("acme"), bench.visitor("quiet")];
  const [loudChat, quietChat] = [loud.requestChat(), quiet.requestChat()];
  await bench.idle();
  quiet.take();
  for (let n = 0; n < limits.eventsPerRound * 3; n++) loud.post(loudChat, `flood ${n}`);
  quiet.post(quietChat, "hello");
  store.held = [];
  await bench.clock.advance(100);
  const first = await store.takeHeld();
  const records = first.write.puts.map(({ value }) => new TextDecoder().decode(value)).join();
  assert.equal(records.split("flood ").length - 1, limits.eventsPerRound);
  assert.ok(records.includes('"hello"'), "the quiet site is in the first round");
  store.held = undefined;
  first.settle("commit");
  await bench.idle();
  assert.deepEqual(quiet.takeTypes(), ["ack"]);
  assert.equal(textsOf(bench, loudChat).length, limits.eventsPerRound * 3);
  bench.stop();
});

Deno.test("[CL4] an idle loop commits at once, a busy one gathers for up to 4 ms", async () => {
  const { bench, store, visitor, chatId } = await chatting();
  const decidedIn = async (posts: number) => {
    await bench.idle();
    await bench.clock.advance(1_000);
    const before = store.commits;
    for (let n = 0; n < posts; n++) visitor.post(chatId, `one of ${posts}`);
    await settled();
    return store.commits - before;
  };
  assert.equal(await decidedIn(1), 1, "without any time passing");
  assert.equal(await decidedIn(100), 1);
  const before = store.commits;
  visitor.post(chatId, "behind a busy commit");
  await settled();
  await bench.clock.advance(3.5);
  visitor.post(chatId, "gathered with it");
  await settled();
  assert.equal(store.commits, before);
  await bench.clock.advance(0.5);
  assert.equal(store.commits, before + 1);
  assert.equal(textsOf(bench, chatId).length, 103);
  bench.stop();
});

for (const ending of ["fail", "commit but throw"] as const) {
  const effect = ending === "fail" ? "is not there" : "is there, once";
  Deno.test(`[CL2] after a commit that did "${ending}" the message ${effect}`, async () => {
    const { bench, store, ana, visitor, chatId } = await chatting();
    const messageId = bench.ids.message();
    store.endings.push(ending);
    visitor.post(chatId, "hello", messageId);
    await bench.idle();
    assert.deepEqual(visitor.takeTypes(), ["unavailable"], "its sender is refused, retryable");
    assert.deepEqual(ana.takeTypes(), [], "nothing of it left");
    assert.deepEqual([visitor, ana].map((page) => page.socket.closedWith), ["resync", "resync"]);
    assert.deepEqual(textsOf(bench, chatId), ending === "fail" ? [] : ["hello"]);
    const again = bench.connect(visitor.connection.session ?? assert.fail());
    again.post(chatId, "hello", messageId);
    await bench.idle();
    assert.deepEqual(again.takeTypes(), ["welcome", "ack"]);
    assert.deepEqual(textsOf(bench, chatId), ["hello"]);
    bench.stop();
  });
}

Deno.test("[CL2] the batch behind a failed commit is void for its sites and stays for the others", async () => {
  const configs = [benchConfig({ siteId: "acme" }), benchConfig({ siteId: "other" })];
  const store = new MemoryJournalStore();
  const bench = await NodeBench.start({ configs, store });
  const [visitor, stranger] = [bench.visitor("acme"), bench.visitor("other")];
  const [chatId, otherChat] = [visitor.requestChat(), stranger.requestChat()];
  await bench.idle();
  visitor.take();
  stranger.take();
  store.held = [];
  visitor.post(chatId, "in the failed commit");
  await bench.clock.advance(100);
  const failing = await store.takeHeld();
  visitor.post(chatId, "behind it");
  stranger.post(otherChat, "of another site");
  await settled();
  store.held = undefined;
  failing.settle("fail");
  await bench.idle();
  assert.deepEqual(visitor.takeTypes(), ["unavailable", "unavailable"]);
  assert.deepEqual(textsOf(bench, chatId), []);
  assert.deepEqual(stranger.takeTypes(), ["ack"]);
  assert.equal(stranger.socket.closedWith, undefined);
  bench.stop();
});

Deno.test("[CL2] numbers given in a failed commit are given anew under a new tenure", async () => {
  const { bench, store, visitor, chatId } = await chatting();
  const before = bench.slot().site.state.tenure;
  store.endings.push("fail");
  visitor.post(chatId, "lost");
  await bench.idle();
  const again = bench.connect(visitor.connection.session ?? assert.fail());
  await bench.idle();
  again.take();
  again.post(chatId, "kept");
  await bench.idle();
  const [ack] = again.take();
  assert.ok(ack?.type === "ack");
  assert.notEqual(ack.tenure, before);
  assert.equal(ack.n, 1);
  bench.stop();
});

/** Makes the engine throw at the next event: its state is damaged behind its back. */
function damage(bench: NodeBench, chatId: string): void {
  const { chats } = bench.slot().site.state;
  const chat = [...chats.values()].find((one) => one.chatId === chatId);
  assert.ok(chat);
  Object.defineProperty(chat.log, "find", {
    value: () => {
      throw new Error("Our own mistake");
    },
  });
}

Deno.test("[CL3] an event at which the engine throws is refused and its site rebuilt", async () => {
  const { bench, ana, visitor, chatId } = await chatting();
  visitor.post(chatId, "before");
  await bench.idle();
  visitor.take();
  ana.take();
  damage(bench, chatId);
  visitor.post(chatId, "at the mistake");
  await bench.idle();
  assert.deepEqual(visitor.takeTypes(), ["unavailable"]);
  assert.equal(visitor.socket.closedWith, "resync");
  assert.equal(bench.node.rebuilds, 1);
  const again = bench.connect(visitor.connection.session ?? assert.fail());
  again.post(chatId, "after");
  await bench.idle();
  assert.deepEqual(again.takeTypes(), ["welcome", "ack"]);
  assert.deepEqual(textsOf(bench, chatId), ["before", "after"]);
  bench.stop();
});

Deno.test("[CL3] what the site decided before the mistake is committed and released", async () => {
  const { bench, ana, visitor, chatId } = await chatting();
  visitor.post(chatId, "before");
  await settled();
  damage(bench, chatId);
  visitor.post(chatId, "at the mistake");
  await bench.idle();
  assert.deepEqual(visitor.takeTypes().toSorted(), ["ack", "unavailable"]);
  assert.deepEqual(ana.takeTypes(), ["entry"]);
  assert.deepEqual(textsOf(bench, chatId), ["before"]);
  bench.stop();
});

Deno.test("[CL3] at the second time within a minute the site answers 503, later it is rebuilt", async () => {
  for (const [pauseMs, state] of [[59_000, "failed"], [61_000, "serving"]] as const) {
    const { bench, visitor, chatId } = await chatting();
    const session = visitor.connection.session ?? assert.fail();
    damage(bench, chatId);
    visitor.post(chatId, "first");
    await bench.idle();
    await bench.clock.advance(pauseMs);
    await bench.idle();
    const again = bench.connect(session);
    await bench.idle();
    damage(bench, chatId);
    again.post(chatId, "second");
    await bench.idle();
    assert.equal(bench.slot().state, state);
    assert.deepEqual(bench.node.failedSites(), state === "failed" ? ["acme"] : []);
    if (state === "failed") {
      const asked = bench.node.transcript(bench.slot(), chatId, session);
      await assert.rejects(asked, { name: "SiteUnavailable" });
    }
    bench.stop();
  }
});

Deno.test("[CL3] a site whose journal cannot be read answers 503, to those who already wait too", async () => {
  const { bench, store, visitor, chatId } = await chatting();
  const session = visitor.connection.session ?? assert.fail();
  const asked: Promise<unknown>[] = [];
  store.beforeList = (prefix) => {
    if (prefix[0] !== "noun") return;
    const answer = bench.node.transcript(bench.slot(), chatId, session);
    asked.push(assert.rejects(answer, { name: "SiteUnavailable" }));
    throw new Error("The disk does not answer");
  };
  store.endings.push("fail");
  visitor.post(chatId, "lost");
  await bench.idle();
  store.beforeList = () => {};
  assert.equal(bench.slot().state, "failed");
  assert.equal(asked.length, 1);
  await Promise.all(asked);
  bench.stop();
});

Deno.test("[CL3] what cannot be journaled is refused and kills nobody else", async () => {
  const { bench, visitor, chatId } = await chatting();
  // Each of these characters takes six bytes in JSON: the fact is larger than a journal record may
  // be.
  visitor.post(chatId, "\u0001".repeat(25_000));
  const bystander = bench.visitor();
  await bench.idle();
  assert.deepEqual(visitor.takeTypes(), ["unavailable"]);
  assert.equal(bystander.connection.slot, bench.slot());
  bench.stop();
});

Deno.test("[JR1] nothing was released of a commit that never ends", async () => {
  const { bench, store, visitor, ana, chatId } = await chatting();
  store.held = [];
  const pages: NodePage[] = [visitor, ana];
  for (let n = 0; n < 5; n++) visitor.post(chatId, `message ${n}`);
  await bench.clock.advance(10_000);
  assert.deepEqual(pages.map((page) => page.takeTypes()), [[], []]);
  (await store.takeHeld()).settle("commit");
  store.held = undefined;
  await bench.idle();
  assert.equal(visitor.takeTypes().length, 5);
  bench.stop();
});

/** A day on a node whose disk is used like this, out of 1,000 bytes. */
async function dayWith(used: { bytes: number }) {
  const store = new MemoryJournalStore();
  const disk = new DiskBudget(1_000, () => used.bytes);
  const bench = await NodeBench.start({ store, disk, configs: [daySite("acme")] });
  await liveDay(bench);
  return { bench, store };
}

/** How many jobs of each queue a log implies. */
async function jobsIn(store: MemoryJournalStore): Promise<Map<QueueName, number>> {
  const counts = new Map<QueueName, number>();
  for await (const { decisions } of new Journal(store).readLog(0)) {
    for (const { site, facts, jobs = [] } of decisions) {
      for (const { queue } of [...facts.flatMap((fact) => jobsOfFact(site, fact)), ...jobs]) {
        counts.set(queue, (counts.get(queue) ?? 0) + 1);
      }
    }
  }
  return counts;
}

const dropping = ({ logged }: NodeBench) =>
  logged.filter((event) => event === "statistics_dropped").length;

Deno.test("[OB10] a day below 80% has jobs in every queue of the engine, statistics included", async () => {
  const { bench, store } = await dayWith({ bytes: 799 });
  const jobs = await jobsIn(store);
  assert.equal(jobs.size, 16);
  for (const queue of statistics) assert.ok(jobs.has(queue), queue);
  assert.equal(bench.node.loop.counts.statisticsDropped, 0);
  assert.equal(dropping(bench), 0);
  bench.stop();
});

for (const bytes of [800, 949]) {
  Deno.test(`[OB10] the same day at ${bytes / 10}%: statistics are dropped, all else is written`, async () => {
    const plenty = await dayWith({ bytes: 0 });
    const tight = await dayWith({ bytes });
    const all = await jobsIn(plenty.store);
    const expected = [...all].filter(([queue]) => !statistics.has(queue));
    assert.deepEqual([...await jobsIn(tight.store)].toSorted(), expected.toSorted());
    const counted = [...all].filter(([queue]) => statistics.has(queue))
      .reduce((sum, [, count]) => sum + count, 0);
    assert.equal(tight.bench.node.loop.counts.statisticsDropped, counted);
    assert.equal(dropping(tight.bench), 1, "said once");
    plenty.bench.stop();
    tight.bench.stop();
  });
}

Deno.test("[OB10] once there is room again they are written, and the next time is said again", async () => {
  const used = { bytes: 800 };
  const { bench, store } = await dayWith(used);
  const ben = bench.agent("ben");
  const setStatus = async (status: "online" | "away") => {
    ben.send({ type: "set_status", commandId: bench.ids.command(), status });
    await bench.idle();
  };
  used.bytes = 700;
  await setStatus("online");
  assert.equal((await jobsIn(store)).get("agentStatus.log"), 1);
  used.bytes = 900;
  await setStatus("away");
  assert.equal((await jobsIn(store)).get("agentStatus.log"), 1);
  assert.equal(dropping(bench), 2);
  bench.stop();
});

Deno.test("[OB10] a decision with several of them drops and counts each", async () => {
  const used = { bytes: 0 };
  const disk = new DiskBudget(1_000, () => used.bytes);
  const configs = [benchConfig({ mode: "load_balancing" })];
  const store = new MemoryJournalStore();
  const bench = await NodeBench.start({ store, disk, configs });
  const [one, other, ana] = [bench.visitor(), bench.visitor(), bench.agent("ana")];
  one.requestChat();
  other.requestChat();
  await bench.idle();
  used.bytes = 800;
  // Her status, and two chats that leave the waiting queue.
  ana.send({ type: "set_status", commandId: bench.ids.command(), status: "online" });
  await bench.idle();
  assert.equal(bench.node.loop.counts.statisticsDropped, 3);
  assert.equal((await jobsIn(store)).get("chatQueue.log"), undefined);
  bench.stop();
});
