import { benchAgentId, benchSite } from "./bench_site.ts";
import { readOptions } from "./options.ts";
import { median } from "./percentile.ts";
import { Pinning } from "./pinning.ts";
import { cpuMs, ticksPerSecond } from "./process_usage.ts";
import { print, printGoals, printTable, rounded, short } from "./report.ts";
import { ServerProcess } from "./server_process.ts";
import { type SiteCounts, SiteLoad } from "./site_load.ts";

const siteId = "busy";
const agentsMax = 50;
const visitors = 400;
const pageChangesPerSecond = 100;
const chatsPerSecond = 20;
const warmupMs = 3_000;
/** What is encoded may grow with the roles, not with the agents. */
const roles = ["admin", "supervisor", "agent"];
const listsPushed = 4;

/** Ten times the agents may cost what their sockets cost, a frame a second each. */
const cpuOf50To5Max = 2;
const encodingsOf50To5Max = 1.2;

interface Phase {
  readonly agents: number;
  readonly counts: SiteCounts;
  readonly cpuUsPerChange: number;
  readonly encodings: number;
  readonly encodingsPerChange: number;
  /** Encodings a second, list and role: one is a push a second. */
  readonly encodingsPerPush: number;
}

/** CPU and encodings per change of one busy site, with 5 and with 50 agents. */
export async function benchSiteLists(args: readonly string[]): Promise<boolean> {
  const { rounds, seconds, main, noAssert } = readOptions(args, { rounds: 3, seconds: 15 });
  const pinning = Pinning.find();
  const few: Phase[] = [];
  const many: Phase[] = [];
  for (let round = 0; round < rounds; round++) {
    few.push(await measure(5, { seconds, main, pinning }));
    many.push(await measure(agentsMax, { seconds, main, pinning }));
  }
  printTable(
    ["agents", "changes", "chats answered", "ended", "list frames", "CPU us/change", "enc./change"],
    [...few, ...many].map((phase) => [
      String(phase.agents),
      String(phase.counts.changes),
      String(phase.counts.chatsAnswered),
      String(phase.counts.chatsEnded),
      String(phase.counts.listFrames),
      short(phase.cpuUsPerChange),
      phase.encodingsPerChange.toFixed(3),
    ]),
  );
  return report(few, many, { seconds, noAssert });
}

function report(
  few: readonly Phase[],
  many: readonly Phase[],
  o: { seconds: number; noAssert: boolean },
): boolean {
  const middle = (phases: readonly Phase[], of: (phase: Phase) => number) => median(phases.map(of));
  const cpu5 = middle(few, (phase) => phase.cpuUsPerChange);
  const cpu50 = middle(many, (phase) => phase.cpuUsPerChange);
  const encodings5 = middle(few, (phase) => phase.encodingsPerChange);
  const encodings50 = middle(many, (phase) => phase.encodingsPerChange);
  const all = [...few, ...many];
  const kept = printGoals([
    { name: "CPU with 50 agents / with 5", value: cpu50 / cpu5, atMost: cpuOf50To5Max },
    {
      name: "encodings with 50 agents / with 5",
      value: encodings50 / encodings5,
      atMost: encodingsOf50To5Max,
    },
    {
      name: "encodings per push, list and role",
      value: Math.max(...all.map((phase) => phase.encodingsPerPush)),
      atMost: 1.1,
    },
  ]);
  const least = (of: (counts: SiteCounts) => number) =>
    Math.min(...all.map((one) => of(one.counts)));
  const enough = printGoals([
    {
      name: "page changes",
      value: least(({ changes }) => changes),
      atLeast: o.seconds * pageChangesPerSecond * 0.9,
    },
    {
      name: "chats answered",
      value: least(({ chatsAnswered }) => chatsAnswered),
      atLeast: o.seconds * chatsPerSecond * 0.8,
    },
    {
      name: "rows that an agent saw",
      value: least(({ rowsSeen }) => rowsSeen),
      atLeast: o.seconds * pageChangesPerSecond * 0.5,
    },
    { name: "refusals", value: Math.max(...all.map(({ counts }) => counts.refused)), atMost: 0 },
  ]);
  print(JSON.stringify({
    cpu_us_per_change: { agents5: rounded(cpu5), agents50: rounded(cpu50) },
    encodings_per_change: rounded(encodings50),
  }));
  return (kept || o.noAssert) && enough;
}

async function measure(
  agents: number,
  o: { seconds: number; main: string; pinning: Pinning },
): Promise<Phase> {
  const { pinning, main } = o;
  await using server = await ServerProcess.start("chatnode", {
    pinning,
    main,
    sites: [busySite()],
  });
  const { port, pid } = server.target;
  const load = new SiteLoad({
    port,
    siteId,
    agents,
    visitors,
    pageChangesPerSecond,
    chatsPerSecond,
  });
  await load.open();
  await load.run(warmupMs);
  const ticks = ticksPerSecond();
  const before = { ...load.counts };
  const cpuBefore = cpuMs(pid, ticks);
  const encodedBefore = await server.metric("chatnode_list_frames_encoded_total");
  await load.run(o.seconds * 1_000);
  const encodings = await server.metric("chatnode_list_frames_encoded_total") - encodedBefore;
  const cpu = cpuMs(pid, ticks) - cpuBefore;
  const counts = { ...load.counts };
  for (const key of Object.keys(before) as (keyof SiteCounts)[]) { // the keys of a SiteCounts
    counts[key] -= before[key];
  }
  load.close();
  return {
    agents,
    counts,
    cpuUsPerChange: cpu * 1_000 / counts.changes,
    encodings,
    encodingsPerChange: encodings / counts.changes,
    encodingsPerPush: encodings / o.seconds / listsPushed / roles.length,
  };
}

/** A site whose agents have three roles, each many chats at once. */
function busySite(): unknown {
  const site = benchSite(siteId, agentsMax);
  const agents = Array.from({ length: agentsMax }, (_, index) => ({
    ...site.agents[index],
    agentId: benchAgentId(index),
    role: roles[index % roles.length],
    chatLimit: 20,
  }));
  return { ...site, agents, routing: { mode: "load_balancing" }, trackedVisitorsMax: visitors };
}
