import { limits } from "./limits.ts";

/** How long the latest chats of a site took, for the estimated wait. */
export class Durations {
  readonly #kept: number[] = [];
  #sum = 0;

  /** A chat ended that had been answered `ms` before. */
  add(ms: number): void {
    this.#kept.push(ms);
    this.#sum += ms;
    if (this.#kept.length > limits.durationsKept) this.#sum -= this.#kept.shift() ?? 0;
  }

  /** Forgets all of them. */
  clear(): void {
    this.#kept.length = 0;
    this.#sum = 0;
  }

  /** The mean in milliseconds; undefined when no chat has finished. */
  mean(): number | undefined {
    return this.#kept.length === 0 ? undefined : this.#sum / this.#kept.length;
  }
}
