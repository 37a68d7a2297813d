import type { ConfigCache, ConfigListener } from "../../cache/config_cache.ts";
import { noArchive } from "../harness/no_archive.ts";
import { noQueue } from "../harness/no_queue.ts";
import type { NeighbourAnswer } from "../../core/event.ts";
import type { SiteId } from "../../core/ids.ts";
import { limits } from "../../core/limits.ts";
import type { NeighbourRequest } from "../../core/outcome.ts";
import type { SiteConfig } from "../../core/site_config.ts";
import type { SiteState } from "../../core/site_state.ts";
import type { AppDeps } from "../../routes/app_deps.ts";
import { KeyedLimit } from "../../routes/rate_limit.ts";
import { DiskBudget } from "../../server/disk_budget.ts";
import { Journal } from "../../server/journal.ts";
import { Node, type SiteConfigs } from "../../server/node.ts";
import { Parts } from "../../server/parts.ts";
import { Pulse } from "../../server/pulse.ts";
import type { StateOf } from "../../server/saved_noun.ts";
import type { Direction } from "./direction.ts";
import { type CommitFate, JournalDisk, MemoryJournalStore } from "./memory_journal_store.ts";
import { NodeClock } from "./node_clock.ts";
import type { Stage } from "./stage.ts";
import { epoch } from "./virtual_clock.ts";

/** Tells whenever sites were read back, before anything is decided on what was read. */
class WatchedJournal extends Journal {
  recovered: (stateOf: StateOf) => void = () => {};

  override async recover(
    stateOf: StateOf,
    found?: (siteId: SiteId) => Promise<void>,
  ): Promise<void> {
    await super.recover(stateOf, found);
    this.recovered(stateOf);
  }
}

/** What one life of a node consists of. */
export interface Life {
  readonly node: Node;
  readonly deps: AppDeps;
  readonly store: MemoryJournalStore;
  readonly journal: Journal;
  readonly pulse: Pulse;
}

/**
 * How a process stands still: alone (SIGSTOP), or with its whole machine, whose clock stands too.
 */
export type FreezeKind = "stopped" | "suspended";

/** A link as its node sees it. */
export interface NodeLink {
  readonly up: Direction;
  readonly down: Direction;
  /** Whether both ends believe in it. */
  readonly alive: boolean;
  cut(when: { readonly pageMs: number; readonly serverMs: number }): void;
  nodeDied(how: { readonly told: boolean }): void;
}

interface LateTimer {
  readonly due: number;
  fire(): void;
}

/**
 * A machine with a disk and, most of the time, a node process on it. A process that is killed loses
 * all but the disk; one that stands still finds everything that came meanwhile when it wakes.
 */
export class NodeProcess {
  readonly name: string;
  readonly disk = new JournalDisk();
  readonly links = new Set<NodeLink>();
  life: Life | undefined;
  state: "down" | "starting" | "up" = "down";
  /** How far the machine's wall clock is from the world's time. */
  wallOffset = 0;
  /** When it last stood still, or began a life: absence is counted from there. */
  seatedAt = 0;
  readonly #stage: Stage;
  /** A life was composed and is about to begin. */
  readonly #begins: (process: NodeProcess) => void;
  #lives = 0;
  #suspendedMs = 0;
  #frozen: { readonly kind: FreezeKind; readonly since: number } | undefined;
  #lateTimers: LateTimer[] = [];
  #lateWork: (() => void)[] = [];
  #failNext: CommitFate | undefined;
  /** The current life's ear for configurations. */
  #tellConfig: ConfigListener = () => {};

  constructor(name: string, stage: Stage, begins: (process: NodeProcess) => void) {
    this.name = name;
    this.#stage = stage;
    this.#begins = begins;
  }

  get frozen(): boolean {
    return this.#frozen !== undefined;
  }

  /** Which life it is in; what belongs to an earlier one never happens. */
  get lifeNo(): number {
    return this.#lives;
  }

  wall(): number {
    return epoch + this.#stage.clock.now + this.wallOffset;
  }

  monotonic(): number {
    const { clock } = this.#stage;
    const standing = this.#frozen?.kind === "suspended" ? clock.now - this.#frozen.since : 0;
    return clock.now - this.#suspendedMs - standing;
  }

  /** Lets the next commit fail. */
  failNextCommit(how: CommitFate): void {
    this.#failNext = how;
  }

