import type { z } from "zod";
import { assert, unreachable } from "../../core/assert.ts";
import type { CloseName } from "../../core/close_code.ts";
import type { Event } from "../../core/event.ts";
import type { Fact } from "../../core/fact.ts";
import {
  agentIdSchema,
  type ChatId,
  type ConnectionNo,
  type DepartmentId,
  type Millis,
  type TenureId,
} from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { Arrival, Erasure, NeighbourRequest, Outcome, Send } from "../../core/outcome.ts";
import type { Chat } from "../../core/chat.ts";
import { Site } from "../../core/site.ts";
import type { agentConfigSchema } from "../../core/agent_config.ts";
import { type SiteConfig, siteConfigSchema } from "../../core/site_config.ts";
import { FixedIds } from "./fixed_ids.ts";
import { type Received, SitePage } from "./site_page.ts";

/** Events as tests write them: the bench adds the time. */
export type TimelessEvent = Event extends infer One ? One extends Event ? Omit<One, "at"> : never
  : never;

/** What differs from a site with load balancing and agents ana and ben, three chats each. */
export interface BenchOptions {
  readonly siteId?: string;
  readonly mode?: SiteConfig["routing"]["mode"];
  /** Chat limits by agent. */
  readonly agents?: Readonly<Record<string, number>>;
  readonly inactivity?: {
    readonly warnAfterMs: number;
    readonly endAfterMs: number;
    readonly agentSilentMs?: number;
  };
  /** What agents have besides their limits: role, departmentIds. */
  readonly staff?: Readonly<Record<string, Partial<z.input<typeof agentConfigSchema>>>>;
  /** Anything else of the site's configuration; its `routing` is added to the mode. */
  readonly config?: Partial<z.input<typeof siteConfigSchema>>;
}

/** A site of these options, as configured. */
export function benchConfig(options: BenchOptions = {}): SiteConfig {
  const agents = Object.entries(options.agents ?? { ana: 3, ben: 3 });
  return siteConfigSchema.parse({
    siteId: options.siteId ?? "acme",
    name: "Acme",
    agents: agents.map(([agentId, chatLimit]) => ({
      agentId,
      name: agentId.charAt(0).toUpperCase() + agentId.slice(1),
      passwordHash: "scrypt$16384$8$1$c2FsdA$aGFzaA",
      chatLimit,
      ...options.staff?.[agentId],
    })),
    ...options.config,
    routing: { mode: options.mode ?? "load_balancing", ...options.config?.routing },
    ...(options.inactivity === undefined ? {} : { inactivity: options.inactivity }),
  });
}

/**
 * One real Site on virtual time. Each outcome goes to the pages it names; the site is woken
 * whenever it asked to be. No staff entry may pass to a visitor here, whatever a test looks at.
 * [SE2]
 */
export class SiteBench {
  readonly ids = new FixedIds();
  readonly facts: Fact[] = [];
  readonly jobs: Job[] = [];
  /** Answers to page loads, in order. */
  readonly arrivals: Arrival[] = [];
  readonly erasures: Erasure[] = [];
  readonly #pages = new Map<ConnectionNo, SitePage>();
  #lastConnection = 0;
  /** Told of everything that a page receives, and of its close, in order. */
  watch: (page: SitePage, received: Received | CloseName) => void = () => {};
  /** Told of every outcome before anything of it is delivered. */
  decided: (outcome: Outcome) => void = () => {};
  /** Told of every request to a neighbour. */
  asked: (request: NeighbourRequest) => void = () => {};
  site: Site;
  at: Millis = 1_800_000_000_000;

  constructor(options: BenchOptions = {}) {
    this.site = new Site(benchConfig(options));
    this.activate();
  }

  /** Begins a tenure and returns it. */
  activate(): TenureId {
    const tenure = this.ids.tenure();
    this.handle({ type: "activated", tenure });
    return tenure;
  }

  /** A page of a new visitor, connected; from this address if it has one. */
  visitor(address?: string): SitePage {
    const visitorId = this.ids.visitor();
    const page = new SitePage(this, { type: "visitor", visitorId, visitId: "visit-1" });
    page.address = address;
    return this.#connected(page);
  }

  /** Another page of the same session, connected. */
  anotherPage(page: SitePage): SitePage {
    return this.#connected(new SitePage(this, page.session));
  }

