/** Lets tasks of the same name run one after the other, in the order of their asking. */
export class Turns<Name> {
  readonly #last = new Map<Name, Promise<unknown>>();

  async take<Result>(name: Name, task: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(name);
    const turn = before === undefined ? task() : before.then(task);
    const over = turn.catch(() => {});
    this.#last.set(name, over);
    try {
      return await turn;
    } finally {
      if (this.#last.get(name) === over) this.#last.delete(name);
    }
  }
}
