import { agentsPerSite, archiveSites, chatsPerAgent } from "./archive_sites.ts";
import { type Backlog, readBacklog } from "./backlog.ts";
import { liveChat, type LivedChat, openAgent } from "./chat_life.ts";
import { Gate } from "./client_log.ts";
import { type NodeProcess, pause, site, type Used } from "./node_process.ts";
import { ChatStuck } from "./patience.ts";
import type { Person } from "./people.ts";
import { print } from "./print.ts";

/** How many chats, and how often the process dies meanwhile. */
export interface Plan {
  readonly chats: number;
  readonly kills: number;
}

/** What was in hand when the process was killed. */
export interface Kill extends Backlog {
  readonly running: number;
  /** Killed once more after so many milliseconds of its next start. */
  readonly againMs: number | undefined;
  readonly startMs: number;
  /** Of the process that was killed. */
  readonly used: Used;
}

/** More chats than the agents of a site take: some wait. */
const lanesPerSite = agentsPerSite * chatsPerAgent + 2;

/** How often is looked for something on its way before a kill. */
const looksMax = 50;

/** The people of all sites, and how many of their chats have ended. */
export class ArchiveRun {
  readonly lived: LivedChat[] = [];
  readonly stuck: string[] = [];
  readonly kills: Kill[] = [];
  readonly #node: NodeProcess;
  readonly #plan: Plan;
  readonly #gate = new Gate();
  readonly #agents = new Map<string, Person[]>();
  #next = 0;
  #running = 0;

  constructor(node: NodeProcess, plan: Plan) {
    this.#node = node;
    this.#plan = plan;
  }

  async openAgents(): Promise<void> {
    const { url } = this.#node;
    for (const { siteId } of archiveSites) {
      const agents: Person[] = [];
      for (let n = 0; n < agentsPerSite; n++) {
        agents.push(await openAgent(url, this.#gate, siteId, `agent${n}`, site.password));
      }
      this.#agents.set(siteId, agents);
    }
  }

  /** Lives all chats, and kills the process evenly spread over them. */
  async live(): Promise<void> {
    const { chats, kills } = this.#plan;
    const lanes = archiveSites.flatMap(({ siteId }) =>
      Array.from({ length: lanesPerSite }, () => this.#lane(siteId))
    );
    let isOver = false;
    const over = () => isOver = true;
    const all = Promise.all(lanes);
    all.then(over, over);
    const step = chats / (kills + 1);
    while (!isOver) {
      const ended = this.lived.length + this.stuck.length;
      if (this.kills.length < kills && ended >= step * (this.kills.length + 1)) {
        await this.#kill(this.kills.length);
      }
      await pause(5);
    }
    await all;
  }

  /** The agents leave. */
  stop(): void {
    for (const { session } of [...this.#agents.values()].flat()) session.stop();
  }

  /** One chat after the other of a site. */
  async #lane(siteId: string): Promise<void> {
    const agents = this.#agents.get(siteId) ?? [];
    while (this.#next < this.#plan.chats) {
      const no = ++this.#next;
      this.#running += 1;
      try {
        this.lived.push(await liveChat(this.#node.url, this.#gate, siteId, agents, no));
      } catch (error) {
        if (!(error instanceof ChatStuck)) throw error;
        this.stuck.push(`chat ${no} of ${siteId} is stuck: ${error.message}`);
      } finally {
        this.#running -= 1;
      }
    }
  }

  /** Something is on its way when it is killed: on a fast machine that is a matter of moments. */
  async #inFlight(): Promise<Backlog> {
    for (let looks = 1;; looks++) {
      const backlog = await readBacklog(this.#node);
      if (backlog.outbox + backlog.queued > 0 || looks === looksMax) return backlog;
      await pause(5);
    }
  }

  /** At another moment each time; every third time once more, while the process starts. */
  async #kill(index: number): Promise<void> {
    const node = this.#node;
    const backlog = await this.#inFlight();
    const used = await node.used();
    const running = this.#running;
    await pause(index % 7);
    await node.kill();
    const againMs = index % 3 === 1 ? 150 + index * 97 % 400 : undefined;
    if (againMs !== undefined) await node.startAndKill(againMs);
    const startMs = await node.start();
    this.kills.push({ ...backlog, running, againMs, startMs, used });
    const again = againMs === undefined ? "" : `, killed again after ${againMs} ms`;
    print(
      `kill ${index + 1}: ${running} chats running, ${backlog.outbox} records in the outbox, ` +
        `${backlog.queued} messages in queues${again}, ready after ${startMs.toFixed(0)} ms`,
    );
  }
}
