import type { Side } from "./side.ts";

/** An open loop: so many messages a second, evenly spaced and in turn over the sides. */
export class Pacer {
  readonly #sides: readonly Side[];
  readonly #intervalMs: number;
  #nextAt: number;
  #turn = 0;
  /** Takes how long after its time each message left, while set. */
  onLateness: ((ms: number) => void) | undefined;

  constructor(sides: readonly Side[], messagesPerSecond: number, startAt: number) {
    this.#sides = sides;
    this.#intervalMs = 1000 / messagesPerSecond;
    this.#nextAt = startAt;
  }

  /** Posts what is due; latency counts from when it was due. Returns when the next one is. */
  post(now: number): number {
    while (this.#nextAt <= now) {
      const side = this.#sides[this.#turn];
      this.#turn = (this.#turn + 1) % this.#sides.length;
      if (side !== undefined && side.closed === undefined) side.post(1, this.#nextAt);
      this.onLateness?.(now - this.#nextAt);
      this.#nextAt += this.#intervalMs;
    }
    return this.#nextAt;
  }
}
