// deno-lint-ignore-file no-console -- a tool's output
import { resolve } from "node:path";
import { type Needs, whatIsMissing } from "./run_all/needs.ts";
import { runStep, type Step, type StepResult } from "./run_all/step.ts";
import { summaryOf, tallyOf } from "./run_all/summary.ts";

const rootDir = resolve(import.meta.dirname ?? ".", "..");
const minute = 60_000;

/**
 * Everything that is run, in this order. `tests: true`: a `deno test`, counted test by test; any
 * other step counts as one. `needs`: what not every machine has ({ programs: [["chromium"]] });
 * without it the step is skipped loudly, or fails when CI=true. A step stands here from the day
 * that its files exist, and fails when they are gone.
 */
const steps: readonly (Step & { readonly needs?: Needs })[] = [
  { name: "fmt", command: "deno task fmt", timeoutMs: 2 * minute },
  { name: "lint", command: "deno task lint", timeoutMs: 2 * minute },
  { name: "check", command: "deno task check", timeoutMs: 5 * minute },
  { name: "build", command: "deno task build", timeoutMs: 2 * minute },
  { name: "rules", command: "deno task rules", timeoutMs: 10 * minute, tests: true },
  { name: "contracts", command: "deno task contract", timeoutMs: 5 * minute },
  { name: "simulation", command: "deno task sim", timeoutMs: 10 * minute },
  {
    name: "browsers",
    command: "deno test -A tests/e2e",
    timeoutMs: 4 * minute,
    tests: true,
    needs: { programs: [["chromium"], ["curl"]] },
  },
  { name: "chaos node", command: "deno task chaos node --short", timeoutMs: 4 * minute },
  {
    name: "chaos config",
    command: "deno task chaos config --short",
    timeoutMs: 3 * minute,
  },
  {
    name: "processes",
    command: "deno test -A tests/chaos",
    timeoutMs: 3 * minute,
    tests: true,
  },
  {
    name: "chaos fsync",
    command: "deno task chaos fsync --messages=20",
    timeoutMs: 3 * minute,
    needs: { programs: [["strace"]] },
  },
  {
    name: "chaos node sees ack-early",
    command: "deno task chaos node --short --sabotage=ack-early --must-catch",
    timeoutMs: 4 * minute,
  },
  {
    name: "chaos config sees skip-change",
    command: "deno task chaos config --short --sabotage=skip-change --must-catch",
    timeoutMs: 3 * minute,
  },
  { name: "chaos archive", command: "deno task chaos archive --short", timeoutMs: 3 * minute },
  {
    name: "chaos archive sees forget-ids",
    command: "deno task chaos archive --short --sabotage=forget-ids --must-catch",
    timeoutMs: 3 * minute,
  },
  { name: "compile", command: "deno task compile", timeoutMs: 5 * minute },
];

/** Runs every step, also after a failure, and ends with the line "N passed, N failed". */
async function main(): Promise<number> {
  const inCi = ["true", "1"].includes(Deno.env.get("CI") ?? "");
  const only = new Set(Deno.args);
  const results: StepResult[] = [];
  for (const step of steps) {
    if (only.size > 0 && !only.has(step.name)) continue;
    console.log(`\n==== ${step.name}: ${step.command}`);
    const missing = await whatIsMissing(step.needs ?? {});
    if (missing === undefined) results.push(await runStep(step, rootDir));
    else {
      console.log(`==== ${step.name} cannot run here: ${missing}`);
      const { name } = step;
      results.push({
        name,
        outcome: inCi ? "failed" : "skipped",
        passed: 0,
        failed: 0,
        ms: 0,
        why: missing,
      });
    }
  }
  const tally = tallyOf(results);
  console.log(`\n${summaryOf(results)}\n`);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
