import assert from "node:assert/strict";
import { dirname } from "node:path";
import { generate, outputs } from "../docs/generate.ts";
import { checkCasts, checkConstructs, checkLeftovers } from "./tidy/constructs.ts";
import { checkCorePurity } from "./tidy/core_purity.ts";
import { checkDocComments } from "./tidy/doc_comments.ts";
import { checkFileNames } from "./tidy/file_names.ts";
import { checkCycles, checkLayering } from "./tidy/layering.ts";
import { checkMachinePaths, forbiddenPaths } from "./tidy/machine_paths.ts";
import { checkMarkdown } from "./tidy/markdown.ts";
import { requirementIds } from "./tidy/requirement_ids.ts";
import { checkRuleIds } from "./tidy/rule_ids.ts";
import { checkSizes } from "./tidy/sizes.ts";
import { type Finding, readTree, report, rootDir } from "./tidy/tree.ts";

// What STYLE.md asks and a machine can see. That each check can fail is shown in tests/tidy/.

const files = await readTree(rootDir);
const paths = new Set(files.flatMap(({ path }) => [path, ...foldersOf(path)]));

function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, place) => parts.slice(0, place + 1).join("/"));
}

function holds(name: string, check: () => Finding[]): void {
  Deno.test(name, () => {
    const findings = check();
    if (findings.length > 0) assert.fail(report(findings));
  });
}

Deno.test("the tree is read", () => {
  assert.ok(paths.has("core/protocol.ts"), "core/protocol.ts was not found");
  assert.ok(!paths.has(".git"), "the repository's own files are left out");
});

holds("imports go down only", () => checkLayering(files));
holds("no import cycles", () => checkCycles(files));
holds("core is pure", () => checkCorePurity(files));
holds("files are named after their noun", () => checkFileNames(files));
holds("no banned constructs or words", () => checkConstructs(files));
holds("no comment postpones work", () => checkLeftovers(files));
holds("casts say why", () => checkCasts(files));
holds("files, functions and lines are short", () => checkSizes(files));
holds("exported names are documented", () => checkDocComments(files));
holds(
  "every rule has a test and every named rule exists",
  () => checkRuleIds(files, requirementIds),
);
holds(
  "markdown has one title and live links",
  () => checkMarkdown(files, (path) => paths.has(path)),
);
holds("no path of one machine, no registry host", () => {
  const homeDir = Deno.env.get("HOME") ?? "/";
  return checkMachinePaths(files, forbiddenPaths({ parentDir: dirname(rootDir), homeDir }));
});

Deno.test("documents that are generated are as generated", async () => {
  for (const [path, expected] of Object.entries(await generate())) {
    const text = files.find((file) => file.path === path)?.text;
    assert.ok(text === expected, `${path} is stale: run deno run -A docs/generate.ts`);
  }
  assert.deepEqual(Object.keys(await generate()), outputs);
});
