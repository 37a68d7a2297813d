import assert from "node:assert/strict";
import type { StepResult } from "./step.ts";
import { summaryOf, tallyOf } from "./summary.ts";
import { countTests } from "./tally.ts";

const passed: StepResult = { name: "fmt", outcome: "passed", passed: 0, failed: 0, ms: 1_234 };
const tests: StepResult = { name: "rules", outcome: "failed", passed: 40, failed: 2, ms: 60_000 };
const died: StepResult = { ...passed, name: "sim", outcome: "failed", why: "exit code 1" };
const skipped: StepResult = { ...passed, name: "e2e", outcome: "skipped", why: "no chromium" };

Deno.test("summaries of deno test are added up", () => {
  const output = [
    "chat opens ... ok (1ms)",
    "ok | 12 passed (3 steps) | 0 failed | 2 ignored (1s)",
    "FAILED | 5 passed | 1 failed (2s)",
    "ok | 3 passed | 0 failed | 7 filtered out (12ms)",
    'said "ok | 9 passed | 9 failed"',
  ].join("\n");
  assert.deepEqual(countTests(output), { passed: 20, failed: 1 });
  assert.deepEqual(countTests("error: Module not found"), { passed: 0, failed: 0 });
});

Deno.test("a failed step counts, whether or not a test of it failed", () => {
  assert.deepEqual(tallyOf([passed]), { passed: 1, failed: 0 });
  assert.deepEqual(tallyOf([passed, tests, died]), { passed: 41, failed: 3 });
  assert.deepEqual(tallyOf([{ ...tests, failed: 0 }]), { passed: 40, failed: 1 });
  assert.deepEqual(tallyOf([skipped]), { passed: 0, failed: 0 });
});

Deno.test("the table names each step, its time and what was wrong", () => {
  assert.deepEqual(summaryOf([passed, tests, died, skipped]).split("\n"), [
    "fmt    ok                            1.2 s",
    "rules  FAILED   40 passed, 2 failed  60.0 s",
    "sim    FAILED                        1.2 s   exit code 1",
    "e2e    SKIPPED                       1.2 s   no chromium",
  ]);
});
