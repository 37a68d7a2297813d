import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { jobsOfFact } from "../core/job.ts";
import { queueDefinitions } from "../mq/definitions.ts";
import type { NewMessage, Queue } from "../mq/queue.ts";
import { QueueUnavailable, rememberMsDefault } from "../mq/queue.ts";
import { MemoryJournalStore } from "../tests/harness/memory_journal_store.ts";
import { NodeBench } from "../tests/harness/node_bench.ts";
import { drained, openQueue, passing } from "../tests/harness/queue_bench.ts";
import { daySite, daySiteId, liveDay } from "../tests/harness/site_day.ts";
import { VirtualClock } from "../tests/harness/virtual_clock.ts";
import { Journal } from "./journal.ts";
import { DiskJournalStore } from "./journal_store_disk.ts";
import type { JournalStore } from "./journal_store.ts";
import { messageIdOf } from "./message_id.ts";
import { Outbox } from "./outbox.ts";

function outboxOf<Store extends JournalStore>(bench: NodeBench<Store>, queue: Queue): Outbox {
  const { journal, clock, log } = bench;
  const outbox = new Outbox({ journal, queue, clock, log, random: () => 0.5 });
  outbox.start();
  return outbox;
}

/** Ids of everything that the log of a store implies, by queue. */
async function impliedBy(store: JournalStore): Promise<Map<string, string[]>> {
  const journal = new Journal(store);
  const ids = new Map<string, string[]>();
  for await (const { decisions } of journal.readLog(0)) {
    for (const { site, facts, jobs = [] } of decisions) {
      for (const job of [...facts.flatMap((fact) => jobsOfFact(site, fact)), ...jobs]) {
        ids.set(job.queue, [...ids.get(job.queue) ?? [], messageIdOf(site, job.uniqueId)]);
      }
    }
  }
  return ids;
}

async function assertAllPublished(store: JournalStore, queue: Queue): Promise<void> {
  for (const [name, ids] of await impliedBy(store)) {
    const got = (await drained(queue, name)).map(({ uniqueId }) => uniqueId);
    assert.deepEqual(got, [...new Set(ids)], `${name}: all, each once, in order`);
  }
}

Deno.test("[OB4] what is committed is published in its order, with the time of its cause", async () => {
  const bench = await NodeBench.start();
  const queue = await openQueue(bench.clock);
  const outbox = outboxOf(bench, queue);
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  for (const text of ["one", "two", "three"]) visitor.post(chatId, text);
  const at = bench.clock.now();
  await bench.idle();
  await bench.clock.advance(60_000);
  visitor.send({ type: "end_chat", commandId: bench.ids.command(), chatId });
  await bench.idle();
  await passing(bench.clock, outbox.idle());
  const messages = await drained(queue, "chat.message");
  assert.deepEqual(messages.slice(0, 3).map(({ payload }) => payload["text"]), [
    "one",
    "two",
    "three",
  ]);
  assert.ok(messages.slice(0, 3).every((one) => one.at === at));
  const [end] = await drained(queue, "chat.end");
  assert.equal(end?.uniqueId, `acme/${chatId}`);
  assert.ok((end?.at ?? 0) >= at + 60_000);
  assert.equal(end?.payload["count"], messages.length);
  assert.equal(bench.journal.relayed, bench.journal.lastSeq);
  assert.equal(outbox.lagMs, 0);
  await outbox.stop();
  await queue.close();
  bench.stop();
});

Deno.test("[OB4] after a kill the same jobs are published again under the same ids", async () => {
  const store = new MemoryJournalStore();
  const first = await NodeBench.start({ store });
  const { clock } = first;
  const queue = await openQueue(clock);
  const dying = outboxOf(first, queue);
  const visitor = first.visitor();
  const chatId = visitor.requestChat();
  for (let n = 0; n < 100; n++) visitor.post(chatId, `message ${n}`);
  await first.idle();
  let isDone = false;
  void dying.idle().then(() => isDone = true);
  // The cursor is written a second later: here it never is.
  while (!isDone) await setImmediate();
  assert.equal(store.keys(["cursor", "relayed"]).length, 0);
  const second = await NodeBench.start({ store, clock });
  const outbox = outboxOf(second, queue);
  await passing(clock, outbox.idle());
  assert.ok(outbox.counts.duplicates >= 100);
  await assertAllPublished(store, queue);
  await passing(clock, clock.advance(1_100));
  assert.equal(store.keys(["cursor", "relayed"]).length, 1, "written when idle");
  const third = await NodeBench.start({ store, clock });
  assert.ok(third.journal.relayed >= 2);
  await outbox.stop();
  await dying.stop();
  await queue.close();
});

