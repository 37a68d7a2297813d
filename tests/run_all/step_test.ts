import assert from "node:assert/strict";
import { whatIsMissing } from "./needs.ts";
import { runStep } from "./step.ts";

const cwd = import.meta.dirname ?? ".";

Deno.test("a step passes, fails and is timed by its process", async () => {
  const right = await runStep({ name: "a", command: "true", timeoutMs: 10_000 }, cwd);
  assert.equal(right.outcome, "passed");
  const wrong = await runStep({ name: "b", command: "false", timeoutMs: 10_000 }, cwd);
  assert.deepEqual([wrong.outcome, wrong.why], ["failed", "exit code 1"]);
});

Deno.test("a step of tests that ran no test has failed", async () => {
  const step = { name: "a", command: "true", timeoutMs: 10_000, tests: true };
  assert.equal((await runStep(step, cwd)).why, "no test was run");
});

Deno.test("a step that takes too long is ended with all its children", async () => {
  const command = `${Deno.execPath()} run -A ${cwd}/never_ends.ts`;
  const result = await runStep({ name: "a", command, timeoutMs: 1_000, graceMs: 500 }, cwd);
  assert.equal(result.why, "took longer than 1 s");
});

Deno.test("what the machine lacks is named", async () => {
  assert.equal(await whatIsMissing({ programs: [["nothing-like-it", "sh"]] }), undefined);
  const missing = await whatIsMissing({ programs: [["nothing-like-it"]] });
  assert.equal(missing, "there is no nothing-like-it on this machine");
});
