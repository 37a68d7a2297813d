import assert from "node:assert/strict";
import { DiskBudget } from "./disk_budget.ts";

const shares: readonly [number, string][] = [
  [0, "normal"],
  [799, "normal"],
  [800, "tight"],
  [949, "tight"],
  [950, "full"],
  [2_000, "full"],
];
for (const [used, state] of shares) {
  Deno.test(`[DB1A] ${used} of 1000 bytes are "${state}"`, () => {
    assert.equal(new DiskBudget(1_000, () => used).state, state);
  });
}

const disks: readonly [number, number, number, string][] = [
  [100, 10_000, 1_000, "normal"],
  [100, 900, 1_000, "normal"],
  [100, 30, 130, "normal"],
  [100, 25, 125, "tight"],
  [100, 5, 105, "full"],
  [100, 0, 100, "full"],
  [0, 0, 0, "normal"],
];
for (const [used, free, budget, state] of disks) {
  Deno.test(`[PB9] with ${used} bytes used and ${free} free on the disk, 1000 bytes of budget are ${budget}, and it is "${state}"`, () => {
    const disk = new DiskBudget(1_000, () => used, () => free);
    assert.deepEqual([disk.budgetBytes, disk.state], [budget, state]);
  });
}
