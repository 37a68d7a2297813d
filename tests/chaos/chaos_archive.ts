import {
  ArchiveFindings,
  checkArchive,
  checkQueues,
  checkRows,
  HistoryReader,
} from "./archive_checker.ts";
import { agentsPerSite, type ArchiveSite, archiveSites, chatsPerAgent } from "./archive_sites.ts";
import { ChatStuck, liveChat, type LivedChat, openAgent } from "./chat_life.ts";
import { Gate } from "./client_log.ts";
import { NodeProcess, pause, site } from "./node_process.ts";
import type { Person } from "./people.ts";
import { print } from "./print.ts";
import type { ArchiveSabotage } from "./sabotage.ts";

/** How many chats, and how often the process dies meanwhile. */
interface Plan {
  readonly chats: number;
  readonly kills: number;
}

const full: Plan = { chats: 2_000, kills: 20 };
const short: Plan = { chats: 300, kills: 5 };

/** Chats under way, or messages on their way to the archive, at a kill. */
const busyMin = 10;
const drainMsMax = 180_000;

/** What was in hand when the process was killed. */
interface Kill {
  readonly running: number;
  readonly inHand: number;
}

/**
 * Chats are ended while the process is killed again and again: what the archive and the queues hold
 * at the end is compared with what people were told. Returns whether every promise held and enough
 * was done.
 */
export async function chaosArchive(
  options: { readonly short: boolean; readonly sabotage: ArchiveSabotage | undefined },
): Promise<boolean> {
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
    const run = new Run(node, plan);
    await run.openAgents();
    const kills = await run.live();
    const isDrained = await drained(node);
    if (!isDrained) findings.note("lost", "the outbox and the queues were not empty in time");
    await checkAll(node, run.lived, findings);
    return report(plan, run, kills, findings);
  } finally {
    await node.remove();
  }
}

/** The people of all sites, and how many of their chats have ended. */
class Run {
  readonly lived: LivedChat[] = [];
  readonly stuck: string[] = [];
  running = 0;
  readonly #node: NodeProcess;
  readonly #plan: Plan;
  readonly #gate = new Gate();
  readonly #agents = new Map<string, Person[]>();
  #next = 0;

  constructor(node: NodeProcess, plan: Plan) {
    this.#node = node;
    this.#plan = plan;
  }

