import { resolve } from "node:path";

/** One text file of the repository; `path` is relative to its root, with forward slashes. */
export interface TreeFile {
  readonly path: string;
  readonly text: string;
}

/** Something a check found: where, what is wrong, and what to write instead. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** The repository's root folder. */
export const rootDir = resolve(import.meta.dirname ?? ".", "../..");

const binaryEndings = /\.(png|jpg|jpeg|gif|ico|webp|woff2?|wasm|gz|zip|pdf|sqlite3?)$/;

/**
 * Every text file under the root but what .gitignore leaves out. A walk and not `git ls-files`, as
 * the tests also run in a copy without a repository.
 */
export async function readTree(root: string): Promise<TreeFile[]> {
  const ignored = ignoreRules(await readIfThere(`${root}/.gitignore`));
  const paths: string[] = [];
  await walk(root, "", { ignored, paths });
  const texts = await Promise.all(paths.map((path) => readIfThere(`${root}/${path}`)));
  return paths.map((path, place) => ({ path, text: texts[place] ?? "" }));
}

interface Walk {
  readonly ignored: (path: string) => boolean;
  readonly paths: string[];
}

async function walk(root: string, folder: string, into: Walk): Promise<void> {
  const entries = await Array.fromAsync(Deno.readDir(`${root}/${folder}`));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.name === ".git" || into.ignored(entry.isDirectory ? `${path}/` : path)) continue;
    if (entry.isDirectory) await walk(root, path, into);
    else if (entry.isFile && !binaryEndings.test(path)) into.paths.push(path);
  }
}

/**
 * The plain patterns of a .gitignore: /folder/, folder/, name and *.ending. Others throw: a pattern
 * that is not understood must not silently hide a file.
 */
export function ignoreRules(text: string): (path: string) => boolean {
  const rules: ((path: string) => boolean)[] = [];
  for (const line of text.split("\n").map((raw) => raw.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    if (/^\*\.\w+$/.test(line)) rules.push((path) => path.endsWith(line.slice(1)));
    else if (/^\/[\w./-]+\/$/.test(line)) rules.push((path) => path === line.slice(1));
    else if (/^[\w.-]+\/?$/.test(line)) rules.push((path) => `/${path}`.endsWith(`/${line}`));
    else throw new Error(`Cannot read the .gitignore pattern ${line}: teach tests/tidy/tree.ts`);
  }
  return (path) => rules.some((rule) => rule(path));
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    // Others write at the same time: a file may go between the listing and the reading.
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** The findings as one readable text, sorted by place. */
export function report(findings: readonly Finding[]): string {
  const lines = findings.map(({ path, line, message }) => `${path}:${line}: ${message}`);
  return `${findings.length} findings\n${lines.join("\n")}`;
}
