import type { NoisyJob, NoisyPhase, NoisyResult } from "./job.ts";
import { checkExactlyOnce, Load, totalsOf } from "./load.ts";
import { Pacer } from "./pacer.ts";
import { openPairs } from "./pairs.ts";
import { percentile } from "./percentile.ts";
import { pumpPaced } from "./relay_load.ts";
import { Samples } from "./samples.ts";
import type { Side } from "./side.ts";

const drainMsMax = 10_000;

/** Measures the quiet sites' acks without and with the flood, in turn. */
export async function runNoisy(job: NoisyJob): Promise<NoisyResult> {
  const quietSides: Side[] = [];
  for (const siteId of job.quietSites) {
    const pairs = job.quietPairsPerSite;
    quietSides.push(...await openSides(job, { siteId, pairs, strict: true }));
  }
  const floodSides = await openSides(job, {
    siteId: job.floodSite,
    pairs: job.floodPairs,
    strict: false,
  });
  const load = new Load([...quietSides, ...floodSides]);
  const result: Record<"quiet" | "noisy", NoisyPhase[]> = { quiet: [], noisy: [] };

  for (let round = 0; round < job.rounds; round++) {
    for (const kind of ["quiet", "noisy"] as const) {
      const startedAt = performance.now();
      const pacer = new Pacer(quietSides, job.quietMessagesPerSecond, startedAt);
      const pacers = [pacer];
      if (kind === "noisy") {
        pacers.push(new Pacer(floodSides, job.floodFramesPerSecond, startedAt));
      }
      pumpPaced(load, pacers, startedAt + job.settleMs);
      result[kind].push(measure(job.measureMs, { load, pacer, pacers, quietSides, floodSides }));
      load.drain(quietSides, drainMsMax);
      checkExactlyOnce(quietSides);
    }
  }
  const floodClosed = floodSides.flatMap((side) => side.closed === undefined ? [] : [side.closed]);
  return { ...result, floodClosed };
}

interface Phase {
  readonly load: Load;
  /** The quiet sites', and it with the flood's. */
  readonly pacer: Pacer;
  readonly pacers: readonly Pacer[];
  readonly quietSides: readonly Side[];
  readonly floodSides: readonly Side[];
}

function measure(ms: number, phase: Phase): NoisyPhase {
  const { load, pacer, pacers, quietSides, floodSides } = phase;
  const samples = new Samples();
  const lateness = new Samples();
  pacer.onLateness = lateness.add;
  const flood = totalsOf(floodSides);
  for (const side of quietSides) side.onLatency = samples.add;
  pumpPaced(load, pacers, performance.now() + ms);
  for (const side of quietSides) side.onLatency = undefined;
  const flooded = totalsOf(floodSides);
  return {
    acked: samples.values().length,
    ackP50Ms: percentile(samples.values(), 0.5),
    ackP99Ms: percentile(samples.values(), 0.99),
    latenessP99Ms: percentile(lateness.values(), 0.99),
    flood: {
      sent: flooded.sent - flood.sent,
      acked: flooded.acked - flood.acked,
      refused: flooded.refused - flood.refused,
    },
  };
}

function openSides(job: NoisyJob, site: { siteId: string; pairs: number; strict: boolean }) {
  return openPairs(job.target, { ...site, textBytes: job.textBytes, batchMax: 1 });
}
