import type { PacedJob, PacedResult, RelayJob, RelayResult } from "./job.ts";
import { checkExactlyOnce, Load, totalsOf } from "./load.ts";
import { Pacer } from "./pacer.ts";
import { openPairs } from "./pairs.ts";
import { percentile } from "./percentile.ts";
import { cpuMs, ticksPerSecond } from "./process_usage.ts";
import { Samples } from "./samples.ts";

/** How long what is under way at the end may take to arrive. */
const drainMsMax = 10_000;

/** Runs the closed loop and returns what the window held. */
export async function runRelay(job: RelayJob): Promise<RelayResult> {
  const sides = await openPairs(job.target, {
    pairs: job.pairs,
    textBytes: job.textBytes,
    batchMax: job.outstanding,
    strict: true,
    siteId: "bench",
  });
  const load = new Load(sides);
  const ticks = ticksPerSecond();
  const samples = new Samples();

  load.refilling = true;
  for (const side of sides) side.post(job.outstanding, performance.now());
  pumpFor(load, job.warmupMs);

  const before = sides.map((side) => side.acked);
  const usedBefore = { server: cpuMs(job.target.pid, ticks), load: cpuMs(Deno.pid, ticks) };
  const startedAt = performance.now();
  for (const side of sides) side.onLatency = samples.add;
  pumpFor(load, job.measureMs);
  const windowMs = performance.now() - startedAt;
  const serverCpuMs = cpuMs(job.target.pid, ticks) - usedBefore.server;
  const loadCpuMs = cpuMs(Deno.pid, ticks) - usedBefore.load;
  const each = sides.map((side, index) => side.acked - (before[index] ?? 0));
  for (const side of sides) side.onLatency = undefined;

  load.drain(sides, drainMsMax);
  checkExactlyOnce(sides);
  const acked = each.reduce((sum, count) => sum + count, 0);
  return {
    acked,
    windowMs,
    serverCpuMs,
    loadCpuMs,
    ackP50Ms: percentile(samples.values(), 0.5),
    ackP99Ms: percentile(samples.values(), 0.99),
    starvedSides: each.filter((count) => count < acked / sides.length / 10).length,
  };
}

/** Runs the open loop; latency counts from when a message was due. */
export async function runPaced(job: PacedJob): Promise<PacedResult> {
  const sides = await openPairs(job.target, {
    pairs: job.pairs,
    textBytes: job.textBytes,
    batchMax: 1,
    strict: true,
    siteId: "bench",
  });
  const load = new Load(sides);
  const samples = new Samples();
  const startedAt = performance.now();
  const pacer = new Pacer(sides, job.messagesPerSecond, startedAt);
  pumpPaced(load, [pacer], startedAt + job.warmupMs);
  const lateness = new Samples();
  pacer.onLateness = lateness.add;
  const ackedBefore = totalsOf(sides).acked;
  const ticks = ticksPerSecond();
  const cpuBefore = cpuMs(job.target.pid, ticks);
  for (const side of sides) side.onLatency = samples.add;
  pumpPaced(load, [pacer], startedAt + job.warmupMs + job.measureMs);
  const acked = totalsOf(sides).acked - ackedBefore;
  const serverCpuMs = cpuMs(job.target.pid, ticks) - cpuBefore;
  // Still sampling: the last ones may be the slowest.
  load.drain(sides, drainMsMax);
  checkExactlyOnce(sides);
  return {
    acked,
    serverCpuMs,
    ackP50Ms: percentile(samples.values(), 0.5),
    ackP99Ms: percentile(samples.values(), 0.99),
    latenessP99Ms: percentile(lateness.values(), 0.99),
  };
}

/** Posts by the pacers and handles what comes until then. */
export function pumpPaced(load: Load, pacers: readonly Pacer[], until: number): void {
  for (let now = performance.now(); now < until; now = performance.now()) {
    let next = until;
    for (const pacer of pacers) next = Math.min(next, pacer.post(now));
    load.pumpFine(next - performance.now());
  }
}

function pumpFor(load: Load, ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until) load.pump(100);
}
