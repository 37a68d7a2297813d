import { deepEqual } from "node:assert/strict";
import { pageClock } from "./page_clock.ts";

Deno.test("[CH7] a page's clock goes on after a sleep, and never back with the wall clock", () => {
  const clocks = { now: 1_000_000, wallAheadMs: 0 };
  const now = pageClock({
    monotonic: () => clocks.now,
    wall: () => clocks.now + clocks.wallAheadMs,
  });
  const read: number[] = [];
  const after = (ms: number, wallAheadMs: number) => {
    clocks.now += ms;
    clocks.wallAheadMs = wallAheadMs;
    read.push(now() - 1_000_000);
  };
  after(0, 0);
  after(1_000, 4_000);
  after(0, 3 * 24 * 3600_000);
  after(1_000, 3 * 24 * 3600_000);
  after(1_000, 0);
  after(1_000, 6 * 24 * 3600_000);
  deepEqual(read, [
    0,
    1_000,
    1_000 + 3 * 24 * 3600_000,
    2_000 + 3 * 24 * 3600_000,
    3_000 + 3 * 24 * 3600_000,
    4_000 + 6 * 24 * 3600_000,
  ]);
});
