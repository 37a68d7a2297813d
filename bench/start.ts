import { readOptions } from "./options.ts";
import { median } from "./percentile.ts";
import { print, printGoals, printTable, rounded, short } from "./report.ts";
import { makeSites, StartedNode } from "./started_node.ts";

const sizes = [1_000, 100_000] as const;
type Size = typeof sizes[number];

const readyMsMax = 500;
const rssMbMax = 120;

/** One start of one data folder. */
interface Start {
  readonly readyMs: number;
  /** Resident megabytes when it was ready, and when nothing was read ahead any more. */
  readonly rssMb: number;
  readonly readRssMb: number;
  /** How long it read ahead behind being ready. */
  readonly readAheadMs: number;
  readonly known: number;
  readonly kept: number;
  /** Configurations parsed when it was ready, and after one site was asked for. */
  readonly parsed: number;
  readonly parsedByUse: number;
}

/**
 * From the start of the process to ready, and its memory, with few and with many known sites in the
 * data folder. Returns whether all is well.
 */
export async function benchStart(args: readonly string[]): Promise<boolean> {
  const given = readOptions(args, { rounds: 7 });
  const folder = await Deno.makeTempDir({ prefix: "chatnode_start_" });
  try {
    const starts = new Map<Size, Start[]>(sizes.map((size) => [size, []]));
    for (const size of sizes) {
      const bytes = await makeSites(folderOf(folder, size), size);
      print(`${size} sites, ${short(bytes / size)} bytes each`);
      // The first start makes keys and the demo site, and fills the caches of Deno and the disk.
      await startOnce(given.main, folderOf(folder, size));
    }
    for (let round = 0; round < given.rounds; round++) {
      for (const [size, done] of starts) {
        const start = await startOnce(given.main, folderOf(folder, size));
        const { readyMs, rssMb } = start;
        print(`round ${round + 1}  ${size} sites  ${short(readyMs)} ms  ${short(rssMb)} MB`);
        done.push(start);
      }
    }
    return report(starts) || given.noAssert;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function folderOf(folder: string, size: Size): string {
  return `${folder}/${size}`;
}

async function startOnce(main: string, dataDir: string): Promise<Start> {
  await using node = await StartedNode.start(main, dataDir);
  const { readyMs, rssMb } = node;
  const parsed = await node.metric("chatnode_configs_parsed");
  const readAheadMs = await node.readAhead();
  const readRssMb = node.rssMbNow();
  const known = await node.metric("chatnode_configs_known");
  const kept = await node.metric("chatnode_configs_kept");
  await node.use("shop-000007");
  const parsedByUse = await node.metric("chatnode_configs_parsed") - parsed;
  return { readyMs, rssMb, readRssMb, readAheadMs, known, kept, parsed, parsedByUse };
}

function report(starts: ReadonlyMap<Size, readonly Start[]>): boolean {
  const of = (size: Size, value: (start: Start) => number) =>
    median((starts.get(size) ?? []).map(value));
  const worst = (size: Size, value: (start: Start) => number) =>
    Math.max(...(starts.get(size) ?? []).map(value));
  print("");
  printTable(
    ["sites", "ready ms", "fastest", "slowest", "MB", "read ahead in ms", "MB then", "in memory"],
    sizes.map((size) => [
      String(size),
      short(of(size, (start) => start.readyMs)),
      short(-worst(size, (start) => -start.readyMs)),
      short(worst(size, (start) => start.readyMs)),
      short(of(size, (start) => start.rssMb)),
      short(of(size, (start) => start.readAheadMs)),
      short(of(size, (start) => start.readRssMb)),
      short(of(size, (start) => start.kept)),
    ]),
  );
  const kept = printGoals([
    { name: "ready_ms.s1000", value: of(1_000, (start) => start.readyMs), atMost: readyMsMax },
    { name: "rss_mb.s1000", value: of(1_000, (start) => start.rssMb), atMost: rssMbMax },
    ...sizes.flatMap((size) => [
      { name: `parsed at ready, ${size}`, value: worst(size, (start) => start.parsed), atMost: 0 },
      {
        name: `parsed by one use, ${size}`,
        value: of(size, (start) => start.parsedByUse),
        atLeast: 1,
        atMost: 1,
      },
      { name: `known, ${size}`, value: of(size, (start) => start.known), atLeast: size },
    ]),
  ]);
  const both = (value: (start: Start) => number) => ({
    s1000: rounded(of(1_000, value)),
    s100000: rounded(of(100_000, value)),
  });
  print(JSON.stringify({
    ready_ms: both((start) => start.readyMs),
    rss_mb: both((start) => start.rssMb),
    rss_read_mb: both((start) => start.readRssMb),
    parsed: both((start) => start.parsed),
  }));
  return kept;
}
