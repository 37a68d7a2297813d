import assert from "node:assert/strict";
import fc from "fast-check";
import { fixedUlid } from "../tests/harness/fixed_ids.ts";
import { type Entry, entrySchema } from "./entry.ts";
import { StreamsHeld } from "./streams_held.ts";

const stamps = fc.record({
  tenure: fc.nat(1).map(fixedUlid),
  stream: fc.constantFrom("public", "staff"),
  n: fc.integer({ min: 1, max: 8 }),
}).map((stamp): Entry =>
  entrySchema.parse({
    ...stamp,
    chatId: fixedUlid(1),
    order: 1,
    at: 1,
    author: { type: "system", id: "system" },
    id: "x",
    kind: "message",
    text: "",
  })
);

Deno.test("[RS1C] what is held is the union of what was added; the vector is its part without gaps", () => {
  fc.assert(fc.property(fc.array(stamps, { maxLength: 40 }), (entries) => {
    const held = new StreamsHeld();
    const naive = new Map<string, Set<number>>();
    for (const entry of entries) {
      const key = `${entry.tenure}/${entry.stream}`;
      const numbers = naive.get(key) ?? new Set();
      naive.set(key, numbers);
      assert.equal(held.holds(entry), numbers.has(entry.n));
      assert.equal(held.add(entry), !numbers.has(entry.n));
      numbers.add(entry.n);
    }
    const vector: Record<string, number> = {};
    for (const [key, numbers] of naive) {
      let n = 0;
      while (numbers.has(n + 1)) n += 1;
      if (n > 0) vector[key] = n;
    }
    assert.deepEqual(held.vector(), vector);
    const seen = Object.entries(vector).filter(([key]) => key.endsWith("/public"));
    assert.deepEqual(held.publicVector(), Object.fromEntries(seen));
  }));
});
