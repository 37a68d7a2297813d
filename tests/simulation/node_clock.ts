import { clockJumpMsMin, SystemClock } from "../../server/clock.ts";

/** What a machine's clocks are made of in the world. */
export interface MachineTime {
  /** Milliseconds since 1970 as the machine believes; may jump. */
  wall(): number;
  /** Stands still while the machine is suspended. */
  monotonic(): number;
  /** Runs it in the process `ms` of its monotonic clock later, unless the process is dead by then. */
  after(ms: number, task: () => void): () => void;
}

/** The node's clock on a machine of the world. Pulse asks for a SystemClock by class, so it is one. */
export class NodeClock extends SystemClock {
  readonly #time: MachineTime;
  #offset: number;

  constructor(time: MachineTime) {
    super();
    this.#time = time;
    this.#offset = time.wall() - time.monotonic();
  }

  override now(): number {
    return Math.round(this.#offset + this.#time.monotonic());
  }

  override monotonic(): number {
    return this.#time.monotonic();
  }

  override after(ms: number, task: () => void): () => void {
    return this.#time.after(Math.min(Math.max(ms, 0), 86_400_000), task);
  }

  /** As the machine's: slowly when the clock drifts, at once when it jumped. */
  override correct(): boolean {
    const drift = this.#time.wall() - this.now();
    const jumped = Math.abs(drift) >= clockJumpMsMin;
    this.#offset += jumped ? drift : drift / 10;
    return jumped;
  }
}
