import ts from "typescript";
import { findingAt, forEachNode, isScript, isTest, sourceOf } from "./source.ts";
import type { Finding, TreeFile } from "./tree.ts";

const timeInstead = "time arrives in the event: use event.at or turn.at";
const chanceInstead = "chance and ids arrive in the event";
const ioInstead = "core does no I/O: return a fact, a send or a job and let server/ do it";
const wakeInstead = "set a deadline; the shell sends `woken`";

/** Names of the surroundings, with what to do instead. */
const impureNames: Readonly<Record<string, string>> = {
  performance: timeInstead,
  crypto: chanceInstead,
  setTimeout: wakeInstead,
  setInterval: wakeInstead,
  queueMicrotask: wakeInstead,
  console: ioInstead,
  Deno: ioInstead,
  fetch: ioInstead,
};

/** core/ is synchronous and knows no clock, chance or surroundings; its tests know no clock. */
export function checkCorePurity(files: readonly TreeFile[]): Finding[] {
  return files.filter((file) => isScript(file) && file.path.startsWith("core/")).flatMap((file) => {
    const findings: Finding[] = [];
    forEachNode(sourceOf(file), (node) => {
      const why = clockOrChance(node) ?? (isTest(file.path) ? undefined : surroundings(node));
      if (why !== undefined) findings.push(findingAt(file, node, why));
    });
    return findings;
  });
}

function clockOrChance(node: ts.Node): string | undefined {
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const text = `${node.expression.getText()}.${node.name.text}`;
  if (text === "Date.now") return `no Date.now in core: ${timeInstead}`;
  if (text === "Math.random") return `no Math.random in core: ${chanceInstead}`;
  return undefined;
}

function surroundings(node: ts.Node): string | undefined {
  if (ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword) {
    return `no async in core: ${ioInstead}`;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "Date") {
    return `no new Date in core: ${timeInstead}`;
  }
  if (!ts.isIdentifier(node) || !Object.hasOwn(impureNames, node.text)) return undefined;
  if (!isGlobalUse(node)) return undefined;
  return `no ${node.text} in core: ${impureNames[node.text]}`;
}

/** Whether the identifier reads a global: no property's name, no name declared in this file. */
function isGlobalUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return false;
  if (ts.isTypeElement(parent) || ts.isClassElement(parent)) return false;
  for (let scope: ts.Node | undefined = parent; scope !== undefined; scope = scope.parent) {
    if (declares(scope, node.text)) return false;
  }
  return true;
}

function declares(scope: ts.Node, name: string): boolean {
  if (ts.isFunctionLike(scope)) {
    return scope.parameters.some(({ name: parameter }) => binds(parameter, name));
  }
  if (ts.isForOfStatement(scope) && ts.isVariableDeclarationList(scope.initializer)) {
    return scope.initializer.declarations.some((declaration) => binds(declaration.name, name));
  }
  if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) return false;
  return scope.statements.some((statement) =>
    ts.isVariableStatement(statement) &&
    statement.declarationList.declarations.some((declaration) => binds(declaration.name, name))
  );
}

function binds(binding: ts.BindingName, name: string): boolean {
  if (ts.isIdentifier(binding)) return binding.text === name;
  return binding.elements.some((element) =>
    ts.isBindingElement(element) && binds(element.name, name)
  );
}