Deno.test("[OB4] while the broker is away the journal keeps all, and it goes on by itself", async () => {
  const bench = await NodeBench.start();
  const { clock } = bench;
  const queue = await openQueue(clock);
  let isAway = true;
  const calls: number[] = [];
  const flaky: Queue = Object.assign(Object.create(queue), {
    publishAll(messages: readonly NewMessage[]) {
      calls.push(clock.now());
      if (isAway) return Promise.reject(new QueueUnavailable("The broker is away"));
      return queue.publishAll(messages);
    },
  });
  const outbox = outboxOf(bench, flaky);
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  visitor.post(chatId, "hello");
  await bench.idle();
  await passing(clock, clock.advance(120_000));
  assert.equal(bench.journal.relayed, 0);
  assert.ok(bench.journal.unrelayed.records > 0 && bench.journal.unrelayed.bytes > 0);
  assert.ok(outbox.lagMs >= 119_000);
  const pauses = calls.slice(1).map((at, place) => at - (calls[place] ?? 0));
  assert.ok(pauses.length > 5 && pauses.every((ms) => ms <= 10_000), "grows up to ten seconds");
  assert.equal(bench.logged.filter((event) => event === "relay_failed").length, 1, "said once");
  isAway = false;
  await passing(clock, outbox.idle());
  assert.equal(bench.logged.filter((event) => event === "relay_resumed").length, 1);
  await assertAllPublished(bench.store, queue);
  assert.deepEqual(bench.journal.unrelayed, { records: 0, bytes: 0 });
  await outbox.stop();
  await queue.close();
});

Deno.test("[OB11] while people chat much the relay stands back, for a minute, and hurries at the end", async () => {
  const bench = await NodeBench.start();
  const { clock, journal, log } = bench;
  const queue = await openQueue(clock);
  const turns: number[] = [];
  const counting: Queue = Object.assign(Object.create(queue), {
    publishAll(messages: readonly NewMessage[]) {
      turns.push(clock.now());
      // At once: a file answers in its own time, and virtual time would pass meanwhile.
      return Promise.resolve(messages.map(() => "published"));
    },
  });
  let isBusy = true;
  const random = () => 0.5;
  const outbox = new Outbox({
    ...{ journal, queue: counting, clock, log, random, isBusy: () => isBusy },
  });
  outbox.start();
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  const chatFor = async (ms: number) => {
    turns.length = 0;
    for (const until = clock.now() + ms; clock.now() < until;) {
      visitor.post(chatId, "hello");
      await passing(clock, clock.advance(95));
      await bench.idle();
    }
    return turns.length;
  };
  const standingBack = await chatFor(5_000);
  assert.ok(standingBack >= 4 && standingBack <= 6, `${standingBack} turns in five seconds`);
  assert.ok(outbox.lagMs > 0, "what waits for its turn is late, too");
  isBusy = false;
  const going = await chatFor(5_000);
  assert.ok(going >= 40, `${going} turns in five seconds`);
  isBusy = true;
  for (let n = 0; n < 2_000; n++) visitor.post(chatId, `message ${n}`);
  await bench.idle();
  await passing(clock, clock.advance(2_000));
  assert.ok(journal.unrelayed.records > 0);
  await passing(clock, clock.advance(70_000));
  assert.equal(journal.relayed, journal.lastSeq, "a minute behind is enough");
  for (let n = 0; n < 500; n++) visitor.post(chatId, `more ${n}`);
  await bench.idle();
  const before = clock.now();
  await passing(clock, outbox.idle());
  assert.ok(clock.now() - before < 500, "whoever stops the process waits for it");
  await outbox.stop();
  await queue.close();
  bench.stop();
});

