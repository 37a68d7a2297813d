import type { Millis } from "../core/ids.ts";
import { type Decision, readDecisions } from "./decision.ts";
import type { Journal } from "./journal.ts";

/** A record of the log, for the relay. */
export interface RelayRecord {
  readonly seq: number;
  readonly decisions: readonly Decision[];
  readonly bytes: number;
  /** When it was committed, of one that comes from memory. */
  readonly at?: Millis;
}

interface Fresh {
  readonly seq: number;
  readonly value: Uint8Array;
  readonly at: Millis;
}

/** Bytes of fresh records that are kept for the relay; one that is slower reads the files. */
const freshBytesMax = 4 * 2 ** 20;

/**
 * The records of the log from one on, each once and in order: those that were just committed from
 * memory, and from the files only what is behind, so that the disk is the commit loop's.
 */
export class RecordSource {
  readonly #journal: Journal;
  readonly #now: () => Millis;
  /** The last record that was given out. */
  #taken: number;
  /** Records behind the last that the reader can know of; without a gap. */
  #fresh: Fresh[] = [];
  #freshBytes = 0;
  /** There is more in the files than the reader and memory have. */
  #isBehind = true;
  #reader: AsyncIterator<RelayRecord> | undefined;
  #wake: () => void = () => {};

  /** Records behind `after`. */
  constructor(journal: Journal, after: number, now: () => Millis) {
    this.#journal = journal;
    this.#taken = after;
    this.#now = now;
    journal.onCommitted = (first, records) => this.#committed(first, records);
  }

  /** Whether everything on disk was given out. */
  get isEmpty(): boolean {
    return this.#taken >= this.#journal.lastSeq;
  }

  /** When the first of those in memory was committed, while nothing is read from the files. */
  get oldestAt(): Millis | undefined {
    return this.#reader === undefined ? this.#fresh[0]?.at : undefined;
  }

  #committed(first: number, records: readonly Uint8Array[]): void {
    const bytes = records.reduce((sum, { length }) => sum + length, 0);
    if (this.#isGap(first, records.length) || this.#freshBytes + bytes > freshBytesMax) {
      this.#isBehind = true;
    }
    if (!this.#isBehind) {
      const at = this.#now();
      records.forEach((value, place) => {
        const seq = first + place;
        if (seq > this.#taken) this.#fresh.push({ seq, value: value.slice(), at });
      });
      this.#freshBytes += bytes;
    }
    this.#wake();
  }

  /** Whether there may be a record before this one that is neither in memory nor being read. */
  #isGap(first: number, count: number): boolean {
    const last = this.#fresh.at(-1)?.seq;
    if (last !== undefined) return first > last + 1;
    return this.#reader === undefined || count === 0 ? first > this.#taken + 1 : false;
  }

  /** The next record; undefined: there is none yet. */
  async next(): Promise<RelayRecord | undefined> {
    while (true) {
      const record = await this.#read();
      if (record !== undefined) return record;
      const [fresh] = this.#fresh;
      if (fresh !== undefined) return this.#give(fresh);
      if (!this.#isBehind) return undefined;
      // What is committed from here on is kept, so nothing comes between.
      this.#isBehind = false;
      this.#freshBytes = 0;
      this.#reader = this.#journal.readLog(this.#taken)[Symbol.asyncIterator]();
    }
  }

  /** The next record of the files, while they are being read. */
  async #read(): Promise<RelayRecord | undefined> {
    if (this.#reader === undefined) return undefined;
    try {
      const { done, value } = await this.#reader.next();
      if (done !== true) {
        this.#taken = value.seq;
        return value;
      }
      this.#reader = undefined;
    } catch (error) {
      this.#reader = undefined;
      this.#fresh = [];
      this.#isBehind = true;
      throw error;
    }
    this.#fresh = this.#fresh.filter(({ seq }) => seq > this.#taken);
    this.#freshBytes = this.#fresh.reduce((sum, one) => sum + one.value.length, 0);
    return undefined;
  }

  #give({ seq, value, at }: Fresh): RelayRecord {
    const decisions = readDecisions(value);
    this.#fresh.shift();
    this.#freshBytes -= value.length;
    this.#taken = seq;
    return { seq, decisions, bytes: value.length, at };
  }

  /** Resolves when there may be more. */
  more(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  /** Hears of nothing more. */
  close(): void {
    this.#journal.onCommitted = () => {};
    this.#wake();
  }
}
