import type { Millis } from "../core/ids.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import type { Journal } from "./journal.ts";

/**
 * What a backup keeps this process from. pictures: relays stand still, and no record of the log is
 * deleted; log: records are kept; rest: nothing but another backup.
 */
export type BackupStage = "pictures" | "log" | "rest";

/**
 * How long each stage may last before the process goes on by itself: whoever makes the backup may
 * have died.
 */
export const stageMsMax: Readonly<Record<BackupStage, number>> = {
  pictures: 30_000,
  log: 60_000,
  rest: 3_600_000,
};

/** What publishes what this process's files have: the relays of the journal and of agents. */
export interface Relay {
  start(): void;
  stop(): Promise<void>;
}

/** What a backup's turn stands on. */
export interface BackupTurnDeps {
  readonly journal: Pick<Journal, "keepLog" | "releaseLog">;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly log: Log;
}

interface Turn {
  readonly turnId: string;
  readonly begunAt: number;
  stage: BackupStage;
  /** How long the relay stood still. */
  relayMs: number;
  cancel: () => void;
}

/**
 * What the process that has the data folder does for a backup that another process copies, one at a
 * time. A stage that lasts too long ends the turn, and whoever comes later with it is told so.
 * [PB4]
 */
export class BackupTurn {
  readonly #deps: BackupTurnDeps;
  #turn: Turn | undefined;
  #beginning: Promise<unknown> = Promise.resolve();
  #isStopped = false;
  /** How backups ended since the process started; `madeAt`: when the last one was made. */
  readonly counts: { made: number; failed: number; madeAt: Millis | undefined } = {
    made: 0,
    failed: 0,
    madeAt: undefined,
  };

  constructor(deps: BackupTurnDeps) {
    this.#deps = deps;
  }

  /**
   * Begins with the pictures: returns when the relay stands still, every record that was to be
   * deleted is, and none will be. Undefined: a backup is being made.
   */
  async begin(): Promise<string | undefined> {
    if (this.#turn !== undefined || this.#isStopped) return undefined;
    const turn: Turn = {
      turnId: crypto.randomUUID(),
      begunAt: this.#deps.clock.monotonic(),
      stage: "pictures",
      relayMs: 0,
      cancel: () => {},
    };
    this.#turn = turn;
    const beginning = this.#begin(turn);
    this.#beginning = beginning.catch(() => {}); // told to the caller
    await beginning;
    return turn.turnId;
  }

  async #begin(turn: Turn): Promise<void> {
    const { relay, journal } = this.#deps;
    try {
      await relay.stop();
      await journal.keepLog();
    } catch (error) {
      this.#finish(turn, "failed");
      throw error;
    }
    this.#setTimer(turn);
  }

  /** Whether one is being made. */
  get isTaken(): boolean {
    return this.#turn !== undefined;
  }

  /** On to a later stage, or once more its time for this one; false: the turn is over. */
  moveTo(turnId: string, stage: BackupStage): boolean {
    const turn = this.#turn;
    if (turn?.turnId !== turnId || order[stage] < order[turn.stage]) return false;
    this.#leave(turn, stage);
    this.#setTimer(turn);
    return true;
  }

  /** Ends it; false: it was over. */
  end(turnId: string, how: "made" | "failed"): boolean {
    const turn = this.#turn;
    if (turn?.turnId !== turnId) return false;
    this.#finish(turn, how);
    return true;
  }

  /** The process stops: nothing waits for a backup any more, and none begins. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#beginning;
    if (this.#turn !== undefined) this.#finish(this.#turn, "failed");
  }

  #setTimer(turn: Turn): void {
    const { clock, log } = this.#deps;
    turn.cancel();
    const { stage } = turn;
    turn.cancel = clock.after(stageMsMax[stage], () => {
      log.write("error", "backup_abandoned", { stage });
      this.#finish(turn, "failed");
    });
  }

  #finish(turn: Turn, how: "made" | "failed"): void {
    if (this.#turn !== turn) return;
    turn.cancel();
    this.counts[how] += 1;
    const { clock, log } = this.#deps;
    if (how === "made") this.counts.madeAt = clock.now();
    this.#leave(turn, "rest");
    const ms = Math.round(clock.monotonic() - turn.begunAt);
    const { relayMs } = turn;
    log.write(how === "made" ? "info" : "error", `backup_${how}`, { ms, relayMs });
    this.#turn = undefined;
  }

  /** Lets go of what the later stage does not need. */
  #leave(turn: Turn, stage: BackupStage): void {
    const { relay, journal, clock } = this.#deps;
    const before = order[turn.stage];
    turn.stage = stage;
    if (before < order.log && order[stage] >= order.log) {
      relay.start();
      turn.relayMs = Math.round(clock.monotonic() - turn.begunAt);
    }
    if (before < order.rest && order[stage] >= order.rest) journal.releaseLog();
  }
}

const order: Readonly<Record<BackupStage, number>> = { pictures: 0, log: 1, rest: 2 };
