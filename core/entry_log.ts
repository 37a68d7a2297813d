import type { Vector } from "./cursor.ts";
import {
  type Author,
  compareEntries,
  type Entry,
  identityOf,
  sameAuthor,
  type Stream,
} from "./entry.ts";
import type { TenureId } from "./ids.ts";
import { StreamsHeld } from "./streams_held.ts";

/**
 * The entries of one chat or thread: their display order, identities and vector. Changed by apply
 * only, in site_state.ts.
 */
export class EntryLog {
  /** In order of display. The same identity may stand twice, accepted in two tenures. */
  readonly entries: Entry[] = [];
  /** Entries that no segment holds yet; the journal's compaction takes them. */
  readonly unsaved: Entry[] = [];
  /** Segments of the journal that hold its other entries. */
  segments = 0;
  /** The largest order known; the next is above it. */
  lastOrder: number;
  /** By id; an id that several authors used stands under "<author>/<id>" for all but the first. */
  readonly #byId = new Map<string, Entry>();
  readonly #held = new StreamsHeld();

  constructor(lastOrder: number) {
    this.lastOrder = lastOrder;
  }

  /** Adds an entry in its place; an entry already held changes nothing. */
  add(entry: Entry): void {
    if (!this.#held.add(entry)) return;
    this.#insert(entry);
    this.unsaved.push(entry);
  }

  /** Puts an entry that a segment holds, at recovery. */
  restore(entry: Entry): void {
    if (this.#held.add(entry)) this.#insert(entry);
  }

  #insert(entry: Entry): void {
    const entries = this.entries;
    let place = entries.length;
    while (place > 0) {
      const before = entries[place - 1];
      if (before === undefined || compareEntries(before, entry) < 0) break;
      place -= 1;
    }
    if (place === entries.length) entries.push(entry);
    else entries.splice(place, 0, entry);
    if (entry.order > this.lastOrder) this.lastOrder = entry.order;
    const first = this.#byId.get(entry.id);
    const key = first === undefined || sameAuthor(first.author, entry.author)
      ? entry.id
      : identityOf(entry.author, entry.id);
    const other = key === entry.id ? first : this.#byId.get(key);
    if (other === undefined || compareEntries(entry, other) < 0) this.#byId.set(key, entry);
  }

  /** Something else of the chat was changed at this order. */
  raise(order: number): void {
    if (order > this.lastOrder) this.lastOrder = order;
  }

  /** The entry of this identity, at its smallest order. */
  find(author: Author, id: string): Entry | undefined {
    const first = this.#byId.get(id);
    if (first === undefined || sameAuthor(first.author, author)) return first;
    return this.#byId.get(identityOf(author, id));
  }

  /** The entry that another one changes, whoever wrote it. */
  named(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  /** Whether this very stamp is held. */
  holds(entry: Entry): boolean {
    return this.#held.holds(entry);
  }

  /** The next n of a stream in the running tenure, whose only writer this node is. */
  nextN(tenure: TenureId, stream: Stream): number {
    return this.#held.contiguous(tenure, stream) + 1;
  }

  /** How far every stream is held without a gap. */
  vector(): Vector {
    return this.#held.vector();
  }

  /** The same for what a visitor may know of. */
  publicVector(): Vector {
    return this.#held.publicVector();
  }

  /** Each identity once, at its smallest order, in order of display. */
  transcript(): Entry[] {
    return this.entries.filter((entry) => this.find(entry.author, entry.id) === entry);
  }
}
