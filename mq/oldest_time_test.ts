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

Deno.test("[QD26] while one old time stays, no more is kept than three times what is in", () => {
  const times = new OldestTime();
  times.add(1);
  let keptMax = 0;
  for (let at = 2; at < 100_000; at++) {
    times.add(at);
    times.remove(at);
    keptMax = Math.max(keptMax, times.kept);
  }
  assert.ok(keptMax <= 6, `${keptMax} kept for two`);
  assert.equal(times.oldest, 1);
  // With a backlog: what is rebuilt is right, and seldom.
  for (let at = 100_000; at < 101_000; at++) times.add(at);
  for (let at = 101_000; at < 200_000; at++) {
    times.add(at);
    times.remove(at - 1_000);
    assert.ok(times.kept <= 3 * 1_002);
  }
  assert.equal(times.oldest, 1);
  times.remove(1);
  assert.equal(times.oldest, 199_000);
});
