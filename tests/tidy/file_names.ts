import { posix } from "node:path";
import ts from "typescript";
import { isScript, isTest, sourceOf } from "./source.ts";
import type { Finding, TreeFile } from "./tree.ts";

const vagueNames = new Set(["utils", "util", "helpers", "helper", "common", "types", "misc"]);

/** One file, one noun, in snake_case; a test beside its file; no barrels. */
export function checkFileNames(files: readonly TreeFile[]): Finding[] {
  const paths = new Set(files.map((file) => file.path));
  return files.filter(isScript).flatMap((file) => {
    const why = whyNotName(file.path) ?? whyNotTest(file.path, paths) ?? whyBarrel(file);
    return why === undefined ? [] : [{ path: file.path, line: 1, message: why }];
  });
}

function whyNotName(path: string): string | undefined {
  const name = posix.basename(path).replace(/(\.d)?\.tsx?$/, "");
  if (vagueNames.has(name)) return `${name} names no noun: name the file after what it holds`;
  if (name === "index") return "no index files: name the file after what it holds";
  if (/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) return undefined;
  return `file names are snake_case: ${name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase()}`;
}

function whyNotTest(path: string, paths: ReadonlySet<string>): string | undefined {
  if (!isTest(path) || path.startsWith("tests/")) return undefined;
  const base = path.replace(/_test\.tsx?$/, "");
  if (paths.has(`${base}.ts`) || paths.has(`${base}.tsx`)) return undefined;
  return `no ${base}.ts beside this test: name it after the file it tests, or move it to tests/`;
}

/** A file of re-exports only; mod.ts is the door of mq/ and cache/. */
function whyBarrel(file: TreeFile): string | undefined {
  if (posix.basename(file.path) === "mod.ts") return undefined;
  const { statements } = sourceOf(file);
  const barrel = statements.length > 0 &&
    statements.every((statement) =>
      ts.isImportDeclaration(statement) ||
      (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined)
    ) && statements.some((statement) => ts.isExportDeclaration(statement));
  return barrel ? "a barrel: import from the file that holds the thing" : undefined;
}
