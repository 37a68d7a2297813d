import { assert } from "./assert.ts";

/**
 * A priority queue of keyed items: set and remove any key in O(log n), the least in O(1). Ties are
 * broken by key, so that every run gives the same order.
 */
export class IndexedHeap<Key extends string> {
  readonly #keys: Key[] = [];
  readonly #ranks = new Map<Key, readonly number[]>();
  readonly #places = new Map<Key, number>();

  get size(): number {
    return this.#keys.length;
  }

  /** Puts or moves a key. Ranks compare number by number, smaller first. */
  set(key: Key, rank: readonly number[]): void {
    this.#ranks.set(key, rank);
    const place = this.#places.get(key);
    if (place === undefined) {
      this.#keys.push(key);
      this.#places.set(key, this.#keys.length - 1);
      this.#rise(this.#keys.length - 1);
    } else {
      this.#sink(this.#rise(place));
    }
  }

  /** The rank a key stands at, undefined when it is not in the heap. */
  rankOf(key: Key): readonly number[] | undefined {
    return this.#ranks.get(key);
  }

  remove(key: Key): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    const last = this.#keys.pop();
    this.#places.delete(key);
    this.#ranks.delete(key);
    if (last === undefined || last === key) return;
    this.#keys[place] = last;
    this.#places.set(last, place);
    this.#sink(this.#rise(place));
  }

  /** The key with the least rank. */
  least(): Key | undefined {
    return this.#keys[0];
  }

  #before(a: number, b: number): boolean {
    const keyA = this.#keyAt(a);
    const keyB = this.#keyAt(b);
    const rankA = this.#ranks.get(keyA) ?? [];
    const rankB = this.#ranks.get(keyB) ?? [];
    for (let i = 0; i < rankA.length; i++) {
      const difference = (rankA[i] ?? 0) - (rankB[i] ?? 0);
      if (difference !== 0) return difference < 0;
    }
    return keyA < keyB;
  }

  #rise(place: number): number {
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#before(place, parent)) break;
      this.#swap(place, parent);
      place = parent;
    }
    return place;
  }

  #sink(place: number): void {
    while (true) {
      let least = place;
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if (child < this.#keys.length && this.#before(child, least)) least = child;
      }
      if (least === place) return;
      this.#swap(place, least);
      place = least;
    }
  }

  #swap(a: number, b: number): void {
    const keyA = this.#keyAt(a);
    const keyB = this.#keyAt(b);
    this.#keys[a] = keyB;
    this.#keys[b] = keyA;
    this.#places.set(keyB, a);
    this.#places.set(keyA, b);
  }

  #keyAt(place: number): Key {
    const key = this.#keys[place];
    assert(key !== undefined, "a place in the heap is below its size");
    return key;
  }
}
