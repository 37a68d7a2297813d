import { benchSite } from "./bench_site.ts";
import type { IdleResult, ServerKind } from "./job.ts";
import { runLoad } from "./load_process.ts";
import { readOptions } from "./options.ts";
import { median } from "./percentile.ts";
import { Pinning } from "./pinning.ts";
import { print, printGoals, printTable, rounded, short } from "./report.ts";
import { type ServerOptions, ServerProcess } from "./server_process.ts";

const from = 2_000;
const to = 10_000;
/** What an idle visitor may cost more than a bare socket. */
const bytesAboveBareMax = 4_096;
/** Connecting 10,000 visitors and two times settling. */
const runMsMax = 300_000;

/** Memory of an idle visitor beside that of a bare Deno socket. Returns whether all is well. */
export async function benchIdle(args: readonly string[]): Promise<boolean> {
  const given = readOptions(args, { rounds: 3 });
  const pinning = Pinning.find();
  const sites = [benchSite("bench", 1)];
  const options = { pinning, main: given.main, sites, inspected: true };
  const results: Record<"chatnode" | "deno", IdleResult[]> = { chatnode: [], deno: [] };
  for (let round = 0; round < given.rounds; round++) {
    const order = ["chatnode", "deno"] as const;
    for (const server of round % 2 === 0 ? order : order.toReversed()) {
      const result = await runRound(server, options);
      print(`round ${round + 1}  ${server}  ${short(anonymousPerSocket(result))} bytes a socket`);
      results[server].push(result);
    }
  }
  return report(results, given.noAssert);
}

async function runRound(kind: ServerKind, options: ServerOptions): Promise<IdleResult> {
  await using server = await ServerProcess.start(kind, options);
  return await runLoad(server, { type: "idle", target: server.target, from, to }, {
    pinning: options.pinning,
    msMax: runMsMax,
  });
}

function report(
  results: { readonly chatnode: readonly IdleResult[]; readonly deno: readonly IdleResult[] },
  noAssert: boolean,
): boolean {
  const mb = (bytes: readonly number[]) => short(median(bytes) / 1e6);
  const row = (name: string, rounds: readonly IdleResult[]) => [
    name,
    short(median(rounds.map(anonymousPerSocket))),
    short(median(rounds.map(rssPerSocket))),
    mb(rounds.map((r) => r.before.anonymous)),
    mb(rounds.map((r) => r.after.anonymous)),
    short(median(rounds.map((r) => r.after.settleMs)) / 1000),
  ];
  print("");
  print(
    `Anonymous memory (/proc/PID/smaps_rollup) after a collection at ${from} and ${to} sockets`,
  );
  printTable(
    ["server", "bytes/socket", "by RSS", `MB at ${from}`, `MB at ${to}`, "settled in s"],
    [row("chatnode", results.chatnode), row("deno", results.deno)],
  );
  const bytesPerVisitor = median(results.chatnode.map(anonymousPerSocket));
  const bareBytesPerSocket = median(results.deno.map(anonymousPerSocket));
  const kept = printGoals([{
    name: "bytes_per_visitor",
    value: bytesPerVisitor,
    atMost: Math.round(bareBytesPerSocket + bytesAboveBareMax),
  }]);
  print(JSON.stringify({
    bytes_per_visitor: rounded(bytesPerVisitor),
    bare_bytes_per_socket: rounded(bareBytesPerSocket),
  }));
  return kept || noAssert;
}

function anonymousPerSocket({ before, after }: IdleResult): number {
  return (after.anonymous - before.anonymous) / (after.sockets - before.sockets);
}

function rssPerSocket({ before, after }: IdleResult): number {
  return (after.rss - before.rss) / (after.sockets - before.sockets);
}
