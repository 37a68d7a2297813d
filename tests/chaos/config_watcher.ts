import { setTimeout as pause } from "node:timers/promises";
import type { Change, ConfigApi, Position } from "./config_api.ts";
import { versionOf } from "./config_writer.ts";

/** A change as it was seen at a process. */
export interface SeenChange extends Change {
  /** When its log had it, by the machine's clock. */
  readonly seenAt: number;
}

/** What a process served right after its log had a change. */
export interface Served {
  readonly change: Change;
  readonly status: number;
  readonly version: number;
}

const waitMs = 5_000;

/**
 * Watches the log of one process from a position on, through all its kills, and asks it for each
 * site that the log tells of.
 */
export class ConfigWatcher {
  readonly seen: SeenChange[] = [];
  readonly served: Served[] = [];
  /** Positions of its own log that the process did not know any more. */
  gone = 0;
  readonly #api: ConfigApi;
  readonly #stop = new AbortController();
  #at: Position;
  #running: Promise<void> = Promise.resolve();

  constructor(api: ConfigApi, from: Position) {
    this.#api = api;
    this.#at = from;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const changes = await this.#api.changes(this.#at, { waitMs, signal });
      const seenAt = Date.now();
      if (changes === undefined) await pause(10);
      else if (changes === "gone") await this.#goOn();
      else await this.#take(changes, seenAt);
    }
  }

  async #take(changes: readonly Change[], seenAt: number): Promise<void> {
    for (const change of changes) this.seen.push({ ...change, seenAt });
    this.#at = changes.at(-1) ?? this.#at;
    const last = new Map(changes.map((change) => [change.siteId, change]));
    for (const change of last.values()) {
      const told = await this.#api.call("GET", `/v1/sites/${change.siteId}`);
      if (told === undefined) continue;
      this.served.push({ change, status: told.status, version: versionOf(told) });
    }
  }

  /** The log has a hole: what it has lost is not seen, and the rest is. */
  async #goOn(): Promise<void> {
    this.gone += 1;
    try {
      this.#at = (await this.#api.sites()).head;
    } catch {
      await pause(10); // killed just now
    }
  }
}
