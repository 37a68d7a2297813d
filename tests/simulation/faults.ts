import type { Link } from "./link.ts";
import type { Wire } from "./wire.ts";
import type { NodeProcess } from "./node_process.ts";
import type { Page } from "./page.ts";
import type { Person } from "./person.ts";
import { mischief } from "./mischief.ts";
import type { Rates } from "./profile.ts";
import { reconfigure } from "./reconfiguring.ts";
import type { Scene } from "./scene.ts";

const minute = 60_000;
const wallJumps = [-3_600_000, -300_000, -2_000, 2_000, 300_000, 25 * 3_600_000];

/** Commands that are given all the time. */
const frequent: ReadonlySet<string> = new Set(["post_message", "post_note", "mark_read"]);

/** Breaks things while the world runs, each at a rate of its own. */
export class Faults {
  /** Until when something is still broken that has an end of its own. */
  busyUntil = 0;
  readonly #world: Scene;

  constructor(world: Scene) {
    this.#world = world;
  }

  start(): void {
    this.#often(
      "kill",
      () => this.#kill(this.#node(), this.#world.stage.random.pick([0, 3_000]) ?? 0),
    );
    this.#often("freeze", () => this.#freeze());
    this.#often("wallJump", () => this.#jump());
    this.#often("cut", () => this.#withLink("cut", (link) => this.#cut(link)));
    this.#often("halfDie", () => this.#withLink("half_dead", (link) => this.#halfDie(link)));
    this.#often("pauseReader", () => this.#withLink("slow_reader", (link) => this.#pause(link)));
    this.#often("reload", () => this.#reload());
    this.#often("secondPage", () => this.#secondPage());
    this.#often("commitFailure", () => this.#failCommit());
    this.#often("reconfigure", () => reconfigure(this.#world));
    this.#often("mischief", () => mischief(this.#world));
    this.#operate();
  }

  /** A command arrived; now and then the connection is lost before its answer. */
  received(link: Wire, type: string): void {
    const { random, profile, healed, counts } = this.#world.stage;
    const chance = profile.lostAnswer * (frequent.has(type) ? 1 : 6);
    if (healed || type === "" || !random.chance(chance)) return;
    counts.add("lost_answers");
    counts.add(`lost_answer_${type}`);
    link.cut({ pageMs: random.between(0, 200), serverMs: random.between(0, 200) });
  }

  #often(rate: keyof Rates, happen: () => void): void {
    const { clock, random, profile } = this.#world.stage;
    const perMinute = profile.rates[rate];
    if (perMinute === 0) return;
    const next = () => {
      clock.after(random.waitFor(perMinute), () => {
        if (this.#world.stage.healed || clock.now > profile.durationMs) return;
        happen();
        next();
      });
    };
    next();
  }

  #kill(node: NodeProcess, patience: number): void {
    const { random, clock, counts } = this.#world.stage;
    if (node.state !== "up" || node.frozen) return;
    // Rather in the middle of a commit than in the pauses between them.
    if (patience > 0 && node.life?.store.inFlight !== true) {
      clock.after(1, () => this.#kill(node, patience - 1));
      return;
    }
    this.#notePath("kill");
    counts.add("restarts");
    node.die({ told: random.chance(0.8) });
    clock.after(random.between(200, 20_000), () => {
      if (node.state === "down") node.start();
    });
  }

  #freeze(): void {
    const node = this.#node();
    const { random, clock, counts } = this.#world.stage;
    if (node.state !== "up" || node.frozen) return;
    const long = random.chance(0.6);
    const ms = long ? 10 * minute : random.between(2_000, 90_000);
    this.#notePath("freeze");
    counts.add("freezes");
    node.freeze(random.chance(0.7) ? "stopped" : "suspended");
    this.busyUntil = clock.now + ms + 1_000;
    clock.after(ms, () => {
      if (long) counts.add("case_frozen_ten_minutes_and_woken");
      node.thaw();
    });
  }

  #jump(): void {
    const { random, clock, counts, trace } = this.#world.stage;
    const ms = random.pick(wallJumps) ?? 0;
    counts.add("wall_jumps");
    trace.add(clock.now, `the wall clock jumps by ${ms} ms`);
    this.#node().wallOffset += ms;
  }

  #failCommit(): void {
    const { random } = this.#world.stage;
    this.#notePath("rebuild");
    this.#node().failNextCommit(
      random.pick(["fails", "log_only", "unclear"] as const) ?? "fails",
    );
  }

  #withLink(path: string, happen: (link: Link) => void): void {
    const { random, counts } = this.#world.stage;
    const alive = this.#world.pages.filter(({ gone, link }) => !gone && link?.alive);
    const page = random.pick(alive);
    if (page?.link === undefined) return;
    this.#notePath(path, page);
    counts.add(path === "slow_reader" ? "slow_readers" : "lost_connections");
    happen(page.link);
  }

  #cut(link: Link): void {
    const { random, clock, trace } = this.#world.stage;
    const late = () => random.chance(0.3) ? random.between(1_000, 40_000) : random.between(0, 100);
    trace.add(clock.now, `${link} is cut`);
    link.cut({ pageMs: late(), serverMs: late() });
  }

  #halfDie(link: Link): void {
    const { random, clock, trace } = this.#world.stage;
    trace.add(clock.now, `${link} is half-dead`);
    link.halfDie(random.pick(["up", "down", "both"]) ?? "both");
  }

  #pause(link: Link): void {
    const { random, clock, trace } = this.#world.stage;
    trace.add(clock.now, `${link} reads no more`);
    link.down.pauseUntil(clock.now + random.between(2_000, 60_000));
  }

  #reload(): void {
    const { random, counts } = this.#world.stage;
    const person = this.#somebody();
    const page = random.pick(person?.pages ?? []);
    if (person === undefined || page === undefined) return;
    this.#notePath("reload", page);
    counts.add("reloads");
    person.reload(page, { told: random.chance(0.7) });
  }

  #secondPage(): void {
    const { counts } = this.#world.stage;
    const person = this.#somebody();
    if (person === undefined || person.pages.length === 0 || person.pages.length > 3) return;
    const isAgent = person.holder.type === "agent";
    this.#notePath(isAgent ? "second_console" : "second_tab", person.pages[0]);
    counts.add(isAgent ? "second_consoles" : "second_tabs");
    person.open();
  }

  #somebody(): Person | undefined {
    const { random } = this.#world.stage;
    return random.pick(this.#world.people.filter(({ pages }) => pages.length > 0));
  }

  /** A node with a failed site, or none at all, is started again by its operator. */
  #operate(): void {
    const { clock, counts } = this.#world.stage;
    clock.after(10_000, () => {
      if (this.#world.stage.healed) return;
      for (const node of this.#world.nodes) {
        if (node.state === "down") node.start();
        else if (node.state === "up" && (node.life?.node.failedSites().length ?? 0) > 0) {
          counts.add("operator_restarts");
          node.die({ told: true });
          clock.after(1_000, () => node.start());
        }
      }
      this.#operate();
    });
  }

  /** Some node of the world. */
  #node(): NodeProcess {
    const { nodes, stage } = this.#world;
    const node = nodes.length > 1 ? stage.random.pick(nodes) : nodes[0];
    if (node === undefined) throw new Error("A world has a node");
    return node;
  }

  /**
   * Counts the ways by which a connection is made anew where a note is held back from the visitor.
   */
  #notePath(path: string, page?: Page): void {
    const { checker, counts, sites } = this.#world.stage;
    for (const { siteId } of sites.all) {
      if (page !== undefined && page.siteId !== siteId) continue;
      for (const chat of checker.truth(siteId).chats.values()) {
        const concerned = page === undefined || chat.visitorId === page.holder.id ||
          [...chat.agentIds].some((agentId) => agentId === page.holder.id);
        if (chat.ended || chat.notes === 0 || !concerned) continue;
        return counts.add(`case_note_then_${path}`);
      }
    }
  }
}
