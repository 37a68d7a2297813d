import assert from "node:assert/strict";
import { clockJumpMsMin, SystemClock } from "./clock.ts";

Deno.test("[IN2] the clock is the wall clock, carried by the monotonic one", () => {
  const clock = new SystemClock();
  const before = clock.monotonic();
  assert.ok(Math.abs(clock.now() - Date.now()) < clockJumpMsMin);
  assert.ok(Number.isInteger(clock.now()));
  assert.equal(clock.correct(), "in_step");
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

/** A machine whose wall clock a test sets. */
function machine() {
  const time = { wallOffset: 0, monotonicMs: 0 };
  const clock = new SystemClock({
    wall: () => 1_800_000_000_000 + time.wallOffset + time.monotonicMs,
    monotonic: () => time.monotonicMs,
  });
  /** Seconds pass, with a correction after each; answers how much the clock went on in each. */
  const pass = (seconds: number) =>
    Array.from({ length: seconds }, () => {
      const before = clock.now();
      time.monotonicMs += 1_000;
      clock.correct();
      return clock.now() - before;
    });
  return { time, clock, pass };
}

Deno.test("[IN4] when the wall clock is set back, time goes on, a tenth slower, until they agree", () => {
  const { time, clock, pass } = machine();
  time.wallOffset = -3_600_000;
  assert.equal(clock.correct(), "ahead");
  assert.deepEqual(new Set(pass(100)), new Set([900]));
  pass(40_000);
  const wall = 1_800_000_000_000 + time.wallOffset + time.monotonicMs;
  assert.ok(Math.abs(clock.now() - wall) < clockJumpMsMin);
  assert.equal(clock.correct(), "in_step");
  assert.ok(pass(10).every((ms) => ms >= 900 && ms <= 1_000));
});

Deno.test("[IN2] a jump forward of the wall clock is taken over at once, and told", () => {
  const { time, clock, pass } = machine();
  time.wallOffset = 3_600_000;
  assert.equal(clock.correct(), "jumped");
  assert.equal(clock.now(), 1_800_003_600_000);
  assert.deepEqual(pass(3), [1_000, 1_000, 1_000]);
});
