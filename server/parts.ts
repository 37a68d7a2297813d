import type { Millis } from "../core/ids.ts";

/** What a node can do without: chatting goes on, routes that need it answer 503. [DB6] */
export type PartName = "archive" | "config-write" | "queue";

/** Whether a part is there; if not, why and since when. */
export type PartState =
  | { readonly state: "up" }
  | { readonly state: "down"; readonly why: string; readonly since: Millis };

/** Which parts of this process are there. All are until somebody says otherwise. */
export class Parts {
  readonly #down = new Map<PartName, { readonly why: string; readonly since: Millis }>();
  readonly #now: () => Millis;

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** The part is away; `since` stays that of the first call until it comes back. */
  down(name: PartName, why: string): void {
    this.#down.set(name, { why, since: this.#down.get(name)?.since ?? this.#now() });
  }

  up(name: PartName): void {
    this.#down.delete(name);
  }

  state(name: PartName): PartState {
    const down = this.#down.get(name);
    return down === undefined ? { state: "up" } : { state: "down", ...down };
  }
}
