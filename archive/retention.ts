import type { Millis } from "../core/ids.ts";
import { type Archive, ArchiveUnavailable, type RetentionOf } from "./archive.ts";

/** What the loop stands on. */
export interface RetentionDeps {
  readonly archive: Archive;
  readonly now: () => Millis;
  /** Calls back once after so many milliseconds; the answer cancels it. */
  readonly after: (ms: number, task: () => void) => () => void;
  readonly retentionOf: RetentionOf;
  /** Told how many were deleted, or that it failed and will be tried again. */
  readonly report: (outcome: { readonly deleted: number } | { readonly error: unknown }) => void;
}

/** Between looks while there is nothing to delete, and between steps while there is. */
const restMs = 10 * 60_000;
const stepMs = 200;

/** Deletes what is older than its site keeps, in small steps, for as long as the process runs. */
export class Retention {
  readonly #deps: RetentionDeps;
  #cancel: () => void = () => {};
  #isStopped = false;
  #step: Promise<void> = Promise.resolve();

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#later(restMs);
  }

  #later(ms: number): void {
    if (this.#isStopped) return;
    this.#cancel = this.#deps.after(ms, () => {
      this.#step = this.#expire();
    });
  }

  async #expire(): Promise<void> {
    const { archive, now, retentionOf, report } = this.#deps;
    try {
      const { deleted, isDone } = await archive.expire(now(), retentionOf);
      if (deleted > 0) report({ deleted });
      this.#later(isDone ? restMs : stepMs);
    } catch (error) {
      // An archive that is away tells so itself.
      if (!(error instanceof ArchiveUnavailable)) report({ error });
      this.#later(restMs);
    }
  }

  /** Resolves when the step in hand is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#step;
  }
}
