/** How an attempt ended: neither when the password could not be looked at. */
export type AttemptEnd = "right" | "wrong" | "neither";

/** How long a lock lasts, in milliseconds. */
export interface LockTimes {
  readonly lockMs: number;
  readonly lockMsMax: number;
}

/**
 * Wrong passwords in a row under one key, and those that are being looked at. With `max` wrong ones
 * it is locked, and after the lock there is one attempt at a time, which locks it twice as long.
 */
export class LoginTally {
  readonly #max: number;
  readonly #times: LockTimes;
  #wrong = 0;
  #pending = 0;
  #lockedUntil = -Infinity;
  #lastAt = -Infinity;
  #settling = Promise.withResolvers<void>();

  constructor(max: number, times: LockTimes) {
    this.#max = max;
    this.#times = times;
  }

  lockedMs(now: number): number {
    return Math.max(0, this.#lockedUntil - now);
  }

  /** Whether one more attempt could be one wrong password too many. */
  get isFull(): boolean {
    return this.#wrong + this.#pending >= Math.max(this.#max, this.#wrong + 1);
  }

  /** Whether nobody was wrong for so long that it counts no more. */
  isOver(now: number, keptMs: number): boolean {
    return this.#pending === 0 && this.#wrong > 0 && now - this.#lastAt > keptMs;
  }

  begin(): void {
    this.#pending += 1;
  }

  /** Whether it is locked from here on. */
  end(how: AttemptEnd, now: number): boolean {
    this.#pending -= 1;
    if (how === "right") this.#wrong = 0;
    const locks = how === "wrong" && this.#fail(now);
    this.#settling.resolve();
    this.#settling = Promise.withResolvers();
    return locks;
  }

  #fail(now: number): boolean {
    this.#wrong += 1;
    this.#lastAt = now;
    const beyond = this.#wrong - this.#max;
    if (beyond < 0) return false;
    const { lockMs, lockMsMax } = this.#times;
    this.#lockedUntil = now + Math.min(lockMsMax, lockMs * 2 ** beyond);
    return true;
  }

  /** Resolves when the next attempt has ended. */
  settled(): Promise<void> {
    return this.#settling.promise;
  }
}
