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
