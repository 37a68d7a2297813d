import type { Clock, ClockStep, SystemClock } from "./clock.ts";
import type { DiskBudget, DiskState } from "./disk_budget.ts";
import type { Log } from "./log.ts";
import type { Node } from "./node.ts";

/** A clock that follows the wall clock when it is told to. */
export type PulseClock = Clock & Pick<SystemClock, "correct">;

const beatMs = 1_000;
/** A beat later than this: the process stood still, and what looks like absence may be ours. */
const stallMsMin = 3_000;

/**
 * The node's own beat, once a second: notices stalls and clock jumps, closes silent connections. A
 * stall is noticed before any site is woken, too: whichever timer is due first when the process
 * goes on, no deadline about absence has come meanwhile. [IN2]
 */
export class Pulse {
  readonly #clock: PulseClock;
  readonly #node: Node;
  readonly #log: Log;
  readonly #disk: DiskBudget;
  /** When the process was last seen running. */
  #seenAt = 0;
  #stalledAt = -Infinity;
  #clockStep: ClockStep = "in_step";
  #diskState: DiskState = "normal";
  #cancel: (() => void) | undefined;

  constructor(clock: PulseClock, node: Node, log: Log, disk: DiskBudget) {
    this.#clock = clock;
    this.#node = node;
    this.#log = log;
    this.#disk = disk;
  }

  start(): void {
    this.#seenAt = this.#clock.monotonic();
    this.#node.beforeWaking = () => this.#lookForStall();
    this.#cancel = this.#clock.after(beatMs, () => this.#beat());
  }

  stop(): void {
    this.#cancel?.();
  }

  #beat(): void {
    this.#lookForStall();
    const now = this.#seenAt;
    this.#followClock();
    // After a stall the peers' frames may still wait to be read: nobody is called silent then.
    if (now - this.#stalledAt >= beatMs) this.#node.hub.sweep(now);
    this.#watchDisk();
    this.#cancel = this.#clock.after(beatMs, () => this.#beat());
  }

  #lookForStall(): void {
    const now = this.#clock.monotonic();
    const stalledMs = now - this.#seenAt - beatMs;
    this.#seenAt = now;
    if (stalledMs > stallMsMin) this.#stalled(stalledMs);
  }

  #followClock(): void {
    const before = this.#clockStep;
    this.#clockStep = this.#clock.correct();
    if (this.#clockStep === "jumped") this.#stalled(0);
    if (this.#clockStep === "ahead" && before !== "ahead") this.#log.write("warn", "clock_ahead");
  }

  #stalled(stalledMs: number): void {
    this.#stalledAt = this.#seenAt;
    const jumped = this.#clockStep === "jumped";
    this.#log.write("warn", "stalled", { stalledMs: Math.round(stalledMs), jumped });
    this.#node.stalled();
  }

  #watchDisk(): void {
    const { state, usedBytes, budgetBytes } = this.#disk;
    if (state === this.#diskState) return;
    this.#diskState = state;
    const level = state === "normal" ? "info" : "error";
    this.#log.write(level, "disk_state", { state, usedBytes, budgetBytes });
  }
}
