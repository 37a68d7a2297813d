import ts from "typescript";

/** A top-level const of one of the schema files. */
export interface Declaration {
  readonly name: string;
  readonly doc: string;
  readonly exported: boolean;
  readonly value: ts.Expression;
}

/** All top-level consts of these source texts, in their order. */
export function readDeclarations(sources: Readonly<Record<string, string>>): Declaration[] {
  return Object.entries(sources).flatMap(([path, text]) => {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    return source.statements.filter(ts.isVariableStatement).flatMap((statement) => {
      const exported = statement.modifiers?.some(({ kind }) =>
        kind === ts.SyntaxKind.ExportKeyword
      ) ?? false;
      const doc = docBefore(statement);
      return statement.declarationList.declarations.flatMap(({ name, initializer }) =>
        initializer === undefined
          ? []
          : [{ name: name.getText(), doc, exported, value: initializer }]
      );
    });
  });
}

/** The doc comment directly before a node, as running text, without rule ids. */
export function docBefore(node: ts.Node): string {
  const { text } = node.getSourceFile();
  const comment = ts.getLeadingCommentRanges(text, node.pos)?.at(-1);
  if (comment === undefined || !text.startsWith("/**", comment.pos)) return "";
  return text.slice(comment.pos + 3, comment.end - 2)
    .replace(/^\s*\* ?/gm, "")
    .replace(/\s*\[[A-Z]{2}\d+[A-Z]?(?:,? [A-Z]{2}\d+[A-Z]?)*\]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** Throws with the place in the source. */
export function cannotRead(node: ts.Node, why: string): never {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart());
  throw new Error(`${source.fileName}:${line + 1}: cannot read \`${node.getText()}\`: ${why}`);
}

/** `as const` and other casts say nothing about the value. */
export function withoutCast(node: ts.Expression): ts.Expression {
  return ts.isAsExpression(node) || ts.isParenthesizedExpression(node)
    ? withoutCast(node.expression)
    : node;
}