  /** Something from outside or from the disk reaches the process, if that life is not over. */
  work(lifeNo: number, task: () => void): void {
    if (lifeNo !== this.#lives || this.state === "down") return;
    if (this.#frozen !== undefined) this.#lateWork.push(() => this.work(lifeNo, task));
    else {
      this.#stage.running = this;
      task();
    }
  }

  /** A timer of the process, by its monotonic clock. */
  after(ms: number, task: () => void): () => void {
    const lifeNo = this.#lives;
    const due = this.monotonic() + ms;
    let cancelled = false;
    const fire = () => {
      if (cancelled || lifeNo !== this.#lives) return;
      if (this.#frozen !== undefined) {
        this.#lateTimers.push({ due, fire });
      } else if (this.monotonic() < due) {
        this.#stage.clock.after(due - this.monotonic(), fire);
      } else {
        this.#stage.running = this;
        task();
      }
    };
    this.#stage.clock.after(ms, fire);
    return () => void (cancelled = true);
  }

  start(): void {
    this.#lives += 1;
    this.state = "starting";
    this.seatedAt = this.#stage.clock.now;
    const lifeNo = this.#lives;
    this.#stage.running = this;
    const life = this.#compose(lifeNo);
    this.life = life;
    this.#begins(this);
    this.#stage.trace.add(this.#stage.clock.now, `${this.name} starts`);
    life.node.start().then(
      () => {
        if (lifeNo !== this.#lives) return;
        this.state = "up";
        this.seatedAt = this.#stage.clock.now;
        life.pulse.start();
      },
      (error) => {
        if (lifeNo !== this.#lives) return;
        this.#stage.counts.add("failed_starts");
        this.#stage.trace.add(this.#stage.clock.now, `${this.name} cannot start: ${error}`);
        this.die({ told: true });
      },
    );
  }

  #compose(lifeNo: number): Life {
    const { sites, trace, clock, profile } = this.#stage;
    const store = this.#openStore(lifeNo);
    const { unsavedLogBytes } = profile;
    const journal = new WatchedJournal(store, {
      unsavedLogBytes,
      unsavedLogBytesMax: unsavedLogBytes * 4,
    });
    const nodeClock = new NodeClock((ms, task) => this.after(ms, task));
    const log = {
      write: (level: string, event: string, fields: Readonly<Record<string, unknown>> = {}) => {
        const { stack: _, ...rest } = fields;
        trace.add(clock.now, `${this.name} log ${level} ${event} ${JSON.stringify(rest)}`);
        this.#stage.counts.add(`log_${event}`);
        if (event === "engine_threw") {
          this.#stage.checker.violate("alive", `The engine threw: ${JSON.stringify(rest)}`);
        }
      },
    };
    const { configs, signer, tokens } = sites;
    const neighbours = {
      ask: (_siteId: SiteId, request: NeighbourRequest) => this.#ask(request, lifeNo),
    };
    const node = new Node({
      ...{ journal, signer, log, neighbours, clock: nodeClock },
      configs: this.#configsOf(configs),
    });
    journal.recovered = (stateOf) => this.#recovered(stateOf);
    const disk = new DiskBudget(2 ** 30, () => journal.bytes);
    const rates = {
      framesPerSecond: limits.framesPerSecond,
      framesBurst: limits.framesBurst,
      siteFramesPerSecond: limits.siteFramesPerSecond,
      visitorsPerMinute: 600,
      loginsPerMinute: 30,
      connectionsMax: 18_000,
    };
    const deps: AppDeps = {
      ...{ node, configs, signer, tokens, log, disk, queue: noQueue, archive: noArchive },
      clock: nodeClock,
      parts: new Parts(() => nodeClock.now()),
      keyFingerprints: [],
      operatorKey: "op_simulation",
      limits: rates,
      siteFrames: new KeyedLimit({ rate: 2_000, burst: 2_000 }),
      webDir: "",
      isReady: () => this.state === "up",
    };
    const pulse = new Pulse(nodeClock, node, log, disk);
    return { node, deps, store, journal, pulse };
  }

  #openStore(lifeNo: number): MemoryJournalStore {
    const stage = this.#stage;
    const { random, profile, checker, trace, clock } = stage;
    let eventsBefore = 0;
    return new MemoryJournalStore(this.disk, {
      delay: (ms) =>
        new Promise((resolve) => {
          clock.after(ms, () => this.work(lifeNo, resolve));
        }),
      commitMs: () => random.between(profile.commitMsMin, profile.commitMsMax),
      readMs: () => random.between(0, profile.readMsMax),
      fate: () => {
        eventsBefore = this.life?.node.loop.counts.events ?? 0;
        return this.#fate();
      },
      readFails: () => !stage.healed && random.chance(profile.readFailure),
      landed: (write) => {
        trace.add(clock.now, `${this.name} landed ${write.puts.length}/${write.deletes.length}`);
        checker.landed(write);
      },
      failed: (how) => {
        stage.counts.add("failed_commits");
        stage.counts.add(`commits_${how}`);
        const decided = (this.life?.node.loop.counts.events ?? 0) - eventsBefore;
        if (decided > 0) stage.counts.add("case_commit_fails_while_next_is_decided");
      },
      broken: (why) => checker.violate("contract", why),
    });
  }

  #fate(): CommitFate {
    const { random, profile, healed } = this.#stage;
    const forced = this.#failNext;
    this.#failNext = undefined;
    if (healed) return "lands";
    if (forced !== undefined) return forced;
    if (!random.chance(profile.commitFailure)) return "lands";
    return random.pick(["fails", "log_only", "unclear"] as const) ?? "fails";
  }

  #recovered(stateOf: StateOf): void {
    const { sites, checker } = this.#stage;
    for (const { siteId } of sites.all) {
      const state: SiteState | undefined = stateOf(siteId);
      if (state !== undefined) checker.recovered(siteId, state);
    }
  }

  /** SIGKILL, or the machine is gone: `told` says whether the others' sockets are closed by it. */
  die({ told }: { readonly told: boolean }): void {
    const { counts, random, trace, clock } = this.#stage;
    const { life } = this;
    if (life?.store.inFlight) {
      const dice = random.next();
      if (dice < 0.4) life.store.landLog();
      else if (dice < 0.6) life.store.landLog(1);
      const landed = life.store.logLanded;
      counts.add(landed ? "case_killed_in_commit_landed" : "case_killed_in_commit_lost");
    }
    trace.add(clock.now, `${this.name} dies${told ? "" : ", and nobody is told"}`);
    this.#lives += 1;
    this.life = undefined;
    this.state = "down";
    this.#frozen = undefined;
    this.#lateTimers = [];
    this.#lateWork = [];
    for (const link of this.links) link.nodeDied({ told });
    this.links.clear();
  }

  /** The configurations as this process sees them: it is told of a change when it can hear it. */
  #configsOf(configs: ConfigCache): SiteConfigs {
    return {
      get: (siteId) => configs.get(siteId),
      load: (siteId) => configs.load(siteId),
      noteUse() {},
      onChange: (listener) => {
        this.#tellConfig = listener;
        return () => {};
      },
    };
  }

