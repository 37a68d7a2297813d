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

/** The machine's clocks. A jump of the wall clock is taken over by correct(), which reports it. */
export class SystemClock implements Clock {
  #base = Date.now() - performance.now();

  now(): number {
    return Math.round(this.#base + performance.now());
  }

  monotonic(): number {
    return performance.now();
  }

  after(ms: number, task: () => void): () => void {
    // Node timers overflow beyond 2^31 ms; nothing here waits longer than a day.
    const timer = setTimeout(task, Math.min(Math.max(ms, 0), 86_400_000));
    return () => clearTimeout(timer);
  }

  /**
   * Follows the wall clock: slowly when it drifts, at once when it jumped. Returns whether it did.
   */
  correct(): boolean {
    const drift = Date.now() - this.now();
    const jumped = Math.abs(drift) >= clockJumpMsMin;
    this.#base += jumped ? drift : drift / 10;
    return jumped;
  }
}
