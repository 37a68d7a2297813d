import type { Millis } from "../core/ids.ts";

/** A bag of times that knows its smallest one; 8 to 24 bytes a time. */
export class OldestTime {
  #here = new TimeHeap();
  /** Times taken out that are not yet on top of the others. */
  #gone = new TimeHeap();

  add(at: Millis): void {
    this.#here.push(at);
  }

  /** Takes one such time out; it must be in. */
  remove(at: Millis): void {
    this.#gone.push(at);
    while (this.#gone.size > 0 && this.#gone.top === this.#here.top) {
      this.#gone.pop();
      this.#here.pop();
    }
    if (2 * this.#gone.size > this.#here.size) this.#rebuild();
  }

  get oldest(): Millis | undefined {
    return this.#here.top;
  }

  /** Times in memory, those taken out among them: at most three for each that is in. [QD26] */
  get kept(): number {
    return this.#here.size + this.#gone.size;
  }

  /** Forgets what was taken out behind an old one that stays. */
  #rebuild(): void {
    const gone = this.#gone.sorted();
    let place = 0;
    const left = this.#here.sorted().filter((time) => {
      while ((gone[place] ?? Infinity) < time) place += 1;
      if (gone[place] !== time) return true;
      place += 1;
      return false;
    });
    this.#here = new TimeHeap(Array.from(left));
    this.#gone = new TimeHeap();
  }
}

/** A binary heap of numbers, the smallest on top. */
class TimeHeap {
  readonly #times: number[];

  /** `sorted`: what is in it from the start, ascending, and so a heap as it stands. */
  constructor(sorted: number[] = []) {
    this.#times = sorted;
  }

  get size(): number {
    return this.#times.length;
  }

  get top(): number | undefined {
    return this.#times[0];
  }

  sorted(): Float64Array {
    return Float64Array.from(this.#times).sort();
  }

  push(time: number): void {
    const times = this.#times;
    let place = times.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = times[above] ?? 0;
      if (other <= time) break;
      times[place] = other;
      place = above;
    }
    times[place] = time;
  }

  pop(): void {
    const times = this.#times;
    const last = times.pop();
    if (last === undefined || times.length === 0) return;
    let place = 0;
    while (true) {
      const left = 2 * place + 1;
      if (left >= times.length) break;
      const right = left + 1;
      const below = (times[right] ?? Infinity) < (times[left] ?? Infinity) ? right : left;
      const other = times[below] ?? Infinity;
      if (other >= last) break;
      times[place] = other;
      place = below;
    }
    times[place] = last;
  }
}