  /** An agent's console, connected, with this status. */
  agent(agentId: string, status: "online" | "away" | "offline" = "online"): SitePage {
    const session = { type: "agent", agentId: agentIdSchema.parse(agentId) } as const;
    const console = this.#connected(new SitePage(this, session));
    if (status !== "offline") console.setStatus(status);
    console.take();
    return console;
  }

  #connected(page: SitePage): SitePage {
    page.connect();
    return page;
  }

  /** Gives a page a connection number that was never used. */
  open(page: SitePage): ConnectionNo {
    this.#lastConnection += 1;
    const connection = this.#lastConnection as ConnectionNo; // made here only, as the hub does
    this.#pages.set(connection, page);
    return connection;
  }

  /** Hands an event to the site, with everything it wanted to be woken for until then. */
  handle(event: TimelessEvent): Outcome {
    if (event.type !== "woken") this.#wakeUntil(this.at);
    // `at` is all that a timeless event lacks.
    const outcome = this.site.handle({ ...event, at: this.at } as Event);
    this.facts.push(...outcome.facts);
    this.jobs.push(...outcome.jobs);
    this.decided(outcome);
    for (const send of outcome.sends) this.#deliver(send);
    return outcome;
  }

  /** Lets time pass; the site is woken on the way. */
  advance(ms: number): void {
    const until = this.at + ms;
    this.#wakeUntil(until);
    this.at = until;
  }

  #wakeUntil(until: Millis): void {
    for (let turns = 0; turns < 100_000; turns++) {
      const { wakeAt } = this.site;
      if (wakeAt === undefined || wakeAt > until) return;
      this.at = Math.max(this.at, wakeAt);
      this.handle({ type: "woken" });
    }
    assert(false, "The site wants to be woken without end");
  }

  /** A new site on the facts decided so far, as after a restart; all connections are gone. */
  restart(): TenureId {
    const site = new Site(this.site.state.config);
    for (const fact of this.facts) site.state.apply(structuredClone(fact));
    return this.takeOver(site);
  }

  /** Another site goes on from here, as after a restart. */
  takeOver(site: Site): TenureId {
    for (const page of this.#pages.values()) page.connection = undefined;
    this.#pages.clear();
    this.site = site;
    return this.activate();
  }

  /** The chat as the site holds it. */
  chat(chatId: ChatId): Chat {
    const chat = this.site.state.chats.get(chatId);
    assert(chat !== undefined, `Chat "${chatId}" is there`);
    return chat;
  }

  /** The chats that wait in a department, or for any agent, in order. */
  waitingChats(departmentId?: DepartmentId): ChatId[] {
    return [...this.site.state.waiting.of(departmentId)];
  }

  jobsOf(queue: Job["queue"]): Job[] {
    return this.jobs.filter((job) => job.queue === queue);
  }

  #deliver(send: Send): void {
    switch (send.type) {
      case "frame":
        return this.#give(send.to, send.frame);
      case "entry":
        return this.#give(send.to, { type: "entry", entry: send.entry });
      case "ack":
        return this.#give([send.to], { type: "ack", entry: send.entry });
      case "page": {
        const { to, ...page } = send;
        return this.#give([to], { ...page, type: "entries" });
      }
      case "close":
        return this.#close(send.to, send.code);
      case "arrival":
        this.arrivals.push(send.arrival);
        return;
      case "erasure":
        this.erasures.push(send.erasure);
        return;
      case "neighbour":
        return this.asked(send.request);
      case "transcript":
        return;
      default:
        unreachable(send);
    }
  }

  #give(to: readonly ConnectionNo[], frame: Received): void {
    for (const connection of to) {
      const page = this.#pages.get(connection);
      if (page === undefined) continue;
      const toVisitor = page.session.type === "visitor";
      assert(!toVisitor || !/[/"]staff"/.test(JSON.stringify(frame)), "Staff stays with staff");
      if (page.connection !== connection) continue;
      page.receive(frame);
      this.watch(page, frame);
    }
  }

  #close(connection: ConnectionNo, code: CloseName): void {
    const page = this.#pages.get(connection);
    if (page === undefined) return;
    page.closed(code);
    this.watch(page, code);
  }
}
