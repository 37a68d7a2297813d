import assert from "node:assert/strict";
import type { VirtualClock } from "./virtual_clock.ts";

/** Lets everything else that is ready to run do so, I/O included. */
export function turnOfEvents(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Lets others run until it holds; fails when it does not within a few seconds' worth of turns. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let turns = 0; turns < 2_000; turns++) {
    if (await holds()) return;
    await turnOfEvents();
  }
  assert.fail(`never: ${what}`);
}

/** Lets virtual time pass slowly enough for I/O to keep up. */
export async function passTime(clock: VirtualClock, ms: number, stepMs = 500): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await clock.advance(stepMs);
    for (let turns = 0; turns < 3; turns++) await turnOfEvents();
  }
}
