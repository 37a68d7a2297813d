import { assert } from "../core/assert.ts";
import type { Event } from "../core/event.ts";
import { limits } from "../core/limits.ts";
import type { Send } from "../core/outcome.ts";
import type { SiteSlot } from "./site_slot.ts";

interface Part {
  readonly slot: SiteSlot;
  readonly from: number;
  readonly to: number;
}

/** An event that was decided into a batch, for the answer to its sender if the commit fails. */
export interface Decided {
  readonly slot: SiteSlot;
  readonly event: Event;
}

/** Something to let go once the batch is on disk. The text is encoded already, if there is one. */
export interface Staged {
  readonly slot: SiteSlot;
  readonly send: Send;
  readonly text: string | undefined;
}

const encoder = new TextEncoder();

/**
 * One round of decisions on its way to disk: records for the journal and what may leave the process
 * after them. Encoded into a buffer that is used again and again.
 */
export class Batch {
  readonly staged: Staged[] = [];
  readonly decided: Decided[] = [];
  /** Names of the nouns that the facts in here change. */
  readonly touched = new Set<string>();
  /** Sites whose engine threw: to be rebuilt once this batch is on disk. */
  readonly tainted = new Set<SiteSlot>();
  readonly #buffer = new Uint8Array(limits.roundBytesMax);
  #used = 0;
  #parts: Part[] = [];
  /** Where records begin: cut between events. */
  #cuts: number[] = [];

  get empty(): boolean {
    return this.decided.length === 0 && this.tainted.size === 0;
  }

  /** Whether there is room for another event's decision, however large. */
  get full(): boolean {
    return this.#buffer.length - this.#used < limits.recordBytesMax;
  }

  get bytes(): number {
    return this.#used;
  }

  /** Number of records so far. */
  get recordCount(): number {
    return this.#cuts.length;
  }

  /** Adds what one event decided, as JSON. One event's facts are never split over two records. */
  append(slot: SiteSlot, decision: string): void {
    const start = this.#cuts.at(-1);
    const from = this.#used;
    const comma = start === undefined ? 0 : 1;
    const { read, written } = encoder.encodeInto(
      decision,
      this.#buffer.subarray(from + comma, from + comma + limits.recordBytesMax),
    );
    assert(read === decision.length, "What one event decides fits one journal record");
    if (start === undefined || from + comma + written - start > limits.recordBytesMax) {
      this.#cuts.push(from + comma);
    }
    if (comma === 1) this.#buffer[from] = 0x2c; // ","
    this.#used = from + comma + written;
    this.#parts.push({ slot, from: from + comma, to: this.#used });
  }

  /** The records as they go to disk: JSON objects with commas between, no brackets. */
  records(): Uint8Array[] {
    return this.#cuts.map((from, index) => {
      const next = this.#cuts[index + 1];
      return this.#buffer.subarray(from, next === undefined ? this.#used : next - 1);
    });
  }

  /** The sites of which something in here was decided. */
  slots(): Set<SiteSlot> {
    return new Set([...this.decided.map(({ slot }) => slot), ...this.tainted]);
  }

  /** Takes these sites out, as if they had decided nothing, and returns what they had. */
  drop(slots: ReadonlySet<SiteSlot>): Decided[] {
    const dropped = this.decided.filter(({ slot }) => slots.has(slot));
    const kept = this.decided.filter(({ slot }) => !slots.has(slot));
    const staged = this.staged.filter(({ slot }) => !slots.has(slot));
    const touched = [...this.touched].filter((name) =>
      ![...slots].some((slot) => name.startsWith(`${slot.siteId}/`))
    );
    const texts = this.#parts.filter(({ slot }) => !slots.has(slot)).map((part) => ({
      slot: part.slot,
      text: new TextDecoder().decode(this.#buffer.subarray(part.from, part.to)),
    }));
    const tainted = [...this.tainted].filter((slot) => !slots.has(slot));
    this.clear();
    for (const slot of tainted) this.tainted.add(slot);
    this.decided.push(...kept);
    this.staged.push(...staged);
    for (const name of touched) this.touched.add(name);
    for (const { slot, text } of texts) this.append(slot, text);
    return dropped;
  }

  clear(): void {
    this.staged.length = 0;
    this.decided.length = 0;
    this.touched.clear();
    this.tainted.clear();
    this.#used = 0;
    this.#parts = [];
    this.#cuts = [];
  }
}
