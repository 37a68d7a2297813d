import assert from "node:assert/strict";
import { jobsOfFact, type QueueName, statistics } from "../core/job.ts";
import { MemoryJournalStore } from "../tests/harness/memory_journal_store.ts";
import { NodeBench } from "../tests/harness/node_bench.ts";
import { daySite, liveDay } from "../tests/harness/site_day.ts";
import { DiskBudget } from "./disk_budget.ts";
import { Journal } from "./journal.ts";

/** A day on a node whose disk is used like this, out of 1,000 bytes: what is on it, and the node. */
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
