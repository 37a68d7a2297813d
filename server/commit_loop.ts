import type { Event } from "../core/event.ts";
import type { SiteId } from "../core/ids.ts";
import { type Job, statistics } from "../core/job.ts";
import { limits } from "../core/limits.ts";
import type { SiteState } from "../core/site_state.ts";
import { Batch, type Decided, type Staged } from "./batch.ts";
import type { Clock } from "./clock.ts";
import type { Encoder } from "./encoder.ts";
import type { Journal } from "./journal.ts";
import { errorFields, type Log } from "./log.ts";
import type { SiteSlot } from "./site_slot.ts";

/** What the loop hands on, and whom it tells. */
export interface CommitLoopPorts {
  readonly journal: Journal;
  readonly encoder: Encoder;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the disk is nearly full: statistics are not written any more. */
  isTight(): boolean;
  /** The state of a site as it is now, for saving its nouns. */
  stateOf(siteId: SiteId): SiteState | undefined;
  /** These are on disk: let them go, in order. */
  release(staged: readonly Staged[]): void;
  /** These events changed nothing, as a commit failed or the engine threw. */
  refuse(decided: readonly Decided[]): void;
  /** The site's engine state is void; the journal has what counts. */
  rebuild(slot: SiteSlot): void;
  /** The site decided something, its wakeAt may have changed. */
  decided(slot: SiteSlot): void;
}

/**
 * How long a busy loop gathers: per event of the last commit, and at most. Measured in
 * docs/adr/0005.
 */
const gatherMsPerEvent = 0.1;
const gatherMsMax = 4;
/** A loop is busy whose last commit held so many events, for so long after it. */
const busyEvents = 20;
const busyMs = 250;

/** How busy the loop has been, for the metrics and the benches. */
export interface CommitCounts {
  events: number;
  commits: number;
  failed: number;
  records: number;
  bytes: number;
  commitMsTotal: number;
  commitMsMax: number;
  statisticsDropped: number;
}

/**
 * The one commit loop of a node. Events of all sites are decided into one batch while the batch
 * before it is being written; a batch is on disk before anything of it leaves the process. Within a
 * round each site decides a bounded number of events, in turn with the others, so a flooding site
 * delays its neighbours by a round at most. [CL1]
 */
export class CommitLoop {
  readonly counts: CommitCounts = {
    events: 0,
    commits: 0,
    failed: 0,
    records: 0,
    bytes: 0,
    commitMsTotal: 0,
    commitMsMax: 0,
    statisticsDropped: 0,
  };
  readonly #ports: CommitLoopPorts;
  #pending = new Batch();
  #spare = new Batch();
  #inFlight: Batch | undefined;
  /** Sites with mail, each once, in turn. */
  #line: SiteSlot[] = [];
  #inRound: SiteSlot[] = [];
  #isDropping = false;
  #scheduled = false;
  #waiting = false;
  #lastEvents = 0;
  #committedAt = -Infinity;
  #idleWaiters: (() => void)[] = [];

  constructor(ports: CommitLoopPorts) {
    this.#ports = ports;
  }

  /** Puts an event into its site's mailbox. Decided soon, in order. */
  post(slot: SiteSlot, event: Event): void {
    slot.put(event);
    this.resume(slot);
  }

  /** Lets a site take its turn, as it has mail and may decide. */
  resume(slot: SiteSlot): void {
    if (slot.queued || slot.state !== "serving" || slot.tainted || slot.waiting === 0) return;
    slot.queued = true;
    this.#line.push(slot);
    this.#schedule();
  }

  /**
   * The site decides nothing more: once what it decided is on disk, it is to be rebuilt. What waits
   * in its mailbox stays there.
   */
  drop(slot: SiteSlot): void {
    if (slot.tainted || slot.state === "rebuilding") return;
    slot.tainted = true;
    this.#pending.tainted.add(slot);
    this.#schedule();
  }

