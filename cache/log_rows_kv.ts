import { configLimits } from "./config_limits.ts";
import { type ConfigChange, isSamePosition, type LogPosition, nowhere } from "./config_store.ts";
import type { KvTransaction, Size } from "./transaction_kv.ts";

const stateKey = ["config_log"];

/** Where the log ends, where it begins, and which position it goes on from. */
interface StoredState extends LogPosition {
  /** The first change that is kept; n + 1 when there is none. */
  readonly first: number;
  /** Where the log was begun: known though no change of it is kept. */
  readonly base: LogPosition;
}

/** The log's state and the entry that a writer has found it in. */
export interface LogState extends StoredState {
  readonly entry: Deno.KvEntryMaybe<unknown> | undefined;
}

/** A part of the log, and where it ended when that was read. */
interface LogPart {
  readonly changes: readonly ConfigChange[];
  readonly head: LogPosition;
}

/**
 * The log in a Deno KV file:
 *   config_log    its state
 *   log/<n>       one change
 */
export class LogRows {
  readonly #kv: Deno.Kv;
  readonly #changesMax: number;

  constructor(kv: Deno.Kv, changesMax: number) {
    this.#kv = kv;
    this.#changesMax = changesMax;
  }

  /** Whether there never was a log here. */
  async isNew(): Promise<boolean> {
    return (await this.#kv.get(stateKey)).value === null;
  }

  async begin(logId: string): Promise<void> {
    const base = { logId, n: 0, changeId: "" };
    await this.#kv.set(stateKey, { ...base, first: 1, base } satisfies StoredState);
  }

  async state(): Promise<LogState> {
    const entry = await this.#kv.get<StoredState>(stateKey);
    return { ...(entry.value ?? { ...nowhere, first: 1, base: nowhere }), entry };
  }

  /** Adds changes behind the head to a transaction; the state from then on. */
  append(tx: KvTransaction, state: LogState, changes: readonly ConfigChange[]): LogState {
    const last = changes.at(-1) ?? state;
    for (const change of changes) tx.set(["log", change.n], change);
    const { logId, n, changeId } = last;
    const firstKept = Math.max(state.first, n - this.#changesMax + 1);
    const first = Math.min(firstKept, state.first + trimmedBy(changes.length));
    for (let gone = state.first; gone < first; gone++) tx.delete(["log", gone]);
    const next: StoredState = { logId, n, changeId, first, base: state.base };
    if (state.entry !== undefined) tx.check(state.entry);
    tx.set(stateKey, next);
    // What follows was not read: the writer's turn is its guard.
    return { ...next, entry: undefined };
  }

  /** What append() of so many takes, together with what else is to be added. */
  sizeOf(changes: number, more: Size): Size {
    const bytes = changes * 1_000 + more.bytes;
    return { mutations: changes + trimmedBy(changes) + 1 + more.mutations, bytes };
  }

  /** Forgets every change and goes on from a position. */
  async beginAt(base: LogPosition): Promise<void> {
    const { logId, n, changeId } = base;
    const state: StoredState = { logId, n, changeId, first: n + 1, base: { logId, n, changeId } };
    await this.#kv.set(stateKey, state);
    let atomic = this.#kv.atomic();
    let deletes = 0;
    for await (const { key } of this.#kv.list({ prefix: ["log"] }, { batchSize: 500 })) {
      atomic.delete(key);
      deletes += 1;
      if (deletes % configLimits.transactionMutationsMax !== 0) continue;
      await atomic.commit();
      atomic = this.#kv.atomic();
    }
    await atomic.commit();
  }

  /** Up to so many changes behind a position of this log. */
  async read(after: LogPosition, limit: number): Promise<LogPart | "gone"> {
    const { logId, n, changeId, base, first } = await this.state();
    const head = { logId, n, changeId };
    if (isSamePosition(after, head)) return logId === "" ? "gone" : { changes: [], head };
    if (after.logId !== logId || after.n >= n || after.n + 1 < first) return "gone";
    if (!isSamePosition(after, base)) {
      const { value } = await this.#kv.get<ConfigChange>(["log", after.n]);
      if (value === null || !isSamePosition(after, value)) return "gone";
    }
    const selector = {
      start: ["log", after.n + 1],
      end: ["log", Math.min(n, after.n + limit) + 1],
    };
    const list = this.#kv.list<ConfigChange>(selector, { batchSize: 500 });
    const changes = await Array.fromAsync(list, ({ value }) => value);
    // Trimmed, or begun anew, while this was read.
    if (changes[0]?.n !== after.n + 1 || changes[0].logId !== logId) return "gone";
    return { changes, head };
  }
}

function trimmedBy(changes: number): number {
  return Math.max(configLimits.trimmedPerWrite, 2 * changes);
}
