import ts from "typescript";
import { findingAt, isScript, isTest, sourceOf } from "./source.ts";
import type { Finding, TreeFile } from "./tree.ts";

const documented = /^(core|server|routes|mq|cache|archive|adapters|web\/sdk)\//;

type Exported =
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.VariableStatement;

/** Every export has a doc comment; z.infer aliases directly behind their schema need none. */
export function checkDocComments(files: readonly TreeFile[]): Finding[] {
  const concerned = files.filter((file) =>
    isScript(file) && documented.test(file.path) && !isTest(file.path)
  );
  return concerned.flatMap((file) => {
    const { statements } = sourceOf(file);
    return statements.flatMap((statement, place) => {
      if (!isExported(statement) || hasDoc(statement)) return [];
      if (isInferAlias(statement) && followsDocumentedSchema(statements, place)) return [];
      const message =
        `export ${namesOf(statement)} has no doc comment: /** one sentence that adds ` +
        "something */ directly before it";
      return [findingAt(file, statement, message)];
    });
  });
}

function isExported(statement: ts.Statement): statement is Exported {
  const kind = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) ||
    ts.isVariableStatement(statement);
  if (!kind) return false;
  return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function hasDoc(statement: ts.Statement): boolean {
  const text = statement.getSourceFile().text;
  const last = ts.getLeadingCommentRanges(text, statement.pos)?.at(-1);
  if (last === undefined || !text.startsWith("/**", last.pos)) return false;
  return !/\n\s*\n/.test(text.slice(last.end, statement.getStart()));
}

function isInferAlias(statement: ts.Statement): boolean {
  return ts.isTypeAliasDeclaration(statement) && statement.type.getText().startsWith("z.infer<");
}

/** Behind the schema, or behind other aliases behind it. */
function followsDocumentedSchema(statements: ts.NodeArray<ts.Statement>, place: number): boolean {
  const alias = statements[place];
  for (let before = place - 1; before >= 0 && alias !== undefined; before--) {
    const statement = statements[before];
    if (statement === undefined) return false;
    if (ts.isVariableStatement(statement)) {
      const name = statement.declarationList.declarations[0]?.name.getText() ?? "";
      return hasDoc(statement) && alias.getText().includes(`typeof ${name}>`);
    }
    if (!isInferAlias(statement)) return false;
  }
  return false;
}

function namesOf(statement: Exported): string {
  if (!ts.isVariableStatement(statement)) return statement.name?.text ?? "default";
  return statement.declarationList.declarations.map(({ name }) => name.getText()).join(", ");
}
