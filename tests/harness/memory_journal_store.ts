import { limits } from "../../core/limits.ts";
import type { JournalKey, JournalStore, JournalWrite } from "../../server/journal_store.ts";

interface Record {
  readonly key: JournalKey;
  readonly value: Uint8Array;
}

/**
 * A commit that waits for the test: let it through, or let it fail with or without having happened.
 */
export interface HeldCommit {
  readonly write: JournalWrite;
  settle(how: "commit" | "fail" | "commit but throw"): void;
}

/**
 * The journal's store in memory: a driver like any other, which holds the callers to the contract's
 * limits. The test decides when a commit ends and how.
 */
export class MemoryJournalStore implements JournalStore {
  readonly #byName = new Map<string, Record>();
  /** When set, commits wait in here. */
  held: HeldCommit[] | undefined;
  /** How the next commits end when none is held; used up one by one. */
  readonly endings: ("commit" | "fail" | "commit but throw")[] = [];
  /** Called before each list is read: lets a test put something in between. */
  beforeList: (prefix: JournalKey) => Promise<void> | void = () => {};
  #wanted: (() => void)[] = [];
  commits = 0;

  commit(write: JournalWrite): Promise<void> {
    const copy = {
      ...write,
      puts: write.puts.map(({ key, value }) => ({ key, value: value.slice() })),
    };
    const { held } = this;
    if (held === undefined) return this.#end(copy, this.endings.shift() ?? "commit");
    return new Promise((resolve, reject) => {
      held.push({
        write: copy,
        settle: (how) => void this.#end(copy, how).then(resolve, reject),
      });
      for (const wake of this.#wanted.splice(0)) wake();
    });
  }

  /** The oldest commit that is held; waits until there is one. */
  async takeHeld(): Promise<HeldCommit> {
    while (true) {
      const first = this.held?.shift();
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => this.#wanted.push(resolve));
    }
  }

  async #end(write: JournalWrite, how: "commit" | "fail" | "commit but throw"): Promise<void> {
    // A store never answers within the call.
    await Promise.resolve();
    refuseBeyondLimits(write);
    if (how === "fail") throw new Error("The disk did not take it");
    const { absent } = write;
    if (absent !== undefined && this.#byName.has(nameOf(absent))) {
      throw new Error(`"${absent.join("/")}" is already there`);
    }
    // In the order of the store on disk.
    for (const put of write.puts) this.#byName.set(nameOf(put.key), put);
    for (const key of write.deletes) this.#byName.delete(nameOf(key));
    this.commits += 1;
    if (how === "commit but throw") throw new Error("Nobody knows whether it was taken");
  }

  async *list(prefix: JournalKey, after?: JournalKey) {
    await this.beforeList(prefix);
    for (const record of this.#under(prefix)) {
      if (after !== undefined && compareKeys(record.key, after) <= 0) continue;
      yield record;
      await Promise.resolve();
    }
  }

  async last(prefix: JournalKey): Promise<JournalKey | undefined> {
    await Promise.resolve();
    return this.#under(prefix).at(-1)?.key;
  }

  /** Bytes of all that is kept. */
  get bytes(): number {
    return this.#under([]).reduce((sum, { value }) => sum + value.length, 0);
  }

  keys(prefix: JournalKey): JournalKey[] {
    return this.#under(prefix).map(({ key }) => key);
  }

  #under(prefix: JournalKey): Record[] {
    return [...this.#byName.values()].filter(({ key }) => startsWith(key, prefix))
      .sort((a, b) => compareKeys(a.key, b.key));
  }

  close(): void {}
}

function refuseBeyondLimits({ puts, deletes }: JournalWrite): void {
  const bytes = puts.reduce((sum, { value }) => sum + value.length, 0);
  const changes = puts.length + deletes.length;
  for (const { key, value } of puts) {
    const max = key[0] === "log" ? limits.recordBytesMax : limits.kvValueBytesMax;
    if (value.length > max) throw new Error(`A value has ${value.length} bytes`);
  }
  if (bytes > limits.commitBytesMax) throw new Error(`A commit has ${bytes} bytes`);
  if (changes > limits.commitMutationsMax) throw new Error(`A commit has ${changes} changes`);
}

function nameOf(key: JournalKey): string {
  return JSON.stringify(key);
}

function startsWith(key: JournalKey, prefix: JournalKey): boolean {
  return prefix.every((part, place) => key[place] === part);
}

/** Part by part; a text comes before a number, as in Deno KV. */
function compareKeys(a: JournalKey, b: JournalKey): number {
  for (let place = 0; place < Math.min(a.length, b.length); place++) {
    const [x, y] = [a[place], b[place]];
    if (x === y) continue;
    if (typeof x === "number" && typeof y === "number") return x - y;
    if (typeof x !== typeof y) return typeof x === "string" ? -1 : 1;
    return String(x) < String(y) ? -1 : 1;
  }
  return a.length - b.length;
}
