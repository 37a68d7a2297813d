/** Which records the log holds and how long they are, without keeping anything per old record. */
export class LogExtent {
  /** The oldest record kept, 1 when none was ever deleted. */
  first = 1;
  /** The number that the next record gets. */
  next = 1;
  /** Bytes of all records kept. Of records deleted, the mean is taken off. */
  bytes = 0;
  /** Records of the unsaved part: where each ends, in bytes since the start of this process. */
  #ends: { readonly seq: number; readonly end: number }[] = [];
  #end = 0;
  #counted = 0;

  append(seq: number, bytes: number): void {
    if (seq <= this.#counted) return;
    this.#counted = seq;
    this.#end += bytes;
    this.#ends.push({ seq, end: this.#end });
    this.bytes += bytes;
    this.next = Math.max(this.next, seq + 1);
  }

  /** Bytes of the records from `seq` on, as far as this process wrote or read them. */
  bytesFrom(seq: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle]?.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return this.#end - (this.#ends[low - 1]?.end ?? 0);
  }

  /** Records before `seq` are needed no more for bytesFrom(). */
  forgetBefore(seq: number): void {
    const place = this.#ends.findIndex((record) => record.seq >= seq);
    // The last one before it stays: it is where the unsaved part begins.
    if (place > 1_024) this.#ends = this.#ends.slice(place - 1);
  }

  /** Bytes of all records kept, had those up to `seq` been deleted. */
  bytesWithout(seq: number): number {
    const count = this.next - this.first;
    if (count <= 0 || seq < this.first) return this.bytes;
    return this.bytes - Math.round(this.bytes * (seq + 1 - this.first) / count);
  }

  /** Records up to `seq` were deleted. */
  deletedUpTo(seq: number): void {
    this.bytes = this.bytesWithout(seq);
    this.first = Math.max(this.first, seq + 1);
  }
}