  /** Resolves once everything posted so far is decided, written and released. */
  idle(): Promise<void> {
    if (this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Whether some thousand events a second come: every commit holds many. */
  get isBusy(): boolean {
    const sinceMs = this.#ports.clock.monotonic() - this.#committedAt;
    return this.#lastEvents >= busyEvents && sinceMs < busyMs;
  }

  get #isIdle(): boolean {
    return this.#line.length === 0 && this.#pending.empty && this.#inFlight === undefined;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    this.#gather();
    if (this.#inFlight === undefined && !this.#pending.empty) this.#commitOrWait();
    if (this.#isIdle) {
      for (const resolve of this.#idleWaiters.splice(0)) resolve();
    }
  }

  /** Decides what fits the round: one event of each site in turn, a bounded number of each. */
  #gather(): void {
    const over: SiteSlot[] = [];
    for (let i = 0; i < this.#line.length; i++) {
      const slot = this.#line[i];
      if (slot === undefined) continue;
      if (this.#pending.full || slot.decidedInRound >= limits.eventsPerRound) {
        over.push(slot);
        continue;
      }
      const event = slot.state === "serving" && !slot.tainted ? slot.take() : undefined;
      if (event !== undefined) this.#decide(slot, event);
      if (slot.state === "serving" && !slot.tainted && slot.waiting > 0) this.#line.push(slot);
      else slot.queued = false;
    }
    this.#line = over;
  }

  #decide(slot: SiteSlot, event: Event): void {
    const { encoder, log } = this.#ports;
    const batch = this.#pending;
    this.counts.events += 1;
    if (slot.decidedInRound === 0) this.#inRound.push(slot);
    slot.decidedInRound += 1;
    const { siteId } = slot;
    const stagedBefore = batch.staged.length;
    let outcome;
    try {
      outcome = slot.site.handle(event);
      for (const send of outcome.sends) {
        batch.staged.push({ slot, send, text: encoder.encodeSend(siteId, send) });
      }
      const { facts } = outcome;
      const jobs = outcome.jobs.length === 0 ? outcome.jobs : this.#affordable(outcome.jobs);
      if (facts.length > 0 || jobs.length > 0) {
        batch.append(slot, encoder.encodeDecision({ site: siteId, at: event.at, facts, jobs }));
      }
    } catch (error) {
      batch.staged.length = stagedBefore;
      log.write("error", "engine_threw", {
        siteId: slot.siteId,
        eventType: event.type,
        ...errorFields(error),
      });
      slot.tainted = true;
      batch.tainted.add(slot);
      this.#ports.refuse([{ slot, event }]);
      return;
    }
    batch.decided.push({ slot, event });
    for (const fact of outcome.facts) batch.touched.add(slot.nounName(fact));
    this.#ports.decided(slot);
  }

  /** The jobs that there is room for. [OB10] */
  #affordable(jobs: readonly Job[]): readonly Job[] {
    if (!this.#ports.isTight()) {
      this.#isDropping = false;
      return jobs;
    }
    const kept = jobs.filter(({ queue }) => !statistics.has(queue));
    if (kept.length === jobs.length) return jobs;
    this.counts.statisticsDropped += jobs.length - kept.length;
    if (!this.#isDropping) this.#ports.log.write("error", "statistics_dropped");
    this.#isDropping = true;
    return kept;
  }

  /**
   * Commits now, or a little later when the node is busy: every commit costs the same for its sync,
   * so the more events the last one held, the longer the next gathers. An idle node never waits.
   * [CL4]
   */
  #commitOrWait(): void {
    if (this.#waiting) return;
    const { clock } = this.#ports;
    const gatherMs = Math.min(gatherMsMax, this.#lastEvents * gatherMsPerEvent);
    const waitMs = this.#committedAt + gatherMs - clock.monotonic();
    if (waitMs < 0.5 || this.#pending.full) return this.#commit();
    this.#waiting = true;
    clock.after(Math.round(waitMs), () => {
      this.#waiting = false;
      if (this.#inFlight === undefined && !this.#pending.empty) this.#commit();
    });
  }

  #commit(): void {
    const batch = this.#pending;
    this.#lastEvents = batch.decided.length;
    this.#committedAt = this.#ports.clock.monotonic();
    this.#inFlight = batch;
    this.#pending = this.#spare;
    this.#spare = batch;
    for (const slot of this.#inRound) slot.decidedInRound = 0;
    this.#inRound = [];
    if (batch.recordCount === 0) return this.#committed(batch);
    const started = this.#ports.clock.monotonic();
    this.#ports.journal.commit(batch.records(), batch.touched, this.#ports.stateOf).then(
      () => {
        const ms = this.#ports.clock.monotonic() - started;
        this.counts.commits += 1;
        this.counts.records += batch.recordCount;
        this.counts.bytes += batch.bytes;
        this.counts.commitMsTotal += ms;
        this.counts.commitMsMax = Math.max(this.counts.commitMsMax, ms);
        this.#committed(batch);
      },
      (error) => this.#failed(batch, error),
    );
  }

  #committed(batch: Batch): void {
    this.#inFlight = undefined;
    const staged = batch.staged.slice();
    const tainted = [...batch.tainted];
    batch.clear();
    // The next commit goes to its thread first, so that its fsync and our sending overlap.
    this.#gather();
    if (this.#pending.recordCount > 0) this.#commitOrWait();
    this.#ports.release(staged);
    for (const slot of tainted) this.#rebuild(slot);
    this.#schedule();
  }

  #rebuild(slot: SiteSlot): void {
    slot.tainted = false;
    slot.state = "rebuilding";
    this.#ports.rebuild(slot);
  }

  /**
   * The commit failed, or nobody knows. What its sites decided, here and in the batch behind, is
   * void: their senders are refused and the sites rebuilt. The other sites' part of the batch
   * behind stays.
   */
  #failed(batch: Batch, error: unknown): void {
    this.counts.failed += 1;
    const slots = batch.slots();
    this.#ports.log.write("error", "commit_failed", {
      sites: [...slots].map((slot) => slot.siteId),
      ...errorFields(error),
    });
    const void1 = batch.decided.slice();
    const void2 = this.#pending.drop(slots);
    for (const slot of slots) slot.state = "rebuilding";
    this.#line = this.#line.filter((slot) => {
      if (slots.has(slot)) slot.queued = false;
      return !slots.has(slot);
    });
    batch.clear();
    this.#ports.refuse([...void1, ...void2]);
    this.#afterFailure(slots);
  }

  /** Nothing is written before the end of the log is known again. */
  #afterFailure(slots: ReadonlySet<SiteSlot>): void {
    this.#ports.journal.readEnds().then(
      () => {
        this.#inFlight = undefined;
        for (const slot of slots) this.#rebuild(slot);
        this.#schedule();
      },
      (error) => {
        this.#ports.log.write("error", "journal_unreadable", errorFields(error));
        this.#ports.clock.after(500, () => this.#afterFailure(slots));
      },
    );
  }
}
