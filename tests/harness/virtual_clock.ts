import type { Clock, ClockStep } from "../../server/clock.ts";

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/**
 * A clock that a test moves: wall and monotonic time in step, timers in the order of their time.
 */
export class VirtualClock implements Clock {
  #monotonic = 1_000;
  #timers: Timer[] = [];

  now(): number {
    return 1_800_000_000_000 + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#monotonic + ms, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How it stands to the wall clock, which a test may say. */
  step: ClockStep = "in_step";

  /** Follows nothing: there is no other clock. */
  correct(): ClockStep {
    return this.step;
  }

  get timerCount(): number {
    return this.#timers.length;
  }

  /** Lets time pass, timer by timer, with time for promises after each. */
  async advance(ms: number): Promise<void> {
    const until = this.#monotonic + ms;
    while (true) {
      const due = this.#due(until);
      if (due === undefined) break;
      this.#monotonic = Math.max(this.#monotonic, due.at);
      await this.#fire(due);
    }
    this.#monotonic = until;
  }

  /** The process stands still: time is over at once, then all timers that are due fire late. */
  async freeze(ms: number): Promise<void> {
    this.#monotonic += ms;
    const until = this.#monotonic;
    for (let due = this.#due(until); due !== undefined; due = this.#due(until)) {
      await this.#fire(due);
    }
  }

  #due(until: number): Timer | undefined {
    const [first] = this.#timers.toSorted((a, b) => a.at - b.at);
    return first !== undefined && first.at <= until ? first : undefined;
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers = this.#timers.filter((other) => other !== timer);
    timer.task();
    await settled();
  }
}

/** Lets every promise that can go on without the outside world do so. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 200; turns++) await Promise.resolve();
}
