import ts from "typescript";
import {
  commentsOf,
  findingAt,
  forEachNode,
  isScript,
  isTest,
  lineAt,
  sourceOf,
} from "./source.ts";
import type { Finding, TreeFile } from "./tree.ts";

type Rule = (node: ts.Node, file: TreeFile) => string | undefined;

const rules: readonly Rule[] = [
  noAny,
  noEnum,
  noNonNull,
  noOnly,
  noSleep,
  noInnerHtml,
  noConsole,
  noEnvironment,
  noVagueTypeName,
  noForeignWord,
];

/** Constructs and words that the style guide replaces by others. */
export function checkConstructs(files: readonly TreeFile[]): Finding[] {
  return files.filter(isScript).flatMap((file) => {
    const findings: Finding[] = [];
    forEachNode(sourceOf(file), (node) => {
      for (const rule of rules) {
        const why = rule(node, file);
        if (why !== undefined) findings.push(findingAt(file, node, why));
      }
    });
    return findings;
  });
}

function noAny(node: ts.Node): string | undefined {
  if (node.kind !== ts.SyntaxKind.AnyKeyword) return undefined;
  return "no any: write unknown and narrow it, or the type itself";
}

function noEnum(node: ts.Node): string | undefined {
  if (!ts.isEnumDeclaration(node)) return undefined;
  return "no enum: a union of string literals, or z.enum on the wire";
}

function noNonNull(node: ts.Node): string | undefined {
  const definite = (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) &&
    node.exclamationToken !== undefined;
  if (!ts.isNonNullExpression(node) && !definite) return undefined;
  return "no `!`: handle undefined, or assert(x !== undefined, why)";
}

function noOnly(node: ts.Node): string | undefined {
  const call = ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === "only";
  const option = ts.isPropertyAssignment(node) && node.name.getText() === "only" &&
    node.initializer.kind === ts.SyntaxKind.TrueKeyword;
  return call || option ? "`only` hides all other tests: take it away" : undefined;
}

function noSleep(node: ts.Node, file: TreeFile): string | undefined {
  if (!isTest(file.path) || !ts.isAwaitExpression(node)) return undefined;
  const awaited = node.expression;
  if (!ts.isNewExpression(awaited) || awaited.expression.getText() !== "Promise") return undefined;
  if (!/\bsetTimeout\(/.test(awaited.getText())) return undefined;
  return "no sleep in tests: wait for the event itself, or move a virtual clock";
}

function noInnerHtml(node: ts.Node): string | undefined {
  if (!ts.isIdentifier(node)) return undefined;
  if (!/^(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML)$/.test(node.text)) {
    return undefined;
  }
  return `no ${node.text}: text is text, set textContent`;
}

const mayPrint =
  /^(main|server\/log|web\/build|docs\/generate)\.ts$|^(bench|tests)\/|(^|[/_])cli[/._]/;

function noConsole(node: ts.Node, file: TreeFile): string | undefined {
  if (mayPrint.test(file.path) || !ts.isPropertyAccessExpression(node)) return undefined;
  if (node.expression.getText() !== "console") return undefined;
  if (!/^(log|info|warn|error|debug|trace|table|dir)$/.test(node.name.text)) return undefined;
  return `no console.${node.name.text}: take a Log as an argument`;
}

const mayReadEnvironment = /^(main|web\/build)\.ts$|^(bench|tests)\//;

function noEnvironment(node: ts.Node, file: TreeFile): string | undefined {
  if (mayReadEnvironment.test(file.path) || !ts.isPropertyAccessExpression(node)) return undefined;
  if (node.getText() !== "Deno.env") return undefined;
  return "no Deno.env: main.ts reads the environment and passes the value in";
}

function noVagueTypeName(node: ts.Node): string | undefined {
  const names = ts.isClassDeclaration(node) || ts.isClassExpression(node) ||
    ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
  const vague = names &&
    /(Manager|Service|Handler|Util|Utils|Data|Info)$/.exec(node.name?.text ?? "");
  if (!vague) return undefined;
  return `a name ending in ${vague[1]} says nothing: name the noun it is`;
}

/** Names of foreign models, with the domain's word. */
const foreignWords: ReadonlyMap<string, string> = new Map([
  ["room", "chat"],
  ["rooms", "chats"],
  ["conn", "connection"],
  ["conns", "connections"],
]);

function noForeignWord(node: ts.Node): string | undefined {
  const word = ts.isIdentifier(node) ? foreignWords.get(node.text) : undefined;
  return word === undefined ? undefined : `not \`${node.getText()}\`: the word here is \`${word}\``;
}

// Written in parts, so that this file does not find itself.
const postponed = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "HA" + "CK"].join("|")})\\b`);
const temporary = new RegExp("\\bfor " + "now\\b", "i");

const leftovers: readonly { pattern: RegExp; message: string }[] = [
  { pattern: postponed, message: "a comment postpones work: do it, or make it an issue" },
  { pattern: temporary, message: "a comment promises a later that nobody knows: say what holds" },
];

/** Comments that postpone something. */
export function checkLeftovers(files: readonly TreeFile[]): Finding[] {
  return files.filter(isScript).flatMap((file) =>
    commentsOf(file).flatMap(({ text, position }) =>
      leftovers.filter(({ pattern }) => pattern.test(text)).map(({ message }) => ({
        path: file.path,
        line: lineAt(file, position),
        message,
      }))
    )
  );
}

/** A cast needs a comment on its line or the one before; `as const` and `satisfies` do not. */
export function checkCasts(files: readonly TreeFile[]): Finding[] {
  return files.filter(isScript).flatMap((file) => {
    const source = sourceOf(file);
    const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line;
    const commented = new Set<number>();
    for (const { text, position } of commentsOf(file)) {
      for (let line = lineOf(position); line <= lineOf(position + text.length); line++) {
        commented.add(line);
      }
    }
    const findings: Finding[] = [];
    forEachNode(source, (node) => {
      if (!ts.isAsExpression(node) && !ts.isTypeAssertionExpression(node)) return;
      if (node.type.getText() === "const") return;
      for (let line = lineOf(node.getStart()) - 1; line <= lineOf(node.end); line++) {
        if (commented.has(line)) return;
      }
      const message =
        `a cast to ${node.type.getText()} without a reason: parse or narrow, or say why ` +
        "it holds in a comment on this line or the one before";
      findings.push(findingAt(file, node, message));
    });
    return findings;
  });
}
