import { streamKey, type Vector } from "./cursor.ts";
import type { Entry, Stream } from "./entry.ts";
import type { TenureId } from "./ids.ts";

interface Held {
  contiguous: number;
  /** Held beyond the first gap. */
  readonly ahead: Set<number>;
}

/** Which stamps of a chat are held: per stream the contiguous part and what lies beyond a gap. */
export class StreamsHeld {
  readonly #streams = new Map<string, Held>();
  /** The stream looked up last: messages come in runs of one stream. */
  #lastTenure: TenureId | undefined;
  #lastStream: Stream = "public";
  #last: Held | undefined;

  /** Notes a stamp; false when it was held already. */
  add(entry: Entry): boolean {
    const held = this.#of(entry.tenure, entry.stream);
    if (entry.n <= held.contiguous || held.ahead.has(entry.n)) return false;
    if (entry.n !== held.contiguous + 1) {
      held.ahead.add(entry.n);
      return true;
    }
    held.contiguous += 1;
    while (held.ahead.delete(held.contiguous + 1)) held.contiguous += 1;
    return true;
  }

  holds(entry: Entry): boolean {
    const held = this.#of(entry.tenure, entry.stream);
    return entry.n <= held.contiguous || held.ahead.has(entry.n);
  }

  contiguous(tenure: TenureId, stream: Stream): number {
    return this.#of(tenure, stream).contiguous;
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  #of(tenure: TenureId, stream: Stream): Held {
    if (this.#last !== undefined && tenure === this.#lastTenure && stream === this.#lastStream) {
      return this.#last;
    }
    const key = streamKey(tenure, stream);
    let held = this.#streams.get(key);
    if (held === undefined) {
      held = { contiguous: 0, ahead: new Set() };
      this.#streams.set(key, held);
    }
    this.#lastTenure = tenure;
    this.#lastStream = stream;
    this.#last = held;
    return held;
  }

  vector(): Vector {
    const vector: Record<string, number> = {};
    for (const [key, held] of this.#streams) {
      if (held.contiguous > 0) vector[key] = held.contiguous;
    }
    return vector;
  }

  publicVector(): Vector {
    const vector: Record<string, number> = {};
    for (const [key, held] of this.#streams) {
      if (held.contiguous > 0 && key.endsWith("/public")) vector[key] = held.contiguous;
    }
    return vector;
  }
}
