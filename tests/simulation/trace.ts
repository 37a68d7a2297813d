/** Lines kept for the report of a violation. */
const tailMax = 400;

/** What happened, in order: a hash over all of it, and its end for people to read. */
export class Trace {
  readonly #tail: string[] = [];
  readonly #print: boolean;
  #a = 0xdeadbeef;
  #b = 0x41c6ce57;
  lines = 0;

  constructor({ print }: { readonly print: boolean }) {
    this.#print = print;
  }

  add(now: number, line: string): void {
    const text = `${now} ${line}`;
    this.lines += 1;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      this.#a = Math.imul(this.#a ^ unit, 2_654_435_761);
      this.#b = Math.imul(this.#b ^ unit, 1_597_334_677);
    }
    this.#tail.push(text);
    if (this.#tail.length > 2 * tailMax) this.#tail.splice(0, tailMax);
    // deno-lint-ignore no-console -- a tool's output
    if (this.#print) console.log(text);
  }

  /** The same for the same seed, on every machine. */
  get hash(): string {
    const hex = (value: number) => (value >>> 0).toString(16).padStart(8, "0");
    return hex(this.#a ^ (this.#b >>> 13)) + hex(this.#b ^ (this.#a >>> 11));
  }

  tail(count: number): readonly string[] {
    return this.#tail.slice(-count);
  }
}
