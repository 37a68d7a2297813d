/** How full the data folder is, against its budget. */
export type DiskState = "normal" | "tight" | "full";

/** Share of the budget from which statistics are dropped, and from which new chats are refused. */
const tightShare = 0.8;
const fullShare = 0.95;

/** Judges bytes kept against a budget. The bytes are those written, not the files' sizes. */
export class DiskBudget {
  readonly budgetBytes: number;
  readonly #used: () => number;

  constructor(budgetBytes: number, used: () => number) {
    this.budgetBytes = budgetBytes;
    this.#used = used;
  }

  get usedBytes(): number {
    return this.#used();
  }

  get state(): DiskState {
    const share = this.#used() / this.budgetBytes;
    if (share >= fullShare) return "full";
    return share >= tightShare ? "tight" : "normal";
  }
}
