import ts from "typescript";
import { commentsOf, forEachNode, isScript, isTest, lineAt, sourceOf } from "./source.ts";
import type { Finding, TreeFile } from "./tree.ts";

/** One rule of docs/SPEC.md. */
export interface SpecRule {
  readonly id: string;
  readonly sentence: string;
  readonly requirements: readonly string[];
  readonly line: number;
}

const specPath = "docs/SPEC.md";
const form = "- **[XX1]** one sentence. (EN2, RS1)";

/** The rules of a spec; a line that begins like a rule and is none is a finding. */
export function parseSpec(text: string): { rules: SpecRule[]; findings: Finding[] } {
  const rules: SpecRule[] = [];
  const findings: Finding[] = [];
  const lines = text.split("\n");
  for (let place = 0; place < lines.length; place++) {
    const first = lines[place] ?? "";
    if (!/^\s*[-*] +\**\[[A-Z]/.test(first)) continue;
    const line = place + 1;
    const parts = [first];
    while (/^ {2,}\S/.test(lines[place + 1] ?? "")) parts.push((lines[++place] ?? "").trim());
    const match = /^- \*\*\[([A-Z]{2}\d+[A-Z]?)\]\*\* (.+[.?!]) \(([A-Z0-9, ]+)\)$/.exec(
      parts.join(" "),
    );
    const [, id, sentence, list] = match ?? [];
    if (id === undefined || sentence === undefined || list === undefined) {
      findings.push({ path: specPath, line, message: `not of the form \`${form}\`` });
    } else rules.push({ id, sentence, requirements: list.split(/, */), line });
  }
  return { rules, findings };
}

/** Each rule is one sentence, serves existing requirements and has a test; ids named exist. */
export function checkRuleIds(
  files: readonly TreeFile[],
  requirementIds: ReadonlySet<string>,
): Finding[] {
  const spec = files.find((file) => file.path === specPath);
  if (spec === undefined) {
    const message = `${specPath} is missing: it holds the rules, as lines \`${form}\``;
    return [{ path: specPath, line: 1, message }];
  }
  const { rules, findings } = parseSpec(spec.text);
  if (rules.length === 0) {
    findings.push({ path: specPath, line: 1, message: `no rule of the form \`${form}\`` });
  }
  const known = new Map(rules.map((rule) => [rule.id, rule]));
  const tested = new Set(files.flatMap(testedIds).map(({ id }) => id));
  for (const rule of rules) {
    const at = (message: string) => findings.push({ path: specPath, line: rule.line, message });
    if (known.get(rule.id) !== rule) at(`[${rule.id}] stands twice: give one another number`);
    if (/[.?!] +[A-Z]/.test(rule.sentence)) at(`[${rule.id}] is more than one sentence: split it`);
    for (const id of rule.requirements) {
      if (!requirementIds.has(id)) at(`[${rule.id}] names the requirement ${id}, which is none`);
    }
    if (!tested.has(rule.id)) {
      at(`[${rule.id}] has no test: name one Deno.test("[${rule.id}] …"), or a scenario's header`);
    }
  }
  return [...findings, ...files.flatMap((file) => unknownIds(file, known, requirementIds))];
}

function unknownIds(
  file: TreeFile,
  rules: ReadonlyMap<string, unknown>,
  requirements: ReadonlySet<string>,
): Finding[] {
  const inTests = testedIds(file).filter(({ id }) => !rules.has(id)).map(({ id, line }) => ({
    path: file.path,
    line,
    message: `no rule [${id}] in ${specPath}: add it there, or name the one that is meant`,
  }));
  const inComments = commentedIds(file).filter(({ id }) => !rules.has(id) && !requirements.has(id))
    .map(({ id, line }) => ({
      path: file.path,
      line,
      message: `[${id}] is neither a rule of ${specPath} nor a requirement`,
    }));
  return [...inTests, ...inComments];
}

interface Mention {
  readonly id: string;
  readonly line: number;
}

/** Ids in brackets in test names and table rows (strings of test files) and in scenario headers. */
function testedIds(file: TreeFile): Mention[] {
  if (file.path.startsWith("tests/tidy")) return [];
  if (/^tests\/scenarios\/.*\.(txt|scenario|md)$/.test(file.path)) {
    return file.text.split("\n").flatMap((text, place) =>
      text.startsWith("#") ? idsIn(text).map((id) => ({ id, line: place + 1 })) : []
    );
  }
  if (!isScript(file) || !(isTest(file.path) || file.path.startsWith("tests/"))) return [];
  const mentions: Mention[] = [];
  forEachNode(sourceOf(file), (node) => {
    if (!ts.isStringLiteralLike(node) && !ts.isTemplateHead(node)) return;
    const line = lineAt(file, node.getStart());
    mentions.push(...idsIn(node.text).map((id) => ({ id, line })));
  });
  return mentions;
}

function commentedIds(file: TreeFile): Mention[] {
  if (!isScript(file) || file.path.startsWith("tests/tidy")) return [];
  return commentsOf(file).flatMap(({ text, position }) =>
    idsIn(text).map((id) => ({ id, line: lineAt(file, position) }))
  );
}

/** `[AG4]`, `[AG4 RS1]` and `[AG4, RS1]` anywhere in a text. */
function idsIn(text: string): string[] {
  return [...text.matchAll(/\[([A-Z]{2}\d+[A-Z]?(?:,? [A-Z]{2}\d+[A-Z]?)*)\]/g)].flatMap(
    ([, list]) => (list ?? "").split(/,? /),
  );
}
