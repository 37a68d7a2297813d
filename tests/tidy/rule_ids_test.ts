import assert from "node:assert/strict";
import { requirementIds } from "./requirement_ids.ts";
import { checkRuleIds, parseSpec } from "./rule_ids.ts";
import type { TreeFile } from "./tree.ts";

const spec = "# Rules\n\n- **[WQ1]** The longest-waiting visitor goes first. (EN2, RS1)\n";
const test = 'Deno.test("[WQ1] the longest-waiting visitor goes first", () => {});';

function found(...files: [path: string, text: string][]): string {
  const tree: TreeFile[] = files.map(([path, text]) => ({ path, text }));
  return checkRuleIds(tree, requirementIds).map(({ message }) => message).join("\n");
}

Deno.test("rules are read, also over several lines", () => {
  const { rules, findings } = parseSpec(
    "- **[WQ1]** A long\n  sentence of two. (EN2,\n  RS1)\n\nText.\n",
  );
  assert.deepEqual(findings, []);
  const rule = {
    id: "WQ1",
    sentence: "A long sentence of two.",
    requirements: ["EN2", "RS1"],
    line: 1,
  };
  assert.deepEqual(rules, [rule]);
});

Deno.test("a line that is nearly a rule is found", () => {
  for (
    const line of [
      "- [WQ1] No bold id. (EN2)",
      "- **[WQ1]** No requirement.",
      "- **[WQ1]** No full stop (EN2)",
      "* **[WQ1]** A star. (EN2)",
    ]
  ) {
    assert.equal(parseSpec(line).findings.length, 1, line);
  }
});

Deno.test("a rule with a test, in every form", () => {
  assert.equal(found(["docs/SPEC.md", spec], ["core/queue_test.ts", test]), "");
  const row = 'const table = [["[WQ1]", "waiting", "accepted"]];';
  assert.equal(found(["docs/SPEC.md", spec], ["core/queue_test.ts", row]), "");
  const header = "# The longest waits no more. [WQ1]\nsite acme\n";
  assert.equal(found(["docs/SPEC.md", spec], ["tests/scenarios/queue.txt", header]), "");
});

Deno.test("a rule without a test, or with the id only in a comment, is found", () => {
  assert.match(found(["docs/SPEC.md", spec]), /\[WQ1\] has no test/);
  const comment: [string, string] = ["core/queue_test.ts", "// [WQ1]\nconst a = 1;"];
  assert.match(found(["docs/SPEC.md", spec], comment), /\[WQ1\] has no test/);
  const below: [string, string] = ["tests/scenarios/queue.txt", "site acme [WQ1]\n"];
  assert.match(found(["docs/SPEC.md", spec], below), /\[WQ1\] has no test/);
});

Deno.test("an id that does not exist is found in test names and comments", () => {
  const unknown = test.replace("WQ1", "WQ9");
  assert.match(found(["docs/SPEC.md", spec], ["core/queue_test.ts", unknown]), /no rule \[WQ9\]/);
  const comment = "/** First. [WQ9] [EN2] */\nconst a = 1;";
  const message = found(["docs/SPEC.md", spec], ["core/q_test.ts", test], ["core/q.ts", comment]);
  assert.match(message, /^\[WQ9\] is neither a rule/);
});

Deno.test("a missing spec, an unknown requirement, two sentences and a doubled id are found", () => {
  assert.match(found(["core/queue_test.ts", test]), /docs\/SPEC\.md is missing/);
  assert.match(found(["docs/SPEC.md", "# Rules\n"]), /no rule of the form/);
  assert.match(
    found(["docs/SPEC.md", spec.replace("EN2", "EN99")]),
    /requirement EN99, which is none/,
  );
  assert.match(found(["docs/SPEC.md", spec.replace("first.", "first. Always.")]), /more than one/);
  assert.match(found(["docs/SPEC.md", spec + spec]), /stands twice/);
});
