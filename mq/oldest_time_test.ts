import assert from "node:assert/strict";
import fc from "fast-check";
import { OldestTime } from "./oldest_time.ts";

Deno.test("[QD14] the oldest of many times is known, whatever comes and goes", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 50 }))), (steps) => {
      const times = new OldestTime();
      const model: number[] = [];
      for (const [isAdded, value] of steps) {
        if (isAdded || model.length === 0) {
          times.add(value);
          model.push(value);
        } else {
          const [gone = 0] = model.splice(value % model.length, 1);
          times.remove(gone);
        }
        assert.equal(times.oldest, model.length === 0 ? undefined : Math.min(...model));
      }
    }),
    { seed: 7, numRuns: 500 },
  );
});