Deno.test("[OB5] a job that its schema refuses is set aside with an alarm; the rest goes on", async () => {
  const bench = await NodeBench.start();
  const { clock, journal } = bench;
  const queue = await openQueue(clock);
  const at = clock.now();
  const record = new TextEncoder().encode(JSON.stringify({
    v: 1,
    at,
    site: "acme",
    facts: [],
    jobs: [
      { queue: "agentStatus.log", uniqueId: "good", payload: status(at) },
      { queue: "agentStatus.log", uniqueId: "bad", payload: { ...status(at), status: "busy" } },
      { queue: "agentStatus.log", uniqueId: "good/2", payload: status(at) },
      { queue: "no.such", uniqueId: "strange", payload: {} },
    ],
  }));
  await journal.commit([record], new Set(), () => undefined);
  const outbox = outboxOf(bench, queue);
  await passing(clock, outbox.idle());
  assert.deepEqual((await drained(queue, "agentStatus.log")).map(({ uniqueId }) => uniqueId), [
    "acme/good",
    "acme/good/2",
  ]);
  const { items } = await queue.deadLetters("agentStatus.log", { limit: 10 });
  assert.equal(items[0]?.uniqueId, "acme/bad");
  assert.equal(items[0]?.kind, "set_aside");
  assert.match(items[0]?.error ?? "", /status: .*online/);
  assert.deepEqual([outbox.counts.setAside, outbox.counts.dropped], [1, 1]);
  const alarms = bench.logged.filter((event) => event.startsWith("job_"));
  assert.deepEqual(alarms, ["job_set_aside", "job_dropped"], "none keeps what no queue is for");
  await outbox.stop();
  await queue.close();
});

Deno.test("[OB5] a job older than ids are remembered is set aside, with an alarm too", async () => {
  const bench = await NodeBench.start();
  const { clock, journal } = bench;
  const queue = await openQueue(clock);
  const at = clock.now() - rememberMsDefault - 1;
  const jobs = ["old", "as old"].map((uniqueId) => {
    return { queue: "agentStatus.log", uniqueId, payload: status(at) };
  });
  const record = JSON.stringify({ v: 1, at, site: "acme", facts: [], jobs });
  await journal.commit([new TextEncoder().encode(record)], new Set(), () => undefined);
  const outbox = outboxOf(bench, queue);
  await passing(clock, outbox.idle());
  assert.deepEqual(await drained(queue, "agentStatus.log"), []);
  const { items } = await queue.deadLetters("agentStatus.log", { limit: 10 });
  assert.deepEqual(items.map(({ uniqueId, kind }) => `${uniqueId}: ${kind}`).toSorted(), [
    "acme/as old: set_aside",
    "acme/old: set_aside",
  ]);
  assert.deepEqual({ ...outbox.counts }, {
    ...{ published: 0, duplicates: 0, setAside: 2, dropped: 0, failures: 0 },
  });
  assert.equal(bench.logged.filter((event) => event === "job_set_aside").length, 1, "said once");
  await outbox.stop();
  await queue.close();
});

function status(time: number) {
  return { siteId: "acme", agentId: "ana", status: "online", reason: null, time };
}

Deno.test("[OB4] records of the first builds, without a time, are published with their jobs' own", async () => {
  const bench = await NodeBench.start();
  const { clock, journal } = bench;
  const queue = await openQueue(clock);
  const time = clock.now() - 5_000;
  const job = { queue: "agentStatus.log", uniqueId: "old", payload: status(time) };
  const record = JSON.stringify({ site: "acme", facts: [], jobs: [job] });
  await journal.commit([new TextEncoder().encode(record)], new Set(), () => undefined);
  const outbox = outboxOf(bench, queue);
  await passing(clock, outbox.idle());
  assert.equal((await drained(queue, "agentStatus.log"))[0]?.at, time);
  await outbox.stop();
  await queue.close();
});

