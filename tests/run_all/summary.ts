import type { StepResult } from "./step.ts";
import type { Tally } from "./tally.ts";

/** The totals. A step that failed counts as one failure at least: it may have run no test. */
export function tallyOf(results: readonly StepResult[]): Tally {
  let passed = 0;
  let failed = 0;
  for (const result of results) {
    const counted = result.passed + result.failed > 0;
    passed += result.passed + (result.outcome === "passed" && !counted ? 1 : 0);
    failed += result.failed + (result.outcome === "failed" && result.failed === 0 ? 1 : 0);
  }
  return { passed, failed };
}

/** A table: each step, its outcome, its tests, its time, and why it did not pass. */
export function summaryOf(results: readonly StepResult[]): string {
  const rows = results.map(({ name, outcome, passed, failed, ms, why = "" }) => [
    name,
    outcome === "passed" ? "ok" : outcome.toUpperCase(),
    passed + failed > 0 ? `${passed} passed, ${failed} failed` : "",
    `${(ms / 1_000).toFixed(1)} s`,
    why,
  ]);
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  );
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  ).join("\n");
}
