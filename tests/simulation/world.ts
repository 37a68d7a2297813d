import type { SiteId } from "../../core/ids.ts";
import type { SiteState } from "../../core/site_state.ts";
import type { SocketEvents } from "../../web/sdk/socket.ts";
import { Backbone } from "./backbone.ts";
import { Checker } from "./checker.ts";
import { Counts } from "./counts.ts";
import { Faults } from "./faults.ts";
import { heal, operate, stillWrong } from "./healing.ts";
import { Link } from "./link.ts";
import { NodeProcess } from "./node_process.ts";
import { type Network, Page, type PageOptions } from "./page.ts";
import { Agent, Visitor } from "./people.ts";
import type { Person } from "./person.ts";
import { type Profile, profileOf } from "./profile.ts";
import { RandomSource } from "./random_source.ts";
import { sealGlobals } from "./sealed_globals.ts";
import { Sites } from "./sites.ts";
import type { Stage } from "./stage.ts";
import type { Scene } from "./scene.ts";
import { startScripts } from "./scripts.ts";
import { Trace } from "./trace.ts";
import type { Wire } from "./wire.ts";
import { drained, epoch, VirtualClock } from "./virtual_clock.ts";

/** What somebody changes in a world to break one rule on purpose. */
export interface Sabotage {
  /** Changes something for the whole run; the answer changes it back. */
  install?(): () => void;
  /** A life of a node begins. */
  node?(process: NodeProcess): void;
  /** A link is opened. */
  link?(link: Link): void;
  /** What a page hears; the answer goes on, undefined is lost. */
  heard?(page: Page, text: string): string | undefined;
  /** A person arrives with a browser. */
  person?(person: Person): void;
}

/** How one world is run. */
export interface WorldOptions {
  readonly print?: boolean;
  readonly ignore?: ReadonlySet<string>;
  readonly sabotage?: Sabotage;
  readonly profile?: Profile;
}

/** How long a healed world may take to come to rest, in its own time. */
const restMsMax = 25 * 60_000;

/** One seed: nodes, sites and people on one clock, in one thread. */
export class World implements Scene, Network {
  readonly stage: Stage;
  readonly nodes: readonly NodeProcess[];
  readonly backbone: Backbone;
  readonly people: Person[] = [];
  pages: Page[] = [];
  readonly #faults: Faults;
  readonly #sabotage: Sabotage;

  private constructor(stage: Stage, sabotage: Sabotage) {
    this.stage = stage;
    this.#sabotage = sabotage;
    this.#faults = new Faults(this);
    const { profile, clock, random } = stage;
    const begins = (process: NodeProcess) => sabotage.node?.(process);
    this.nodes = profile.nodes.map((name) => new NodeProcess(name, stage, begins));
    this.backbone = new Backbone(clock, random.fork(), profile.link);
  }

  /** Runs the world of a seed from its beginning to its rest. */
  static async run(seed: number, options: WorldOptions = {}): Promise<World> {
    const profile = options.profile ?? profileOf(seed);
    const clock = new VirtualClock();
    const random = new RandomSource(seed);
    const idRandom = random.fork();
    const trace = new Trace({ print: options.print ?? false });
    const counts = new Counts();
    const sites = await Sites.open(profile);
    let world: World | undefined = undefined;
    const checker = new Checker({
      sites,
      counts,
      now: () => clock.now,
      seatedAt: (siteId) => world?.nodeOf(siteId).seatedAt ?? 0,
      isRebuilding: (siteId) => world?.isRebuilding(siteId) ?? false,
      pages: () => world?.pages ?? [],
      states: () => world?.states() ?? [],
    }, options.ignore ?? new Set());
    const stage: Stage = {
      clock,
      random,
      trace,
      profile,
      counts,
      checker,
      sites,
      healed: false,
      running: undefined,
      received: (link, type) => world?.received(link, type),
    };
    const made = new World(stage, options.sabotage ?? {});
    world = made;
    const unseal = sealGlobals({
      wallNow: () => stage.running?.wall() ?? epoch + clock.now,
      monotonicNow: () => stage.running?.monotonic() ?? clock.now,
      random: () => idRandom.next(),
      uncaught: (error) => made.#uncaught(error),
    });
    const uninstall = options.sabotage?.install?.();
    try {
      await made.#run();
    } finally {
      uninstall?.();
      unseal();
    }
    return made;
  }

  /** The first node, until sites are placed on others, too. */
  nodeOf(_siteId: SiteId): NodeProcess {
    const [node] = this.nodes;
    if (node === undefined) throw new Error("A world has a node");
    return node;
  }

