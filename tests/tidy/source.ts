import ts from "typescript";
import type { Finding, TreeFile } from "./tree.ts";

const parsed = new WeakMap<TreeFile, ts.SourceFile>();

/** The syntax tree of a file, parsed once. */
export function sourceOf(file: TreeFile): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const kind = file.path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true, kind);
  parsed.set(file, source);
  return source;
}

/** Whether the file is TypeScript. */
export function isScript(file: TreeFile): boolean {
  return /\.tsx?$/.test(file.path);
}

/** Whether the file is a test beside or in tests/. */
export function isTest(path: string): boolean {
  return /_test\.tsx?$/.test(path);
}

/** Calls `visit` for the node and everything below it, in order of the text. */
export function forEachNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => forEachNode(child, visit));
}

/** The line of a position, counted from 1. */
export function lineAt(file: TreeFile, position: number): number {
  return sourceOf(file).getLineAndCharacterOfPosition(position).line + 1;
}

/** A finding at a node. */
export function findingAt(file: TreeFile, node: ts.Node, message: string): Finding {
  return { path: file.path, line: lineAt(file, node.getStart(sourceOf(file))), message };
}

/** All comments of a file with their positions; text in strings is none. */
export function commentsOf(file: TreeFile): readonly { text: string; position: number }[] {
  const source = sourceOf(file);
  const found = new Map<number, string>();
  const collect = (node: ts.Node) => {
    const ranges = [
      ...ts.getLeadingCommentRanges(file.text, node.pos) ?? [],
      ...ts.getTrailingCommentRanges(file.text, node.end) ?? [],
    ];
    for (const { pos, end } of ranges) found.set(pos, file.text.slice(pos, end));
  };
  forEachToken(source, collect);
  return [...found].sort(([a], [b]) => a - b).map(([position, text]) => ({ text, position }));
}

function forEachToken(node: ts.Node, visit: (node: ts.Node) => void): void {
  const inTemplateOrJsx = ts.isJsxText(node) || ts.isTemplateMiddleOrTemplateTail(node);
  if (node.kind <= ts.SyntaxKind.LastToken && !inTemplateOrJsx) visit(node);
  for (const child of node.getChildren()) forEachToken(child, visit);
}
