/** Samples of one window, kept all: percentiles are exact. */
export class Samples {
  #values = new Float64Array(1 << 16);
  #count = 0;

  readonly add = (value: number): void => {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  };

  values(): Float64Array {
    return this.#values.subarray(0, this.#count);
  }
}
