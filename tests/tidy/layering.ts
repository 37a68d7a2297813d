import { posix } from "node:path";
import ts from "typescript";
import { findingAt, forEachNode, isScript, isTest, sourceOf } from "./source.ts";
import type { Finding, TreeFile } from "./tree.ts";

interface Import {
  readonly file: TreeFile;
  readonly node: ts.Node;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/**
 * What each folder may import, besides itself; folders as path prefixes, the longest match counts.
 * "type:" allows `import type` only.
 */
const layers: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["*"],
  roles: ["*"],
  routes: ["server", "core", "cache", "archive", "mq"],
  server: ["core", "mq", "cache"],
  adapters: ["core", "archive", "cache", "mq"],
  mq: ["core"],
  cache: ["core"],
  archive: ["core"],
  web: ["type:core"],
  core: [],
  bench: [],
  docs: ["core", "routes"],
  tests: ["*"],
  "tests/chaos": ["web/sdk", "type:core"],
};

/** zod holds wire schemas; everything else in core/ is plain TypeScript. */
const zodFiles = [
  "protocol",
  "client_frames",
  "visitor_frames",
  "agent_frames",
  "server_frames",
  "views",
  "site_config",
  "site_shape",
  "stored_config",
  "agent_config",
  "department_config",
  "routing_config",
  "absence_config",
  "campaign",
  "visitor_text",
  "contradictions",
  "repeated_name",
  "integrations",
  "form",
  "business_hours",
  "invitation",
  "ban",
  "ids",
  "entry",
  "cursor",
].map((n) => `core/${n}.ts`);

/** Packages that must not get into the binary. */
const testOnlyPackages = /^(npm:)?(fast-check|playwright-core|socket\.io|typescript)(\/|@|$)/;

/** Imports go down only; core imports itself and zod; nobody ships a test-only package. */
export function checkLayering(files: readonly TreeFile[]): Finding[] {
  return importsOf(files).flatMap((one) => {
    const message = one.specifier.startsWith(".") ? whyNotLocal(one) : whyNotPackage(one);
    return message === undefined ? [] : [findingAt(one.file, one.node, message)];
  });
}

function whyNotLocal({ file, specifier, typeOnly }: Import): string | undefined {
  const target = targetOf(file, specifier);
  const from = layerOf(file.path);
  if (from === undefined) return "no layer for this folder: add it to tests/tidy/layering.ts";
  if (target === from || target.startsWith(`${from}/`)) return undefined;
  if (isTest(file.path) && target.startsWith("tests/harness/")) return undefined;
  const allowed = layers[from] ?? [];
  const passes = allowed.some((rule) => {
    const folder = rule.replace("type:", "");
    if (folder !== "*" && target !== folder && !target.startsWith(`${folder}/`)) return false;
    return typeOnly || !rule.startsWith("type:");
  });
  if (passes) return undefined;
  if (!typeOnly && allowed.includes(`type:${layerOf(target)}`)) {
    return `${from} takes only types from ${target}: write \`import type\``;
  }
  const list = [`${from}`, ...allowed].join(", ").replace("type:", "types of ");
  return `${from} must not import ${target} (allowed: ${list}): move the shared part down or pass it in`;
}

function whyNotPackage({ file, specifier }: Import): string | undefined {
  const inTests = isTest(file.path) || /^(tests|bench|docs)\//.test(file.path);
  if (!inTests && testOnlyPackages.test(specifier)) {
    return `${specifier} is for tests and tools only: it must not get into the binary`;
  }
  if (!file.path.startsWith("core/") || isTest(file.path)) return undefined;
  if (specifier === "zod" && zodFiles.includes(file.path)) return undefined;
  if (specifier === "zod") return `zod only in ${zodFiles.join(", ")}: use the inferred type`;
  return `core imports core and zod only, not ${specifier}: let it arrive inside an event`;
}

function layerOf(path: string): string | undefined {
  return Object.keys(layers)
    .filter((layer) => path === layer || path.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/**
 * No cycle: a file that needs its importer is in the wrong place. In tests/ types may go round, as
 * a world and its people know each other.
 */
export function checkCycles(files: readonly TreeFile[]): Finding[] {
  const imports = new Map<string, Import[]>();
  for (const one of importsOf(files)) {
    if (!one.specifier.startsWith(".")) continue;
    if (one.typeOnly && one.file.path.startsWith("tests/")) continue;
    imports.set(one.file.path, [...imports.get(one.file.path) ?? [], one]);
  }
  const findings: Finding[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string) => {
    trail.push(path);
    for (const one of imports.get(path) ?? []) {
      const target = targetOf(one.file, one.specifier);
      const start = trail.indexOf(target);
      if (start >= 0) {
        const cycle = [...trail.slice(start), target].join(" → ");
        const message = `import cycle ${cycle}: move what both need into a file below them`;
        findings.push(findingAt(one.file, one.node, message));
      } else if (!done.has(target)) visit(target);
    }
    trail.pop();
    done.add(path);
  };
  for (const path of imports.keys()) {
    if (!done.has(path)) visit(path);
  }
  return findings;
}

function targetOf(file: TreeFile, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(file.path), specifier));
}

function importsOf(files: readonly TreeFile[]): Import[] {
  return files.filter(isScript).flatMap((file) => {
    const found: Import[] = [];
    forEachNode(sourceOf(file), (node) => {
      const specifier = specifierOf(node);
      if (specifier === undefined) return;
      found.push({ file, node, specifier: specifier.text, typeOnly: isTypeOnly(node) });
    });
    return found;
  });
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const specifier = node.moduleSpecifier;
    return specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [specifier] = node.arguments;
    return specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return ts.isStringLiteralLike(node.argument.literal) ? node.argument.literal : undefined;
  }
  return undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node)) return false;
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  return clause.name === undefined && names !== undefined && ts.isNamedImports(names) &&
    names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}
