import { benchSite } from "./bench_site.ts";
import type { NoisyPhase, NoisyResult } from "./job.ts";
import { runLoad } from "./load_process.ts";
import { readOptions } from "./options.ts";
import { median } from "./percentile.ts";
import { Pinning } from "./pinning.ts";
import { print, printGoals, printTable, rounded, short } from "./report.ts";
import { ServerProcess } from "./server_process.ts";

const quietSites = ["quiet1", "quiet2"];
const quietPairsPerSite = 10;
/** Ten a second in each pair: far livelier than people type, far below any limit. */
const quietMessagesPerSecond = 200;
const floodSite = "flood";
/**
 * Sixty connections with 67 frames a second each: above a connection's limit of 50, and what passes
 * is above the site's limit of 2,000; 500 refusals a second, which would close one, are far away.
 */
const floodPairs = 30;
const floodFramesPerSecond = 4_000;
const textBytes = 200;
const settleMs = 3_000;

/** How much slower the others get beside a flooding site. */
const noisyToQuietMax = 2;
const quietAckedMin = 2_000;
const floodAckedPerSecondMin = 500;

/** Ack latency of quiet sites, alone and beside a site that floods. Returns whether all is well. */
export async function benchNoisy(args: readonly string[]): Promise<boolean> {
  const { rounds, seconds, main, noAssert } = readOptions(args, { rounds: 3, seconds: 15 });
  const measureMs = seconds * 1000;
  const pinning = Pinning.find();
  const sites = [...quietSites, floodSite].map((siteId) => benchSite(siteId, floodPairs));
  await using server = await ServerProcess.start("chatnode", { pinning, main, sites });
  const result = await runLoad(server, {
    type: "noisy",
    target: server.target,
    quietSites,
    quietPairsPerSite,
    quietMessagesPerSecond,
    floodSite,
    floodPairs,
    floodFramesPerSecond,
    textBytes,
    rounds,
    settleMs,
    measureMs,
  }, { pinning, msMax: rounds * 2 * (measureMs + settleMs + 12_000) + 60_000 });
  printPhases(result, measureMs);
  return report(result, { measureMs, noAssert });
}

function printPhases(result: NoisyResult, measureMs: number): void {
  const perSecond = (count: number) => short(count / measureMs * 1000);
  const row = (kind: string) => (phase: NoisyPhase, index: number) => [
    `${kind} ${index + 1}`,
    String(phase.acked),
    short(phase.ackP50Ms),
    short(phase.ackP99Ms),
    short(phase.latenessP99Ms),
    perSecond(phase.flood.sent),
    perSecond(phase.flood.acked),
    perSecond(phase.flood.refused),
  ];
  printTable(
    ["phase", "acked", "p50 ms", "p99 ms", "load late p99", "flood sent/s", "acked/s", "refused/s"],
    [...result.quiet.map(row("quiet")), ...result.noisy.map(row("noisy"))],
  );
  const [why] = result.floodClosed;
  if (why !== undefined) print(`A flooding connection was closed: ${why}`);
}

function report(result: NoisyResult, o: { measureMs: number; noAssert: boolean }): boolean {
  const { quiet, noisy, floodClosed } = result;
  const quietP99 = median(quiet.map((phase) => phase.ackP99Ms));
  const noisyP99 = median(noisy.map((phase) => phase.ackP99Ms));
  const acked = Math.min(...[...quiet, ...noisy].map((phase) => phase.acked));
  const floodAcked = Math.min(...noisy.map((phase) => phase.flood.acked)) / o.measureMs * 1000;
  const floodRefused = Math.min(...noisy.map((phase) => phase.flood.refused));
  const kept = printGoals([
    { name: "noisy_p99 / quiet_p99", value: noisyP99 / quietP99, atMost: noisyToQuietMax },
  ]);
  const enough = printGoals([
    { name: "quiet acks in the smallest phase", value: acked, atLeast: quietAckedMin },
    { name: "flood acked per second", value: floodAcked, atLeast: floodAckedPerSecondMin },
    { name: "flood refused, as its limit was reached", value: floodRefused, atLeast: 1 },
    { name: "flooding connections closed", value: floodClosed.length, atMost: 0 },
  ]);
  print(JSON.stringify({ quiet_p99_ms: rounded(quietP99), noisy_p99_ms: rounded(noisyP99) }));
  return (kept || o.noAssert) && enough;
}
