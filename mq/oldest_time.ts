import type { Millis } from "../core/ids.ts";

/** A bag of times that knows its smallest one; 8 to 16 bytes a time. */
export class OldestTime {
  readonly #here = new TimeHeap();
  /** Times taken out that are not yet on top of the others. */
  readonly #gone = new TimeHeap();

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
  }

  get oldest(): Millis | undefined {
    return this.#here.top;
  }
}

/** A binary heap of numbers, the smallest on top. */
class TimeHeap {
  readonly #times: number[] = [];

  get size(): number {
    return this.#times.length;
  }

  get top(): number | undefined {
    return this.#times[0];
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
