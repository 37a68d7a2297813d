import { benchSite } from "./bench_site.ts";
import type { PacedResult, RelayResult, ServerKind } from "./job.ts";
import { runLoad } from "./load_process.ts";
import { readOptions } from "./options.ts";
import { Pinning } from "./pinning.ts";
import {
  cpuRatio,
  loadShareMax,
  rateRatio,
  type RelayRow,
  relayRow,
  type RelayWindow,
} from "./relay_row.ts";
import { print, printGoals, printTable, rounded, short } from "./report.ts";
import { type ServerOptions, ServerProcess } from "./server_process.ts";

const pairs = 100;
const textBytes = 200;
/** Messages that each sender has under way: W. */
const loops = [1, 8];
const servers: readonly ServerKind[] = ["chatnode", "deno", "socketio"];
const pacedMessagesPerSecond = 1_000;
const pacedMs = 10_000;
const pacedWarmupMs = 3_000;
/** Set-up and drain of a run, beside its warm-up and window. */
const aroundMs = 60_000;
/** The limits protect sites from each other; here a single site gets the whole core. */
const limits = { framesPerSecond: 1e6, framesBurst: 1e6, siteFramesPerSecond: 1e6 };

/** What is promised, and the least work that makes a run count. */
const cpuVsDenoMin = 0.6;
const cpuVsSocketioMin = 1.2;
const pacedP99MsMax = 10;
const ackedMin = 20_000;
const pacedAckedMin = 9_000;

/** CPU and rate of a message beside bare Deno and Socket.IO. Returns whether all is well. */
export async function benchRelay(args: readonly string[]): Promise<boolean> {
  const given = readOptions(args, { rounds: 5, seconds: 5, warmup: 3 });
  const pinning = Pinning.find();
  const options = { pinning, main: given.main, sites: [benchSite("bench", pairs)], limits };
  const run = { options, warmupMs: given.warmup * 1000, measureMs: given.seconds * 1000 };

  const windows: RelayWindow[] = [];
  for (let round = 0; round < given.rounds; round++) {
    const first = round % servers.length;
    const order = [...servers.slice(first), ...servers.slice(0, first)];
    for (const outstanding of loops) {
      for (const server of order) {
        const window = {
          server,
          outstanding,
          result: await runClosedLoop(server, outstanding, run),
        };
        printWindow(round, window);
        windows.push(window);
      }
    }
  }
  const paced = await runOpenLoop(options);
  return report(windows, paced, given.noAssert);
}

interface RunOptions {
  readonly options: ServerOptions;
  readonly warmupMs: number;
  readonly measureMs: number;
}

/** A server of its own for every window: no chat grows long, and none inherits another's heap. */
async function runClosedLoop(
  kind: ServerKind,
  outstanding: number,
  { options, warmupMs, measureMs }: RunOptions,
): Promise<RelayResult> {
  await using server = await ServerProcess.start(kind, options);
  const target = server.target;
  return await runLoad(
    server,
    { type: "relay", target, pairs, textBytes, outstanding, warmupMs, measureMs },
    { pinning: options.pinning, msMax: warmupMs + measureMs + aroundMs },
  );
}

async function runOpenLoop(options: ServerOptions): Promise<PacedResult> {
  await using server = await ServerProcess.start("chatnode", options);
  return await runLoad(server, {
    type: "paced",
    target: server.target,
    pairs,
    textBytes,
    messagesPerSecond: pacedMessagesPerSecond,
    warmupMs: pacedWarmupMs,
    measureMs: pacedMs,
  }, { pinning: options.pinning, msMax: pacedWarmupMs + pacedMs + aroundMs });
}

/** Prints goals and the last line. */
function report(windows: readonly RelayWindow[], paced: PacedResult, noAssert: boolean): boolean {
  const rows = servers.flatMap((server) =>
    loops.map((w) => relayRow(windows.filter((o) => o.server === server && o.outstanding === w)))
  );
  printRows(rows);
  print(
    `at ${pacedMessagesPerSecond} msg/s: ack p50 ${short(paced.ackP50Ms)} ms, ` +
      `p99 ${short(paced.ackP99Ms)} ms, ` +
      `${
        short(paced.serverCpuMs * 1_000 / paced.acked)
      } us/msg; ${paced.acked} acked; of it the load itself was late ` +
      `p99 ${short(paced.latenessP99Ms)} ms`,
  );
  const ours = windows.filter(({ server }) => server === "chatnode");
  const acked = Math.min(...ours.map(({ result }) => result.acked));
  const cpuVsDeno = cpuRatio(rows, "deno");
  const cpuVsSocketio = cpuRatio(rows, "socketio");
  const kept = printGoals([
    { name: "cpu_vs_deno", value: cpuVsDeno, atLeast: cpuVsDenoMin },
    { name: "cpu_vs_socketio", value: cpuVsSocketio, atLeast: cpuVsSocketioMin },
    { name: "ack_p99_ms_at_1000", value: paced.ackP99Ms, atMost: pacedP99MsMax },
  ]);
  const enough = printGoals([
    { name: "acked in chatnode's smallest window", value: acked, atLeast: ackedMin },
    { name: "acked in the open loop", value: paced.acked, atLeast: pacedAckedMin },
    { name: "senders that chatnode starved", value: starvedSides(ours), atMost: 0 },
  ]);
  print(JSON.stringify({
    ratios: {
      cpu_vs_deno: rounded(cpuVsDeno),
      cpu_vs_socketio: rounded(cpuVsSocketio),
      rate_vs_deno: rounded(rateRatio(rows, "deno")),
      rate_vs_socketio: rounded(rateRatio(rows, "socketio")),
    },
    ack_p99_ms_at_1000: rounded(paced.ackP99Ms),
    cpu_us_at_1000: rounded(paced.serverCpuMs * 1_000 / paced.acked),
    medians: rows,
  }));
  return (kept || noAssert) && enough;
}

function printWindow(round: number, window: RelayWindow): void {
  const row = relayRow([window]);
  const starved = starvedSides([window]);
  print(
    `round ${round + 1}  ${row.server} W=${row.outstanding}  ${short(row.cpuUs)} us/msg, ` +
      `${short(row.messagesPerSecond)} msg/s, load ${percent(row.loadShare)}, ` +
      `p99 ${short(row.p99Ms)} ms${starved > 0 ? `, ${starved} senders starved` : ""}`,
  );
}

function printRows(rows: readonly RelayRow[]): void {
  print("");
  printTable(
    ["server", "W", "CPU us/msg", "msg/s", "its core", "load's core", "ack p50 ms", "p99 ms"],
    rows.map((row) => [
      row.server,
      String(row.outstanding),
      short(row.cpuUs),
      short(row.messagesPerSecond),
      percent(row.serverShare),
      percent(row.loadShare) + (row.loadShare > loadShareMax ? " *" : ""),
      short(row.p50Ms),
      short(row.p99Ms),
    ]),
  );
  if (rows.some((row) => row.loadShare > loadShareMax)) {
    print("* the load generator was busy itself: this rate does not count, the CPU figure does");
  }
}

function starvedSides(windows: readonly RelayWindow[]): number {
  return windows.reduce((sum, { result }) => sum + result.starvedSides, 0);
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
