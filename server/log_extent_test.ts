import assert from "node:assert/strict";
import { LogExtent } from "./log_extent.ts";

Deno.test("[JR2] the bytes behind a record are those of it and all later ones", () => {
  const extent = new LogExtent();
  [10, 20, 30, 40].forEach((bytes, place) => extent.append(place + 1, bytes));
  assert.deepEqual([1, 2, 3, 4, 5].map((seq) => extent.bytesFrom(seq)), [100, 90, 70, 40, 0]);
  assert.deepEqual([extent.first, extent.next, extent.bytes], [1, 5, 100]);
});

Deno.test("[JR2] a record that is read again is not counted again", () => {
  const extent = new LogExtent();
  extent.append(1, 10);
  extent.append(1, 10);
  assert.equal(extent.bytes, 10);
});

Deno.test("[DB1A] records found at a start are counted, though their last number is known before", () => {
  const extent = new LogExtent();
  extent.next = 4;
  [10, 20, 30].forEach((bytes, place) => extent.append(place + 1, bytes));
  assert.deepEqual([extent.bytes, extent.bytesFrom(1)], [60, 60]);
});

Deno.test("[JR2] forgetting and deleting old records changes nothing of the later ones", () => {
  const extent = new LogExtent();
  for (let seq = 1; seq <= 3_000; seq++) extent.append(seq, 10);
  extent.forgetBefore(2_000);
  assert.equal(extent.bytesFrom(2_000), 10_010);
  extent.deletedUpTo(1_000);
  assert.deepEqual([extent.first, extent.bytes], [1_001, 20_000]);
  extent.deletedUpTo(500);
  assert.equal(extent.first, 1_001);
});
