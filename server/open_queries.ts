/** Questions that events carry into sites, and who waits for their answers. */
export class OpenQueries<Answer> {
  readonly #open = new Map<number, (answer: Answer | "failed") => void>();
  #last = 0;

  /** Resolves with what answer() is given for the number that `post` gets. */
  ask(post: (query: number) => void): Promise<Answer | "failed"> {
    this.#last += 1;
    const query = this.#last;
    return new Promise((resolve) => {
      this.#open.set(query, resolve);
      post(query);
    });
  }

  /** A second answer is nobody's any more. */
  answer(query: number, answer: Answer | "failed"): void {
    const resolve = this.#open.get(query);
    this.#open.delete(query);
    resolve?.(answer);
  }
}
