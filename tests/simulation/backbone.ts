import { Direction, type LinkShape } from "./direction.ts";
import type { RandomSource } from "./random_source.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/**
 * The links between the nodes of a world: one direction for each ordered pair, made with the first
 * message. Whoever serves alone sends none.
 */
export class Backbone {
  readonly #clock: VirtualClock;
  readonly #random: RandomSource;
  readonly #shape: LinkShape;
  readonly #directions = new Map<string, Direction>();

  constructor(clock: VirtualClock, random: RandomSource, shape: LinkShape) {
    this.#clock = clock;
    this.#random = random;
    this.#shape = shape;
  }

  /** The way from one node to another, to send on, to pause or to break. */
  direction(from: string, to: string): Direction {
    const key = `${from}>${to}`;
    let direction = this.#directions.get(key);
    if (direction === undefined) {
      direction = new Direction(this.#clock, this.#random, this.#shape);
      this.#directions.set(key, direction);
    }
    return direction;
  }

  /** Neither of the two hears the other any more. */
  part(one: string, other: string): void {
    this.direction(one, other).dead = true;
    this.direction(other, one).dead = true;
  }

  /** Everything between nodes works. */
  heal(): void {
    for (const direction of this.#directions.values()) {
      direction.dead = false;
      direction.resume();
    }
  }
}