Deno.test("[OB4] ids that no queue takes are told by their digest", () => {
  const idOf = (id: string) => messageIdOf(daySiteId("acme"), id);
  assert.equal(idOf("a/b c"), "acme/a/b c");
  const long = "x".repeat(300);
  assert.notEqual(idOf(long), idOf(`${long}y`));
  for (const id of [long, "x".repeat(252), "chat/transcript/jürgen@example.org", ""]) {
    assert.match(idOf(id), /^acme\/[\x20-\x7e]{0,251}$/);
    assert.equal(idOf(id), idOf(id));
  }
});

Deno.test("[OB4 CH4 JB1] what a site's clients choose as ids says nothing to another site", async () => {
  const sites = ["globex", "acme"];
  const bench = await NodeBench.start({ configs: sites.map((siteId) => daySite(siteId)) });
  const queue = await openQueue(bench.clock);
  const outbox = outboxOf(bench, queue);
  for (const siteId of sites) {
    bench.ids.rewind();
    await liveDay(bench, siteId);
    await passing(bench.clock, outbox.idle());
  }
  assert.equal(outbox.counts.duplicates, 0);
  for (const { name } of queueDefinitions()) {
    const of = (await drained(queue, name)).map(({ payload }) => payload["siteId"]);
    assert.equal(of.filter((site) => site === "acme").length, of.length / 2, name);
  }
  await outbox.stop();
  await queue.close();
  bench.stop();
});

Deno.test("[OB4] a relay that is far behind reads the files, and catches up with a busy node", async () => {
  const dir = await Deno.makeTempDir();
  const clock = new VirtualClock();
  const bench = await NodeBench.startOn(await DiskJournalStore.open(dir), { clock });
  const queue = await openQueue(clock);
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  await bench.idle();
  const post = async (count: number, text: string) => {
    for (let n = 0; n < count; n++) {
      visitor.post(chatId, `${text} ${n}`);
      if (n % 10 === 0) await bench.idle();
    }
    await bench.idle();
  };
  // More than is kept in memory for a relay that is up to date.
  await post(400, "x".repeat(15_000));
  const outbox = outboxOf(bench, queue);
  await post(300, "y".repeat(15_000));
  await passing(clock, outbox.idle());
  await post(10, "z");
  await passing(clock, outbox.idle());
  await assertAllPublished(bench.store, queue);
  await outbox.stop();
  await queue.close();
  bench.stop();
  await Deno.remove(dir, { recursive: true });
});

const step = fc.constantFrom(
  "post",
  "post",
  "post",
  "end",
  "settle",
  "fail",
  "commit but throw",
  "stop relay",
  "start relay",
  "kill",
);

Deno.test("[OB4] everything on disk is published once and in order, whatever fails and stops", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const store = new MemoryJournalStore();
      const clock = new VirtualClock();
      const queue = await openQueue(clock);
      let bench = await NodeBench.start({ store, clock });
      let outbox = outboxOf(bench, queue);
      let visitor = bench.visitor();
      const more = async () => {
        for (const one of steps) {
          if (one === "post") visitor.post(visitor.requestChat(), "hello");
          else if (one === "end") {
            visitor.send({
              type: "end_chat",
              commandId: bench.ids.command(),
              chatId: visitor.requestChat(),
            });
          } else if (one === "settle") await bench.idle();
          else if (one === "stop relay") await outbox.stop();
          else if (one === "start relay") {
            await outbox.stop();
            outbox.start();
          } else if (one === "kill") {
            await bench.idle();
            await outbox.stop();
            bench = await NodeBench.start({ store, clock });
            outbox = outboxOf(bench, queue);
            visitor = bench.visitor();
          } else {
            store.endings.push(one);
            await clock.advance(61_000);
          }
        }
        store.endings.length = 0;
        await bench.idle();
        await outbox.stop();
        outbox.start();
        await outbox.idle();
      };
      await passing(clock, more());
      await assertAllPublished(store, queue);
      await outbox.stop();
      await queue.close();
    }),
    { numRuns: 40 },
  );
});
