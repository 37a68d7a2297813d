/** How many passed and failed: tests, and steps that are no tests as one each. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Adds up the summary lines of `deno test`, such as "ok | 12 passed (3 steps) | 1 failed (1s)",
 * also of several runs in one output.
 */
export function countTests(output: string): Tally {
  let passed = 0;
  let failed = 0;
  const lines = /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed/gm;
  for (const [, ok, bad] of output.matchAll(lines)) {
    passed += Number(ok);
    failed += Number(bad);
  }
  return { passed, failed };
}
