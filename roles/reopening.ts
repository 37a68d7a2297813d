import type { Clock } from "../server/clock.ts";
import { errorFields, type Log } from "../server/log.ts";
import type { PartName, Parts } from "../server/parts.ts";

/** What opening a part stands on. `open` is called again until it gives one. */
export interface ReopeningDeps<Part> {
  open(): Promise<Part>;
  readonly parts: Parts;
  readonly clock: Clock;
  readonly log: Log;
}

const reopenMsMin = 1_000;
const reopenMsMax = 30_000;

/**
 * A part that a node can do without: while it cannot be opened, or after it failed, it counts as
 * down, and is opened again and again, one at a time. [PB2]
 */
export class Reopening<Part extends { close(): Promise<void> }> {
  readonly #name: PartName;
  readonly #deps: ReopeningDeps<Part>;
  #part: Part | undefined;
  #why: string;
  #waitMs = reopenMsMin;
  #cancel: () => void = () => {};
  #opening: Promise<void> | undefined;
  #isClosed = false;

  constructor(name: PartName, deps: ReopeningDeps<Part>) {
    this.#name = name;
    this.#deps = deps;
    this.#why = `the ${name} is being opened`;
    deps.parts.down(name, this.#why);
  }

  /** Undefined while it is away. */
  get part(): Part | undefined {
    return this.#part;
  }

  /** Why it is away. */
  get why(): string {
    return this.#why;
  }

  /** Opens it, now or later; never throws. */
  start(): Promise<void> {
    if (this.#part !== undefined || this.#isClosed) return Promise.resolve();
    this.#opening ??= this.#open().finally(() => this.#opening = undefined);
    return this.#opening;
  }

  async #open(): Promise<void> {
    const { open, parts, log } = this.#deps;
    try {
      const part = await open();
      if (this.#isClosed) return await part.close();
      this.#part = part;
      this.#waitMs = reopenMsMin;
      parts.up(this.#name);
      log.write("info", `${this.#name}_up`);
    } catch (error) {
      this.#away(error);
      this.#startLater();
    }
  }

  /** The part failed as a whole: closed, and opened again. Of those who say so the first counts. */
  async lost(part: Part, error: unknown): Promise<void> {
    if (this.#part !== part) return;
    this.#part = undefined;
    this.#away(error);
    await part.close().catch(() => {}); // it is gone already
    this.#startLater();
  }

  #away(error: unknown): void {
    this.#why = error instanceof Error ? error.message : String(error);
    this.#deps.parts.down(this.#name, this.#why);
    this.#deps.log.write("error", `${this.#name}_down`, errorFields(error));
  }

  #startLater(): void {
    if (this.#isClosed) return;
    this.#cancel = this.#deps.clock.after(this.#waitMs, () => void this.start());
    this.#waitMs = Math.min(reopenMsMax, this.#waitMs * 2);
  }

  /** Lets go of it for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#opening;
    const part = this.#part;
    this.#part = undefined;
    await part?.close();
  }
}
