import assert from "node:assert/strict";
import { clockJumpMsMin, SystemClock } from "./clock.ts";

Deno.test("[IN2] the clock is the wall clock, carried by the monotonic one", () => {
  const clock = new SystemClock();
  const before = clock.monotonic();
  assert.ok(Math.abs(clock.now() - Date.now()) < clockJumpMsMin);
  assert.ok(Number.isInteger(clock.now()));
  assert.equal(clock.correct(), false, "without a jump nothing is reported");
  assert.ok(clock.monotonic() >= before);
});

Deno.test("[IN2] a task comes once, and not at all when it was cancelled", async () => {
  const clock = new SystemClock();
  const came: string[] = [];
  const cancel = clock.after(0, () => came.push("cancelled"));
  cancel();
  await new Promise<void>((resolve) => {
    clock.after(0, () => came.push("first"));
    clock.after(1, resolve);
  });
  assert.deepEqual(came, ["first"]);
});
