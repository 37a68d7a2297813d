/** Time as the node sees it. Injected, so that a simulation can own it. */
export interface Clock {
  /** Milliseconds since 1970: the wall clock, carried by the monotonic one between corrections. */
  now(): number;
  /** Milliseconds that only ever grow, from an arbitrary start. */
  monotonic(): number;
  /** Runs `task` once after `ms`; the returned function cancels it. */
  after(ms: number, task: () => void): () => void;
}

/** How far the wall clock may be from ours before it counts as having jumped. */
export const clockJumpMsMin = 500;

/** How much of a second our clock gives back, at most, while it is ahead of the wall clock. */
const givenBackMsMax = 100;

/**
 * How our clock stands to the wall clock. jumped: it took over a jump forward; ahead: the wall
 * clock was set back, and ours goes on, a tenth slower, until they agree.
 */
export type ClockStep = "in_step" | "jumped" | "ahead";

/** Where a clock reads the time: milliseconds since 1970, and since some start. */
export interface TimeSource {
  wall(): number;
  monotonic(): number;
}

const machine: TimeSource = { wall: () => Date.now(), monotonic: () => performance.now() };

/**
 * The machine's clocks, with a time that always goes on. Were the wall clock followed back by an
 * hour, nothing that waits for its time would come for an hour. [IN4]
 */
export class SystemClock implements Clock {
  readonly #source: TimeSource;
  #base: number;

  constructor(source: TimeSource = machine) {
    this.#source = source;
    this.#base = source.wall() - source.monotonic();
  }

  now(): number {
    return Math.round(this.#base + this.monotonic());
  }

  monotonic(): number {
    return this.#source.monotonic();
  }

  after(ms: number, task: () => void): () => void {
    // Node timers overflow beyond 2^31 ms; nothing here waits longer than a day.
    const timer = setTimeout(task, Math.min(Math.max(ms, 0), 86_400_000));
    return () => clearTimeout(timer);
  }

  /**
   * Follows the wall clock, called once a second: at once when it jumped forward, else slowly, and
   * never so fast back that our time would stand still.
   */
  correct(): ClockStep {
    const drift = this.#source.wall() - this.now();
    if (drift >= clockJumpMsMin) {
      this.#base += drift;
      return "jumped";
    }
    this.#base += Math.max(drift / 10, -givenBackMsMax);
    return drift <= -clockJumpMsMin ? "ahead" : "in_step";
  }
}
