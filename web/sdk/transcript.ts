import type { Author, Entry, SignedEntry } from "../../core/entry.ts";
import { limits } from "./limits.ts";
import { covers, streamKeyOf, type Vector } from "./vector.ts";

/** The identity of a message within its chat. */
export function identityOf(author: Author, id: string): string {
  return `${author.type}:${author.id}/${id}`;
}

/** Order of display, total and the same at every participant: negative when `a` comes first. */
export function compareEntries(a: Entry, b: Entry): number {
  if (a.order !== b.order) return a.order - b.order;
  if (a.tenure !== b.tenure) return a.tenure < b.tenure ? -1 : 1;
  if (a.n !== b.n) return a.n - b.n;
  return a.stream === b.stream ? 0 : a.stream < b.stream ? -1 : 1;
}

/**
 * All entries of one chat that this side holds, in any order of arrival. Holds each stamp once,
 * shows each identity once at its smallest place. Adding the newest entry is an append.
 */
export class Transcript {
  readonly #streams = new Map<string, Map<number, SignedEntry>>();
  readonly #vector: Record<string, number> = {};
  readonly #shownByIdentity = new Map<string, SignedEntry>();
  readonly #shown: SignedEntry[] = [];
  #size = 0;

  /**
   * Highest contiguous n of every stream: what a cursor says. The live object, do not change it.
   */
  get vector(): Vector {
    return this.#vector;
  }

  /** What people see, in order. The live array, do not change or keep it. */
  get shown(): readonly SignedEntry[] {
    return this.#shown;
  }

  /** Stamps held, shown or not. */
  get size(): number {
    return this.#size;
  }

  /** Whether no more entries are taken; asking for pages is useless then. */
  get full(): boolean {
    return this.#size >= limits.entriesPerChatMax;
  }

  /** Takes an entry in; false when its stamp was known already or the transcript is full. */
  add(entry: SignedEntry): boolean {
    const key = streamKeyOf(entry);
    const stream = this.#streams.get(key) ?? new Map<number, SignedEntry>();
    if (stream.has(entry.n) || this.full) return false;
    this.#streams.set(key, stream);
    stream.set(entry.n, entry);
    this.#size += 1;
    this.#advance(key, stream);
    this.#show(entry);
    return true;
  }

  /** The entry shown for an identity. */
  find(author: Author, id: string): SignedEntry | undefined {
    return this.#shownByIdentity.get(identityOf(author, id));
  }

  /**
   * Whether entries beyond the contiguous ones are held, so that something in between is missing.
   */
  hasGap(entry: Entry): boolean {
    return !covers(this.#vector, entry);
  }

  /** Entries that a holder of `have` lacks, stream by stream, each in order of n. */
  lackedBy(have: Vector): SignedEntry[] {
    const lacked: SignedEntry[] = [];
    for (const key of [...this.#streams.keys()].sort()) {
      const stream = this.#streams.get(key) ?? new Map<number, SignedEntry>();
      const missing = [...stream.values()].filter((entry) => !covers(have, entry));
      for (const entry of missing.sort((a, b) => a.n - b.n)) lacked.push(entry);
    }
    return lacked;
  }

  #advance(key: string, stream: Map<number, SignedEntry>): void {
    const before = this.#vector[key] ?? 0;
    let n = before;
    while (stream.has(n + 1)) n += 1;
    if (n > before) this.#vector[key] = n;
  }

  #show(entry: SignedEntry): void {
    const identity = identityOf(entry.author, entry.id);
    const twin = this.#shownByIdentity.get(identity);
    if (twin !== undefined) {
      if (compareEntries(twin, entry) <= 0) return;
      this.#shown.splice(this.#placeOf(twin), 1);
    }
    this.#shownByIdentity.set(identity, entry);
    const last = this.#shown.at(-1);
    if (last === undefined || compareEntries(last, entry) < 0) this.#shown.push(entry);
    else this.#shown.splice(this.#placeOf(entry), 0, entry);
  }

  /** Index of the first shown entry that does not come before this one. */
  #placeOf(entry: SignedEntry): number {
    let low = 0;
    let high = this.#shown.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const candidate = this.#shown[middle];
      if (candidate !== undefined && compareEntries(candidate, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
