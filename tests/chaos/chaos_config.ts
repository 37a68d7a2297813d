import { ConfigApi, configKey, type Position } from "./config_api.ts";
import {
  checkFollower,
  checkSites,
  checkSource,
  ConfigFindings,
  type Downtime,
  lagMsMax,
} from "./config_checker.ts";
import { ConfigWatcher } from "./config_watcher.ts";
import { ConfigWriter, sharedSites } from "./config_writer.ts";
import { NodeProcess, pause } from "./node_process.ts";
import { print } from "./print.ts";
import type { Verdict } from "./verdict.ts";

/** How the followers may be broken on purpose; see tests/sabotage/sabotaged_config.ts. */
export const configSabotages = ["skip-change", "stale-site", "reorder", "late"] as const;

/** How much is changed, and what happens meanwhile. */
interface Plan {
  readonly changes: number;
  /** Of both writers together. */
  readonly perSecond: number;
  /** How long one follower is away. */
  readonly stoppedMs: number;
  /** Changes that it has to miss meanwhile for the run to count. */
  readonly whileStoppedMin: number;
  readonly conflictsMin: number;
  /** Of the writers' process. */
  readonly kills: number;
}

const full: Plan = {
  changes: 2_000,
  perSecond: 60,
  stoppedMs: 20_000,
  whileStoppedMin: 800,
  conflictsMin: 300,
  kills: 3,
};
const short: Plan = {
  changes: 300,
  perSecond: 40,
  stoppedMs: 3_000,
  whileStoppedMin: 60,
  conflictsMin: 45,
  kills: 1,
};

const catchUpMsMax = 10_000;
const copyMsMax = 20_000;

/**
 * Two writers change configurations through the admin API of one process, two others follow it, one
 * of them is killed and stays away for a while, and then the writers' process is killed again and
 * again. Kept: every follower saw every change, in order and in time.
 */
export async function chaosConfig(
  options: { readonly short: boolean; readonly sabotage: string | undefined },
): Promise<Verdict> {
  const plan = options.short ? short : full;
  const nodes: NodeProcess[] = [];
  try {
    const source = await startSource(nodes);
    const followers = [];
    for (const name of ["steady", "stopped"]) {
      followers.push(await startFollower(nodes, source, name, options.sabotage));
    }
    const run = new Run(plan, source, followers);
    await run.live();
    return report(plan, run, await run.check());
  } finally {
    for (const node of nodes) await node.remove();
  }
}

async function startSource(nodes: NodeProcess[]): Promise<ConfigApi> {
  const source = await NodeProcess.create({
    ...{ agents: 0, chatLimit: 1, sabotage: undefined },
    configs: sharedSites.map((siteId) => ({ siteId, name: siteId })),
    env: { CONFIG_KEY: configKey },
  });
  nodes.push(source);
  await source.start();
  return new ConfigApi(source);
}

/** A process that follows the source, and what watches it. */
interface Follower {
  readonly name: string;
  readonly api: ConfigApi;
  readonly watcher: ConfigWatcher;
}

/** Starts it, and waits until it is a copy. */
async function startFollower(
  nodes: NodeProcess[],
  source: ConfigApi,
  name: string,
  sabotage: string | undefined,
): Promise<Follower> {
  const node = await NodeProcess.create({
    ...{ agents: 0, chatLimit: 1, sabotage },
    sabotaged: "tests/sabotage/sabotaged_config.ts",
    env: { CONFIG_KEY: configKey, CONFIG_FROM: source.node.internalUrl },
  });
  nodes.push(node);
  await node.start();
  const api = new ConfigApi(node);
  const { head } = await source.sites();
  const started = performance.now();
  const signal = new AbortController().signal;
  while (await api.changes(head, { waitMs: 0, signal }) === "gone") {
    if (performance.now() - started > copyMsMax) throw new Error(`${name} has not copied in time`);
    await pause(20);
  }
  return { name, api, watcher: new ConfigWatcher(api, head) };
}

/** The writers, the followers, and what happened to them. */
class Run {
  readonly writers: readonly ConfigWriter[];
  readonly downtimes: Downtime[] = [];
  /** Changes acknowledged while a follower was away. */
  whileStopped = 0;
  sourceKills = 0;
  readonly #plan: Plan;
  readonly #source: ConfigApi;
  readonly #followers: readonly Follower[];
  #from: Position = { logId: "", n: 0, changeId: "" };

  constructor(plan: Plan, source: ConfigApi, followers: readonly Follower[]) {
    this.writers = [new ConfigWriter(source, 1), new ConfigWriter(source, 2)];
    this.#plan = plan;
    this.#source = source;
    this.#followers = followers;
  }

  get acked(): number {
    return this.writers.reduce((sum, { acked }) => sum + acked.length, 0);
  }

