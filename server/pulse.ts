import type { Clock, SystemClock } from "./clock.ts";
import type { DiskBudget, DiskState } from "./disk_budget.ts";
import type { Log } from "./log.ts";
import type { Node } from "./node.ts";

/** A clock that follows the wall clock when it is told to. */
export type PulseClock = Clock & Pick<SystemClock, "correct">;

const beatMs = 1_000;
/** A beat later than this: the process stood still, and what looks like absence may be ours. */
const stallMsMin = 3_000;

/**
 * The node's own beat, once a second: notices stalls and clock jumps, closes silent connections.
 */
export class Pulse {
  readonly #clock: PulseClock;
  readonly #node: Node;
  readonly #log: Log;
  readonly #disk: DiskBudget;
  #beatAt = 0;
  #diskState: DiskState = "normal";
  #cancel: (() => void) | undefined;

  constructor(clock: PulseClock, node: Node, log: Log, disk: DiskBudget) {
    this.#clock = clock;
    this.#node = node;
    this.#log = log;
    this.#disk = disk;
  }

  start(): void {
    this.#beatAt = this.#clock.monotonic();
    this.#cancel = this.#clock.after(beatMs, () => this.#beat());
  }

  stop(): void {
    this.#cancel?.();
  }

  #beat(): void {
    const now = this.#clock.monotonic();
    const stalledMs = now - this.#beatAt - beatMs;
    this.#beatAt = now;
    const jumped = this.#clock.correct();
    if (jumped || stalledMs > stallMsMin) {
      this.#log.write("warn", "stalled", { stalledMs: Math.round(stalledMs), jumped });
      this.#node.stalled();
    } else {
      // After a stall the peers' frames may still wait to be read: nobody is called silent then.
      this.#node.hub.sweep(now);
    }
    this.#watchDisk();
    this.#cancel = this.#clock.after(beatMs, () => this.#beat());
  }

  #watchDisk(): void {
    const { state, usedBytes, budgetBytes } = this.#disk;
    if (state === this.#diskState) return;
    this.#diskState = state;
    const level = state === "normal" ? "info" : "error";
    this.#log.write(level, "disk_state", { state, usedBytes, budgetBytes });
  }
}
