import { Epoll } from "./libc.ts";
import type { Side } from "./side.ts";

/** Many sides, served by one loop: reads whoever is readable, and keeps the closed loops going. */
export class Load {
  readonly sides: readonly Side[];
  /** Whether every ack lets its sender post its next message at once. */
  refilling = false;
  readonly #epoll = new Epoll();

  constructor(sides: readonly Side[]) {
    this.sides = sides;
    sides.forEach((side, index) => this.#epoll.add(side.socket.fd, index));
  }

  /** Waits for input, whole milliseconds at most, and handles it. */
  pump(timeoutMs: number): void {
    this.#handle(this.#epoll.wait(timeoutMs));
  }

  /** Like pump, for time-outs that need more than a millisecond's precision. */
  pumpFine(timeoutMs: number): void {
    this.#handle(this.#epoll.waitFine(timeoutMs));
  }

  /** Handles input until everything these sent was acked and relayed, or the time is over. */
  drain(sides: readonly Side[], timeoutMs: number): void {
    this.refilling = false;
    const until = performance.now() + timeoutMs;
    while (performance.now() < until) {
      const { sent, acked, copies } = totalsOf(sides);
      if (sent === acked && sent === copies) break;
      this.pump(20);
    }
    // Whatever comes in addition is a second copy or ack: give it the time to show.
    const end = performance.now() + 200;
    while (performance.now() < end) this.pump(20);
  }

  #handle(ready: number): void {
    for (let i = 0; i < ready; i++) {
      const side = this.sides[this.#epoll.ready(i)];
      if (side === undefined) continue;
      const now = performance.now();
      side.read(now);
      if (this.refilling && side.justAcked > 0) side.post(side.justAcked, now);
      if (side.closed !== undefined) this.#epoll.remove(side.socket.fd);
    }
  }
}

export interface Totals {
  sent: number;
  acked: number;
  copies: number;
  refused: number;
  closed: number;
}

export function totalsOf(sides: readonly Side[]): Totals {
  const totals = { sent: 0, acked: 0, copies: 0, refused: 0, closed: 0 };
  for (const side of sides) {
    totals.sent += side.sent;
    totals.acked += side.acked;
    totals.copies += side.copies;
    totals.refused += side.refused;
    totals.closed += side.closed === undefined ? 0 : 1;
  }
  return totals;
}

/** Throws when a message was lost. For strict sides after a drain: at all else they threw. */
export function checkExactlyOnce(sides: readonly Side[]): void {
  const { sent, acked, copies } = totalsOf(sides);
  if (sent !== acked || sent !== copies) {
    throw new Error(
      `${sent} messages sent, but ${acked} acked and ${copies} relayed after a drain`,
    );
  }
}