  async openAgents(): Promise<void> {
    for (const { siteId } of archiveSites) {
      const agents: Person[] = [];
      for (let n = 0; n < agentsPerSite; n++) {
        const { url } = this.#node;
        agents.push(await openAgent(url, this.#gate, siteId, `agent${n}`, site.password));
      }
      this.#agents.set(siteId, agents);
    }
  }

  /** Lives all chats, and kills the process evenly spread over them. */
  async live(): Promise<Kill[]> {
    const kills: Kill[] = [];
    const perSite = agentsPerSite * chatsPerAgent - 1;
    const lanes = archiveSites.flatMap((one) =>
      Array.from({ length: perSite }, () => this.#lane(one))
    );
    const all = Promise.all(lanes).then(() => undefined);
    let isOver = false;
    void all.finally(() => isOver = true);
    const step = this.#plan.chats / (this.#plan.kills + 1);
    while (!isOver) {
      if (kills.length < this.#plan.kills && this.#ended >= step * (kills.length + 1)) {
        kills.push(await this.#kill(kills.length));
      }
      await pause(5);
    }
    await all;
    for (const { session } of [...this.#agents.values()].flat()) session.stop();
    return kills;
  }

  get #ended(): number {
    return this.lived.length + this.stuck.length;
  }

  async #lane(one: ArchiveSite): Promise<void> {
    while (this.#next < this.#plan.chats) {
      this.#next += 1;
      const no = this.#next;
      this.running += 1;
      try {
        const agents = this.#agents.get(one.siteId) ?? [];
        this.lived.push(await liveChat(this.#node.url, this.#gate, one, agents, no));
      } catch (error) {
        if (!(error instanceof ChatStuck)) throw error;
        this.stuck.push(`chat ${no} of ${one.siteId}: ${error.message}`);
      } finally {
        this.running -= 1;
      }
    }
  }

  async #kill(index: number): Promise<Kill> {
    const inHand = await backlog(this.#node).then((sum) => sum ?? 0, () => 0);
    const { running } = this;
    await pause(index % 7);
    await this.#node.kill();
    const ms = await this.#node.start();
    print(
      `kill ${index + 1}: ${running} chats running, ${inHand} jobs and messages on their way, ` +
        `ready again after ${ms.toFixed(0)} ms`,
    );
    return { running, inHand };
  }
}

/** Queues whose adapters are not in this process: what stands in them is counted at the end. */
const unconsumed = /\.(email|ticket|webhook|salesforce|zendesk)$|^chat\.transcript$/;

/** Jobs not published yet, and messages not consumed yet; undefined: nobody answers. */
async function backlog(node: NodeProcess): Promise<number | undefined> {
  const response = await fetch(`${node.internalUrl}/metrics`);
  const text = await response.text();
  let sum = 0;
  let hasOutbox = false;
  for (const line of text.split("\n")) {
    const [, name, labels = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === "chatnode_outbox_records") {
      hasOutbox = true;
      sum += Number(value);
    }
    const queue = /queue="([^"]+)"/.exec(labels)?.[1];
    if (name !== "chatnode_queue_messages" || queue === undefined) continue;
    if (!unconsumed.test(queue) && !labels.includes('state="dead"')) sum += Number(value);
  }
  return hasOutbox ? sum : undefined;
}

/** Waits until everything on its way has arrived. Whether it did. */
async function drained(node: NodeProcess): Promise<boolean> {
  const started = performance.now();
  while (performance.now() - started < drainMsMax) {
    if (await backlog(node) === 0) return true;
    await pause(200);
  }
  return false;
}

async function checkAll(
  node: NodeProcess,
  lived: readonly LivedChat[],
  findings: ArchiveFindings,
): Promise<void> {
  const chatsOf = (siteId: string) => lived.filter((chat) => chat.siteId === siteId);
  const key = (await Deno.readTextFile(`${node.dataDir}/operator_key`)).trim();
  const reader = new HistoryReader(node.url, key);
  for (const one of archiveSites) {
    await checkArchive(reader, one, chatsOf(one.siteId), findings);
    await checkRows(reader, one, chatsOf(one.siteId), findings);
  }
  await node.stop();
  checkQueues(archiveSites, chatsOf, await readQueues(node.dataDir), findings);
}

/** What the stopped process's queues would deliver. */
async function readQueues(dataDir: string): Promise<Map<string, string[]>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tests/harness/queue_dump.ts", dataDir],
    cwd: new URL("../..", import.meta.url),
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`The queues cannot be read: ${decoder.decode(stderr)}`);
  const queues = new Map<string, string[]>();
  for (const line of decoder.decode(stdout).trim().split("\n")) {
    const { queueName, ids }: { queueName: string; ids: string[] } = JSON.parse(line);
    queues.set(queueName, ids);
  }
  return queues;
}

function report(
  plan: Plan,
  { lived, stuck }: Run,
  kills: readonly Kill[],
  findings: ArchiveFindings,
): boolean {
  const busy = Math.min(...kills.map(({ running }) => running));
  const inHand = kills.filter((kill) => kill.inHand > 0).length;
  const checks: [string, boolean][] = [
    [`chats ended ${lived.length} >= ${plan.chats}`, lived.length >= plan.chats],
    [`kills ${kills.length} >= ${plan.kills}`, kills.length >= plan.kills],
    [`running at each kill ${busy} >= ${busyMin}`, busy >= busyMin],
    [`kills with jobs on their way ${inHand} >= ${plan.kills / 2}`, inHand >= plan.kills / 2],
    [
      `acknowledged messages ${findings.acked} >= ${plan.chats * 2}`,
      findings.acked >= plan.chats * 2,
    ],
    [`lost ${findings.lost}`, findings.lost === 0],
    [`duplicated ${findings.duplicated}`, findings.duplicated === 0],
    [`missing effects ${findings.missingEffects}`, findings.missingEffects === 0],
    [`extra effects ${findings.extraEffects}`, findings.extraEffects === 0],
  ];
  for (const [what, ok] of checks) print(`${ok ? "ok    " : "FAILED"} ${what}`);
  for (const example of [...stuck.slice(0, 10), ...findings.examples]) print(`       ${example}`);
  print(JSON.stringify({
    chats: findings.chats,
    acked: findings.acked,
    lost: findings.lost,
    duplicated: findings.duplicated,
    missing_effects: findings.missingEffects,
    extra_effects: findings.extraEffects,
  }));
  return checks.every(([, ok]) => ok);
}
