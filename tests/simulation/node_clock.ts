import { SystemClock } from "../../server/clock.ts";

/** Runs a task `ms` of a machine's monotonic clock later; the answer cancels it. */
export type MachineTimer = (ms: number, task: () => void) => () => void;

/**
 * The real clock of a node, with its timers in the world. What it reads of the machine, Date.now()
 * and performance.now(), is the world's too while globals are sealed.
 */
export class NodeClock extends SystemClock {
  readonly #timer: MachineTimer;

  constructor(timer: MachineTimer) {
    super();
    this.#timer = timer;
  }

  override after(ms: number, task: () => void): () => void {
    return this.#timer(Math.min(Math.max(ms, 0), 86_400_000), task);
  }
}
