import { streamKey, type Vector } from "./cursor.ts";
import type { Entry } from "./entry.ts";

interface Held {
  contiguous: number;
  /** Held beyond the first gap. */
  readonly ahead: Set<number>;
}

/** Which stamps of a chat are held: per stream the contiguous part and what lies beyond a gap. */
export class StreamsHeld {
  readonly #streams = new Map<string, Held>();

  /** Notes a stamp; false when it was held already. */
  add(entry: Entry): boolean {
    const key = streamKey(entry.tenure, entry.stream);
    let held = this.#streams.get(key);
    if (held === undefined) {
      held = { contiguous: 0, ahead: new Set() };
      this.#streams.set(key, held);
    }
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
    const held = this.#streams.get(streamKey(entry.tenure, entry.stream));
    return held !== undefined && (entry.n <= held.contiguous || held.ahead.has(entry.n));
  }

  contiguous(key: string): number {
    return this.#streams.get(key)?.contiguous ?? 0;
  }

  get streamCount(): number {
    return this.#streams.size;
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
