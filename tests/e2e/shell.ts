const end = "__end_of_block__";

/** A shell that runs one block of commands after the other, and stops at the first that fails. */
export class Shell {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(env: Readonly<Record<string, string>>) {
    this.#child = new Deno.Command("sh", {
      args: ["-eu"],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** What the block wrote; throws when one of its commands failed. */
  async run(block: string): Promise<string> {
    await this.#writer.write(new TextEncoder().encode(`${block}\necho\necho ${end}\n`));
    while (!this.#rest.includes(end)) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error(`Commands failed:\n${block}\n${this.#rest}`);
      this.#rest += value;
    }
    const [told = "", ...more] = this.#rest.split(`${end}\n`);
    this.#rest = more.join("");
    return told.trim();
  }

  /** Ends the shell. */
  async close(): Promise<void> {
    await this.#writer.close().catch(() => {}); // it may have ended by itself
    while (!(await this.#output.read()).done);
    await this.#child.status;
  }
}