  /** The process is told of a site's new configuration; one that is down reads it at its start. */
  configure(config: SiteConfig): void {
    const { lifeNo } = this;
    this.work(lifeNo, () => {
      // While it starts, it may or may not have read what was before.
      if (this.state === "starting") {
        return void this.#stage.clock.after(50, () => this.configure(config));
      }
      this.#tellConfig(config.siteId, config);
      this.#stage.sites.tell(config, this.#stage.clock.now);
    });
  }

  /** A live neighbour of the node: it answers, hands over, fails, or says nothing. */
  #ask({ kind, entry }: NeighbourRequest, lifeNo: number): Promise<NeighbourAnswer> {
    const { random, healed, counts } = this.#stage;
    const dice = healed ? 0.5 : random.next();
    counts.add(dice < 0.15 ? "case_neighbour_silent" : "case_neighbour_answers");
    // Silence: the engine's own deadline has to do.
    if (dice < 0.15) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      this.#stage.clock.after(random.between(50, 4_000), () =>
        this.work(lifeNo, () => {
          if (dice < 0.3) {
            counts.add("case_neighbour_failed");
            return reject(new Error("no answer"));
          }
          const changes = entry?.id ?? "";
          if (kind === "translation") resolve({ kind: "translation", changes, text: "bonjour" });
          else if (kind === "scan") resolve({ kind: "scan_result", changes, result: "passed" });
          else if (dice < 0.5) resolve({ kind: "bot_handed_over", text: "An agent will come." });
          else resolve({ kind: "bot_message", text: "Tell me more." });
        }));
    });
  }

  freeze(kind: FreezeKind): void {
    if (this.state !== "up" || this.#frozen !== undefined) return;
    this.#stage.trace.add(this.#stage.clock.now, `${this.name} freezes (${kind})`);
    this.#frozen = { kind, since: this.#stage.clock.now };
  }

  /** Wakes: timers that are overdue and what came in from outside, either first. */
  thaw(): void {
    const { clock, trace, random } = this.#stage;
    if (this.#frozen === undefined) return;
    if (this.#frozen.kind === "suspended") this.#suspendedMs += clock.now - this.#frozen.since;
    trace.add(clock.now, `${this.name} wakes`);
    // A shorter one is no stall to the node.
    if (clock.now - this.#frozen.since > 5_000) this.seatedAt = clock.now;
    this.#frozen = undefined;
    const timers = this.#lateTimers.sort((a, b) => a.due - b.due).map(({ fire }) => fire);
    const late = random.chance(0.5)
      ? [...timers, ...this.#lateWork]
      : [...this.#lateWork, ...timers];
    this.#lateTimers = [];
    this.#lateWork = [];
    for (const task of late) clock.after(0, task);
  }
}
