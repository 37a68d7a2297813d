interface Kept {
  nounBytes: number;
  /** Bytes of each segment, by its number. */
  readonly segmentBytes: number[];
}

/** What the store holds of each noun, to count bytes and to number segments. */
export class KeptNouns {
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /** Bytes of all nouns and segments. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of segments of the noun, which is the number of the next. */
  segments(name: string): number {
    return this.#kept.get(name)?.segmentBytes.length ?? 0;
  }

  /** The noun's own record has this length now. */
  noteNoun(name: string, bytes: number): void {
    const kept = this.#of(name);
    this.#bytes += bytes - kept.nounBytes;
    kept.nounBytes = bytes;
  }

  noteSegment(name: string, place: number, bytes: number): void {
    const kept = this.#of(name);
    this.#bytes += bytes - (kept.segmentBytes[place] ?? 0);
    kept.segmentBytes[place] = bytes;
  }

  /** Only the first `count` segments are left. */
  dropSegments(name: string, count: number): void {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    for (const bytes of kept.segmentBytes.splice(count)) this.#bytes -= bytes;
  }

  /** Nothing of the noun is left. */
  forget(name: string): void {
    this.dropSegments(name, 0);
    this.#bytes -= this.#kept.get(name)?.nounBytes ?? 0;
    this.#kept.delete(name);
  }

  /** Nothing is known any more of nouns whose name begins so. */
  forgetAll(prefix: string): void {
    for (const name of [...this.#kept.keys()]) if (name.startsWith(prefix)) this.forget(name);
  }

  #of(name: string): Kept {
    let kept = this.#kept.get(name);
    if (kept === undefined) {
      kept = { nounBytes: 0, segmentBytes: [] };
      this.#kept.set(name, kept);
    }
    return kept;
  }
}