  /** The engines of all sites that serve. */
  states(): readonly SiteState[] {
    return this.stage.sites.all.flatMap(({ siteId }) => {
      const { life, state } = this.nodeOf(siteId);
      const slot = state === "up" ? life?.node.slot(siteId) : undefined;
      return slot?.state === "serving" ? [slot.site.state] : [];
    });
  }

  isRebuilding(siteId: SiteId): boolean {
    return this.nodeOf(siteId).life?.node.slot(siteId)?.state !== "serving";
  }

  page(options: PageOptions): Page {
    const page = new Page(this, options);
    this.pages = [...this.pages.filter(({ gone }) => !gone), page];
    return page;
  }

  bansAt(siteId: SiteId): readonly string[] {
    return [...this.stage.checker.truth(siteId).state.bans.all()].map(({ banId }) => banId);
  }

  /** A new connection of a page to the node of its site. */
  link(page: Page, no: number, events: SocketEvents): Link {
    const { profile, healed, counts } = this.stage;
    const { siteId, holder, name } = page;
    const heard = this.#sabotage.heard;
    const link = new Link(this.stage, this.nodeOf(siteId), { siteId, holder, pageName: name }, {
      no,
      shape: page.shape ?? (healed ? profile.calmLink : profile.link),
      events: heard === undefined ? events : {
        ...events,
        received: (text) => {
          const changed = heard(page, text);
          if (changed !== undefined) events.received(changed);
        },
      },
    });
    counts.add("connections");
    this.#sabotage.link?.(link);
    return link;
  }

  /** Something is under way that has to come to its end before the world heals. */
  busyUntil(at: number): void {
    this.#faults.busyUntil = Math.max(this.#faults.busyUntil, at);
  }

  /** A command reached a node; its answer may get lost. */
  received(link: Wire, type: string): void {
    this.#faults.received(link, type);
  }

  async #run(): Promise<void> {
    const { profile, clock, random } = this.stage;
    for (const node of this.nodes) node.start();
    for (const site of profile.sites) {
      const siteId = this.#siteId(site.siteId);
      for (const { agentId } of site.agents) this.#enter(new Agent(this, { siteId, agentId }));
      for (let no = 1; no <= site.visitors; no++) this.#enter(new Visitor(this, { siteId, no }));
    }
    clock.after(random.between(20, 200), () => {
      if (!startScripts(this)) { for (const person of this.people) person.begin(); }
      this.#faults.start();
    });
    await this.until(profile.durationMs);
    while (this.#faults.busyUntil > clock.now && !this.broken) {
      await this.until(this.#faults.busyUntil);
    }
    if (this.broken) return;
    await this.#rest();
    if (this.broken) return;
    // What was committed is there once more, and everybody finds the way back to it.
    for (const node of this.nodes) {
      node.die({ told: true });
      clock.after(500, () => node.start());
    }
    await this.until(clock.now + 2_000);
    await this.#rest();
  }

  #siteId(name: string): SiteId {
    const config = this.stage.sites.all.find(({ siteId }) => siteId === name);
    if (config === undefined) throw new Error(`No site ${name}`);
    return config.siteId;
  }

  #enter(person: Person): void {
    this.#sabotage.person?.(person);
    this.people.push(person);
  }

  get broken(): boolean {
    return this.stage.checker.violations.length > 0;
  }

  /** Lets the world's time pass until `end`, or until a rule is broken. */
  async until(end: number): Promise<void> {
    const { clock, checker, counts } = this.stage;
    while (!this.broken) {
      const task = clock.takeDue(end);
      if (task === undefined) return;
      task();
      await drained();
      this.stage.running = undefined;
      checker.look();
      counts.add("steps");
    }
  }

  /** Everything works from here on; waits until all is as it has to be in the end. */
  async #rest(): Promise<void> {
    const { clock, checker, counts, trace } = this.stage;
    trace.add(clock.now, "everything works again");
    heal(this);
    const from = clock.now;
    const look = () => stillWrong(this).filter(({ rule }) => !checker.ignores(rule));
    let wrong = look();
    while (wrong.length > 0 && clock.now < from + restMsMax && !this.broken) {
      await this.until(clock.now + 2_000);
      operate(this);
      wrong = look();
    }
    counts.add("rest_seconds", Math.round((clock.now - from) / 1_000));
    for (const { rule, message } of wrong) checker.violate(rule, message);
  }

  #uncaught(error: unknown): void {
    const { checker, trace, clock } = this.stage;
    const text = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
    trace.add(clock.now, `uncaught: ${text}`);
    checker.violate("alive", `The process died: ${text}`);
  }
}
