import assert from "node:assert/strict";
import { median, percentile } from "./percentile.ts";

Deno.test("percentile is the nearest rank, whatever the order of the samples", () => {
  const samples = Float64Array.from({ length: 200 }, (_, i) => 200 - i);
  assert.equal(percentile(samples, 0.5), 100);
  assert.equal(percentile(samples, 0.99), 198);
  assert.equal(percentile(samples, 1), 200);
  assert.equal(percentile(Float64Array.of(7), 0.99), 7);
  assert.equal(samples[0], 200, "the samples are left as they were");
  assert.ok(Number.isNaN(percentile(new Float64Array(), 0.99)));
});

Deno.test("median sorts by number and takes the mean of an even middle", () => {
  assert.equal(median([10, 9, 100]), 10);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});
