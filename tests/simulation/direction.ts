import type { RandomSource } from "./random_source.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** How a network is: latency, rare long delays, and bytes per millisecond. */
export interface LinkShape {
  readonly latencyMsMin: number;
  readonly latencyMsMax: number;
  readonly delayChance: number;
  readonly delayMsMax: number;
  readonly bytesPerMs: number;
}

/** One way of a TCP connection: everything arrives in order, until nothing does any more. */
export class Direction {
  readonly #clock: VirtualClock;
  readonly #random: RandomSource;
  shape: LinkShape;
  /** What is sent from here on vanishes, and nobody is told. */
  dead = false;
  /** Bytes that wait to be taken by the network. */
  buffered = 0;
  #freeAt = 0;
  #arrivesAt = 0;
  #pausedUntil = 0;

  constructor(clock: VirtualClock, random: RandomSource, shape: LinkShape) {
    this.#clock = clock;
    this.#random = random;
    this.shape = shape;
  }

  /** The other side reads nothing until then. */
  pauseUntil(at: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, at);
  }

  /** The other side reads on. What already waits keeps its time. */
  resume(): void {
    this.#pausedUntil = 0;
  }

  send(bytes: number, arrive: () => void): void {
    if (this.dead) return;
    const { now } = this.#clock;
    const taking = Number.isFinite(this.shape.bytesPerMs) ? bytes / this.shape.bytesPerMs : 0;
    this.#freeAt = Math.max(now, this.#freeAt, this.#pausedUntil) + taking;
    if (this.#freeAt > now) {
      this.buffered += bytes;
      this.#clock.after(this.#freeAt - now, () => void (this.buffered -= bytes));
    }
    this.#arrivesAt = Math.max(this.#arrivesAt, this.#freeAt + this.#latency());
    this.#clock.after(this.#arrivesAt - now, () => {
      if (!this.dead) arrive();
    });
  }

  #latency(): number {
    const { latencyMsMin, latencyMsMax, delayChance, delayMsMax } = this.shape;
    const usual = this.#random.between(latencyMsMin, latencyMsMax);
    return this.#random.chance(delayChance) ? usual + this.#random.between(0, delayMsMax) : usual;
  }
}
