/** How full the data folder is, against its budget. */
export type DiskState = "normal" | "tight" | "full";

/** Share of the budget from which statistics are dropped, and from which new chats are refused. */
const tightShare = 0.8;
const fullShare = 0.95;

/**
 * Judges bytes kept against a budget. The bytes are those in use, not the files' sizes. A disk with
 * less room than the budget is the budget. [PB9]
 */
export class DiskBudget {
  readonly #budget: number;
  readonly #used: () => number;
  readonly #free: () => number;

  /** `free`: bytes free on the disk; without it the disk is large enough. */
  constructor(budgetBytes: number, used: () => number, free: () => number = () => Infinity) {
    this.#budget = budgetBytes;
    this.#used = used;
    this.#free = free;
  }

  get budgetBytes(): number {
    return Math.min(this.#budget, this.#used() + this.#free());
  }

  get usedBytes(): number {
    return this.#used();
  }

  /** Bytes free on the disk, Infinity when nobody knows. */
  get freeBytes(): number {
    return this.#free();
  }

  get state(): DiskState {
    const share = this.#used() / Math.max(1, this.budgetBytes);
    if (share >= fullShare) return "full";
    return share >= tightShare ? "tight" : "normal";
  }
}
