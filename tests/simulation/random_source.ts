/**
 * Seeded random numbers: xoshiro128** with a state filled by splitmix32. Passes BigCrush, has a
 * period of 2^128 - 1, and gives the same numbers on every machine.
 */
export class RandomSource {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number) {
    let state = seed >>> 0;
    const next = () => {
      state = (state + 0x9e3779b9) >>> 0;
      let t = state ^ (state >>> 16);
      t = Math.imul(t, 0x21f0aaad);
      t ^= t >>> 15;
      t = Math.imul(t, 0x735a2d97);
      return (t ^ (t >>> 15)) >>> 0;
    };
    [this.#a, this.#b, this.#c, this.#d] = [next(), next(), next(), next()];
  }

  /** The next 32 bits. */
  bits(): number {
    const twisted = Math.imul(this.#b, 5);
    const result = Math.imul((twisted << 7) | (twisted >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** In [0, 1). */
  next(): number {
    return this.bits() / 4_294_967_296;
  }

  /** An integer from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of the items; undefined when there is none. */
  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.next() * items.length)];
  }

  /** A wait until the next of events that come `perMinute` on average, in whole milliseconds. */
  waitFor(perMinute: number): number {
    return Math.ceil(-Math.log(1 - this.next()) * 60_000 / perMinute);
  }

  /** A source of its own, so that what one part draws does not move the others. */
  fork(): RandomSource {
    return new RandomSource(this.bits());
  }
}
