import { setImmediate } from "node:timers";

interface Task {
  readonly at: number;
  readonly no: number;
  run: (() => void) | undefined;
}

/** Milliseconds since 1970 at which every world begins. */
export const epoch = 1_767_225_600_000;

/**
 * The world's own time, in whole milliseconds since its beginning. Tasks run in order, one by one.
 */
export class VirtualClock {
  now = 0;
  #no = 0;
  /** A binary heap by (at, no). */
  readonly #tasks: Task[] = [];

  /** Runs `run` once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void {
    this.#no += 1;
    const task: Task = { at: this.now + Math.max(0, Math.ceil(ms)), no: this.#no, run };
    this.#tasks.push(task);
    this.#rise(this.#tasks.length - 1);
    return () => void (task.run = undefined);
  }

  /** Takes the next task that is due by `end` and moves the time to it. */
  takeDue(end: number): (() => void) | undefined {
    while (true) {
      const first = this.#tasks[0];
      if (first === undefined || first.at > end) {
        this.now = Math.max(this.now, end);
        return undefined;
      }
      this.#removeFirst();
      if (first.run === undefined) continue;
      this.now = first.at;
      return first.run;
    }
  }

  #removeFirst(): void {
    const last = this.#tasks.pop();
    if (last === undefined || this.#tasks.length === 0) return;
    this.#tasks[0] = last;
    let place = 0;
    while (true) {
      let least = place;
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if (child < this.#tasks.length && this.#before(child, least)) least = child;
      }
      if (least === place) return;
      this.#swap(place, least);
      place = least;
    }
  }

  #rise(from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#before(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #before(a: number, b: number): boolean {
    const one = this.#tasks[a];
    const other = this.#tasks[b];
    if (one === undefined || other === undefined) return false;
    return one.at < other.at || (one.at === other.at && one.no < other.no);
  }

  #swap(a: number, b: number): void {
    const one = this.#tasks[a];
    const other = this.#tasks[b];
    if (one === undefined || other === undefined) return;
    this.#tasks[a] = other;
    this.#tasks[b] = one;
  }
}

/** Resolves once every promise that can go on has gone on: the next turn of the real event loop. */
export function drained(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
