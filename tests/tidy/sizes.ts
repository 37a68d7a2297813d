import ts from "typescript";
import { findingAt, forEachNode, isScript, lineAt, sourceOf } from "./source.ts";
import type { Finding, TreeFile } from "./tree.ts";

const fileLinesMax = 400;
const fileLinesSoft = 250;
const functionLinesMax = 60;
const columnsMax = 100;

/** Files of at most 400 lines, functions of 60, lines of 100 columns (strings exempt). */
export function checkSizes(files: readonly TreeFile[]): Finding[] {
  return files.filter(isScript).flatMap((file) => [
    ...longFile(file),
    ...longFunctions(file),
    ...longLines(file),
  ]);
}

function longFile({ path, text }: TreeFile): Finding[] {
  const lines = text.trimEnd().split("\n").length;
  if (lines <= fileLinesMax) return [];
  const message = `${lines} lines, at most ${fileLinesMax} (${fileLinesSoft} is the soft limit): ` +
    "split it by noun";
  return [{ path, line: fileLinesMax + 1, message }];
}

function longFunctions(file: TreeFile): Finding[] {
  const findings: Finding[] = [];
  forEachNode(sourceOf(file), (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
    const lines = lineAt(file, node.end) - lineAt(file, node.getStart()) + 1;
    if (lines <= functionLinesMax) return;
    const message = `a function of ${lines} lines, at most ${functionLinesMax}: take out a step ` +
      "that has a name";
    findings.push(findingAt(file, node, message));
  });
  return findings;
}

function longLines(file: TreeFile): Finding[] {
  const lines = file.text.split("\n");
  if (!lines.some((line) => line.length > columnsMax)) return [];
  const strings = stringColumns(file);
  return lines.flatMap((line, place) => {
    const length = line.length - (strings.get(place + 1) ?? 0);
    if (length <= columnsMax) return [];
    const message = `${line.length} columns, at most ${columnsMax}: break the line`;
    return [{ path: file.path, line: place + 1, message }];
  });
}

/** How many columns of each line belong to strings, templates, patterns or JSX text. */
function stringColumns(file: TreeFile): ReadonlyMap<number, number> {
  const columns = new Map<number, number>();
  forEachNode(sourceOf(file), (node) => {
    if (!isStringLike(node)) return;
    let line = lineAt(file, node.getStart());
    for (const part of node.getText().split("\n")) {
      columns.set(line, (columns.get(line) ?? 0) + part.length);
      line += 1;
    }
  });
  return columns;
}

function isStringLike(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node) || ts.isRegularExpressionLiteral(node) ||
    ts.isJsxText(node);
}
