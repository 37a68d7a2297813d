import assert from "node:assert/strict";
import fc from "fast-check";
import { IndexedHeap } from "./indexed_heap.ts";

const step = fc.record({
  key: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
  rank: fc.tuple(fc.nat(4), fc.nat(4)),
  remove: fc.boolean(),
});

Deno.test("[RT2] the heap agrees with a sorted list after any steps", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const heap = new IndexedHeap<string>();
    const naive = new Map<string, readonly [number, number]>();
    for (const { key, rank, remove } of steps) {
      if (remove) {
        heap.remove(key);
        naive.delete(key);
      } else {
        heap.set(key, rank);
        naive.set(key, rank);
      }
      const [least] = [...naive].sort(([keyA, a], [keyB, b]) =>
        a[0] - b[0] || a[1] - b[1] || (keyA < keyB ? -1 : 1)
      );
      assert.equal(heap.least(), least?.[0]);
      assert.equal(heap.size, naive.size);
      assert.deepEqual(heap.rankOf(key), naive.get(key));
    }
  }));
});
