import assert from "node:assert/strict";
import fc from "fast-check";
import { type ReadyMessage, ReadyWindow } from "./ready_window.ts";

function message(seq: number, json = "{}"): ReadyMessage {
  return { seq, id: `m${seq}`, at: 0, attempts: 0, body: seq, parts: 1, json };
}

const step = fc.oneof(
  fc.record({ type: fc.constant("publish") }),
  fc.record({ type: fc.constant("take"), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ type: fc.constant("return"), place: fc.nat(20) }),
  fc.record({ type: fc.constant("remove"), place: fc.nat(20) }),
) as fc.Arbitrary<{ type: string; count?: number; place?: number }>; // the union, flat

Deno.test("[QD10] a window hands out what the disk has, in order, however small it is", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const window = new ReadyWindow(6, 100);
      const disk = new Set<number>();
      const held = new Set<number>();
      let last = 0;
      for (const { type, count = 0, place = 0 } of steps) {
        if (type === "publish") {
          disk.add(++last);
          window.offer(message(last));
        } else if (type === "return") {
          const seq = [...held][place % Math.max(1, held.size)];
          if (seq === undefined) continue;
          held.delete(seq);
          window.offer(message(seq));
        } else if (type === "remove") {
          const ready = [...disk].filter((seq) => !held.has(seq));
          const seq = ready[place % Math.max(1, ready.length)];
          if (seq === undefined) continue;
          disk.delete(seq);
          window.remove(seq);
        } else {
          if (window.size < count && !window.isComplete) {
            const behind = [...disk].toSorted((a, b) => a - b).filter((seq) => seq > window.upTo);
            const page = behind.slice(0, 4);
            const ready = page.filter((seq) => !held.has(seq)).map((seq) => message(seq));
            window.fill(ready, page.at(-1) ?? window.upTo, behind.length <= 4);
          }
          const taken = window.take(count).map(({ seq }) => seq);
          const ready = [...disk].filter((seq) => !held.has(seq)).toSorted((a, b) => a - b);
          assert.deepEqual(taken, ready.slice(0, taken.length));
          assert.ok(taken.length > 0 || ready.length === 0 || !window.isComplete);
          for (const seq of taken) held.add(seq);
        }
      }
    }),
    { seed: 11, numRuns: 1_000 },
  );
});

Deno.test("[QD10] a window keeps payloads up to its bound, and then only places", () => {
  const window = new ReadyWindow(10, 25);
  window.fill([], 0, true);
  for (let seq = 1; seq <= 4; seq++) window.offer(message(seq, "0123456789"));
  assert.deepEqual(window.take(4).map(({ json }) => json), [
    "0123456789",
    "0123456789",
    undefined,
    undefined,
  ]);
  window.offer(message(5, "0123456789"));
  assert.equal(window.take(1)[0]?.json, "0123456789");
});