  async live(): Promise<void> {
    const { changes, perSecond, kills } = this.#plan;
    this.#from = (await this.#source.sites()).head;
    for (const { watcher } of this.#followers) watcher.start();
    const isOver = () => this.acked >= changes;
    const writing = Promise.all(
      this.writers.map((writer) => writer.run(perSecond / this.writers.length, isOver)),
    );
    await this.#reached(changes * 0.2);
    await this.#stopFollower();
    for (let kill = 0; kill < kills; kill++) {
      await this.#reached(changes * (0.85 + 0.15 * kill / kills));
      await this.#killSource();
    }
    await writing;
    await this.#caughtUp();
    for (const { watcher } of this.#followers) await watcher.stop();
  }

  async #reached(count: number): Promise<void> {
    while (this.acked < count) await pause(10);
  }

  async #stopFollower(): Promise<void> {
    const node = this.#followers.at(-1)?.api.node;
    const before = this.acked;
    const from = Date.now();
    await node?.kill();
    await pause(this.#plan.stoppedMs);
    this.whileStopped = this.acked - before;
    await node?.start();
    this.downtimes.push({ from, to: Date.now() });
    print(`the follower was killed and away, ${this.whileStopped} changes were made meanwhile`);
  }

  /**
   * The writers' process dies in the middle of a write; its followers serve on, and say that
   * nothing can be written.
   */
  async #killSource(): Promise<void> {
    const { node } = this.#source;
    while (!this.writers.some(({ isWriting }) => isWriting)) await pause(0);
    const from = Date.now();
    await node.kill();
    for (const { name, api } of this.#followers) await this.#asksAlone(name, api);
    await node.start();
    this.downtimes.push({ from, to: Date.now() });
    this.sourceKills += 1;
    print("the writers' process was killed and started again");
  }

  readonly #alone: string[] = [];

  async #asksAlone(name: string, api: ConfigApi): Promise<void> {
    const path = `/v1/sites/${sharedSites[0]}`;
    const read = await api.call("GET", path);
    if (read?.status !== 200) this.#alone.push(`${name} does not serve alone: ${read?.status}`);
    const written = await api.call("PATCH", path, { body: { name: "Here" }, ifMatch: "*" });
    const part = written?.json["part"];
    if (written?.status !== 503 || part !== "config-write") {
      this.#alone.push(`${name} answers a write with ${written?.status} ${part}`);
    }
  }

  /** Waits until nobody has anything to see any more, but not for long. */
  async #caughtUp(): Promise<void> {
    const { n } = (await this.#source.sites()).head;
    const until = performance.now() + catchUpMsMax;
    const isBehind = ({ watcher }: Follower) => (watcher.seen.at(-1)?.n ?? 0) < n;
    while (this.#followers.some(isBehind) && performance.now() < until) await pause(20);
  }

  async check(): Promise<ConfigFindings> {
    const findings = new ConfigFindings();
    for (const example of this.#alone) findings.note("unserved", example);
    for (const { faults } of this.writers) {
      for (const fault of faults) findings.note("missed", `a write was refused: ${fault}`);
    }
    const log = await this.#log();
    checkSource(log, this.#from.n, this.writers.flatMap(({ acked }) => acked), findings);
    const { sites } = await this.#source.sites();
    for (const { name, api, watcher } of this.#followers) {
      checkFollower(name, log, watcher, this.downtimes, findings);
      checkSites(name, sites, (await api.sites()).sites, findings);
    }
    return findings;
  }

  /** Everything that the source's log has since the start. */
  async #log() {
    const log = [];
    const { signal } = new AbortController();
    for (let at = this.#from;;) {
      const changes = await this.#source.changes(at, { waitMs: 0, signal });
      if (changes === undefined || changes === "gone") throw new Error("The source's log is away");
      if (changes.length === 0) return log;
      log.push(...changes);
      at = changes.at(-1) ?? at;
    }
  }
}

function report(plan: Plan, run: Run, findings: ConfigFindings): Verdict {
  const { missed, disordered, unserved } = findings;
  const sum = (of: (writer: ConfigWriter) => number) =>
    run.writers.reduce((total, writer) => total + of(writer), 0);
  const conflicts = sum((writer) => writer.conflicts);
  const unanswered = sum((writer) => writer.unanswered);
  const lags = findings.lagsMs.toSorted((one, other) => one - other);
  const lagMs = (share: number) => lags[Math.ceil(share * lags.length) - 1] ?? Infinity;
  const changes = run.acked;
  const fewest = Math.min(...run.writers.map(({ acked }) => acked.length));
  const work: [string, boolean][] = [
    [`changes ${changes} >= ${plan.changes}`, changes >= plan.changes],
    [`of the idler writer ${fewest} >= ${plan.changes / 4}`, fewest >= plan.changes / 4],
    [`conflicts ${conflicts} >= ${plan.conflictsMin}`, conflicts >= plan.conflictsMin],
    [
      `changes while a follower was away ${run.whileStopped} >= ${plan.whileStoppedMin}`,
      run.whileStopped >= plan.whileStoppedMin,
    ],
    [
      `kills of the writers' process ${run.sourceKills} >= ${plan.kills}`,
      run.sourceKills >= plan.kills,
    ],
  ];
  const promises: [string, boolean][] = [
    [`missed ${missed}`, missed === 0],
    [`disordered ${disordered}`, disordered === 0],
    [`unserved ${unserved}`, unserved === 0],
    [`slowest ${lagMs(1)} ms <= ${lagMsMax}`, lagMs(1) <= lagMsMax],
  ];
  for (const [what, ok] of [...work, ...promises]) print(`${ok ? "ok    " : "FAILED"} ${what}`);
  for (const example of findings.examples) print(`       ${example}`);
  print(JSON.stringify({
    ...{ changes, missed, disordered, unserved },
    ...{ lag_p99_ms: lagMs(0.99), lag_max_ms: lagMs(1) },
    ...{ conflicts, unanswered, while_stopped: run.whileStopped, kills: run.sourceKills },
  }));
  if (promises.some(([, ok]) => !ok)) return "broken";
  return work.every(([, ok]) => ok) ? "kept" : "too_little";
}
