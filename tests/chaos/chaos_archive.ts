import { checkArchive, checkRows } from "./archive_checker.ts";
import { checkQueues, readQueues } from "./archive_effects.ts";
import { ArchiveFindings } from "./archive_findings.ts";
import { ArchiveRun, type Plan } from "./archive_run.ts";
import { agentsPerSite, archiveSites, chatsPerAgent } from "./archive_sites.ts";
import { drain } from "./backlog.ts";
import { HistoryReader } from "./history_reader.ts";
import { NodeProcess, type Used } from "./node_process.ts";
import { print } from "./print.ts";
import type { ArchiveSabotage } from "./sabotage.ts";
import type { Verdict } from "./verdict.ts";

const full: Plan = { chats: 2_000, kills: 20 };
const short: Plan = { chats: 150, kills: 5 };

/** Chats under way at each kill, at least. */
const runningMin = 10;
/** Kills with something on its way between journal and archive, in percent, at least. */
const inFlightPercentMin = 80;

/**
 * Chats are ended while the process is killed again and again: what the archive and the queues hold
 * at the end is compared with what people were told.
 */
export async function chaosArchive(
  options: { readonly short: boolean; readonly sabotage: ArchiveSabotage | undefined },
): Promise<Verdict> {
  const plan = options.short ? short : full;
  const node = await NodeProcess.create({
    agents: agentsPerSite,
    chatLimit: chatsPerAgent,
    configs: archiveSites.map(({ config }) => config),
    sabotage: options.sabotage,
    sabotaged: "tests/sabotage/sabotaged_archive.ts",
  });
  const findings = new ArchiveFindings();
  try {
    await node.start();
    const run = new ArchiveRun(node, plan);
    await run.openAgents();
    const started = performance.now();
    await run.live();
    const perSecond = run.lived.length / (performance.now() - started) * 1_000;
    const drained = await drain(node);
    run.stop();
    const used = [...run.kills.map((kill) => kill.used), await node.used()];
    await checkAll(node, run, findings);
    return report(plan, run, findings, { perSecond, drained, used });
  } finally {
    await node.remove();
  }
}

async function checkAll(
  node: NodeProcess,
  { lived }: ArchiveRun,
  findings: ArchiveFindings,
): Promise<void> {
  const chatsOf = (siteId: string) => lived.filter((chat) => chat.siteId === siteId);
  const key = (await Deno.readTextFile(`${node.dataDir}/operator_key`)).trim();
  const reader = new HistoryReader(node.url, key);
  for (const { siteId } of archiveSites) {
    await checkArchive(reader, siteId, chatsOf(siteId), findings);
    await checkRows(reader, siteId, chatsOf(siteId), findings);
  }
  await node.stop();
  checkQueues(archiveSites, chatsOf, await readQueues(node.dataDir), findings);
}

/** What the run itself was like. */
interface Course {
  readonly perSecond: number;
  readonly drained: { readonly ms: number; readonly left: number };
  /** Of each process that ran. */
  readonly used: readonly Used[];
}

/** What was looked at, and whether it is as it has to be. */
type Check = readonly [what: string, ok: boolean];

function report(
  plan: Plan,
  { lived, stuck, kills }: ArchiveRun,
  findings: ArchiveFindings,
  { perSecond, drained, used }: Course,
): Verdict {
  const running = Math.min(...kills.map((kill) => kill.running));
  const inFlight = kills.filter(({ outbox, queued }) => outbox + queued > 0).length;
  const inFlightMin = Math.ceil(plan.kills * inFlightPercentMin / 100);
  const starts = kills.map(({ startMs }) => Math.round(startMs)).sort((a, b) => a - b);
  const { chats, acked, lost, duplicated, missingEffects, extraEffects, effects } = findings;
  const busy: Check[] = [
    [`chats ended ${lived.length} >= ${plan.chats}`, lived.length >= plan.chats],
    [`kills ${kills.length} >= ${plan.kills}`, kills.length >= plan.kills],
    [`chats running at each kill ${running} >= ${runningMin}`, running >= runningMin],
    [`kills with jobs on their way ${inFlight} >= ${inFlightMin}`, inFlight >= inFlightMin],
    [`acknowledged messages ${acked} >= ${plan.chats * 4}`, acked >= plan.chats * 4],
    [`effects wanted ${effects} >= ${plan.chats * 2}`, effects >= plan.chats * 2],
  ];
  const kept: Check[] = [
    [`chats in the archive ${chats} = ${lived.length}`, chats === lived.length],
    [`on their way ${drained.ms} ms after the last chat: ${drained.left}`, drained.left === 0],
    [`lost ${lost}`, lost === 0],
    [`duplicated ${duplicated}`, duplicated === 0],
    [`missing effects ${missingEffects}`, missingEffects === 0],
    [`extra effects ${extraEffects}`, extraEffects === 0],
  ];
  for (const [what, ok] of [...busy, ...kept]) print(`${ok ? "ok    " : "FAILED"} ${what}`);
  for (const example of [...stuck.slice(0, 10), ...findings.examples]) print(`       ${example}`);
  print(JSON.stringify({
    ...{ chats, acked, lost, duplicated },
    ...{ missing_effects: missingEffects, extra_effects: extraEffects, effects },
    ...{ kills: kills.length, kills_in_flight: inFlight },
    kills_while_starting: kills.filter(({ againMs }) => againMs !== undefined).length,
    chats_per_second: Math.round(perSecond),
    drain_ms: drained.ms,
    restart_ms: { p50: starts[starts.length >> 1], max: starts.at(-1) },
    cpu_s: Math.round(used.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1_000),
    peak_mb: Math.max(...used.map(({ peakMb }) => peakMb)),
  }));
  if (!busy.every(([, ok]) => ok)) return "too_little";
  return kept.every(([, ok]) => ok) ? "kept" : "broken";
}
