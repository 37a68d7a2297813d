/**
 * Builds the pages into web/dist: `deno run -A web/build.ts [--force]`. Does nothing when every
 * output is newer than every input. Outputs appear by rename, so that a build may run beside
 * another.
 */
import { join } from "node:path";

const webDir = import.meta.dirname ?? "web";
const distDir = join(webDir, "dist");

const bundles: ReadonlyMap<string, string> = new Map([
  ["assets/home.js", "home/home.ts"],
  ["assets/visitor.js", "visitor/visitor.tsx"],
  ["assets/agent.js", "agent/agent.tsx"],
]);

const copies: ReadonlyMap<string, string> = new Map([
  ["home.html", "home/index.html"],
  ["visitor.html", "visitor/index.html"],
  ["agent.html", "agent/index.html"],
  ["assets/base.css", "view/base.css"],
  ["assets/home.css", "home/home.css"],
  ["assets/visitor.css", "visitor/visitor.css"],
  ["assets/agent.css", "agent/agent.css"],
  ["assets/icon.svg", "home/icon.svg"],
]);

/** Brings web/dist up to date; true when there was something to do. Throws when a bundle fails. */
export async function build({ force }: { force: boolean }): Promise<boolean> {
  if (!force && await isUpToDate()) return false;
  await Deno.mkdir(join(distDir, "assets"), { recursive: true });
  await Promise.all([
    ...[...bundles].map(([output, input]) => bundle(input, output)),
    ...[...copies].map(([output, input]) => copy(input, output)),
  ]);
  return true;
}

async function isUpToDate(): Promise<boolean> {
  const outputs = [...bundles.keys(), ...copies.keys()].map((path) => join(distDir, path));
  const times = await Promise.all(outputs.map(modifiedAt));
  const oldest = Math.min(...times);
  const config = await modifiedAt(join(webDir, "..", "deno.json"));
  return oldest > config && oldest > await newestInput(webDir);
}

/** When a file was last written; 0 when it is not there. */
async function modifiedAt(path: string): Promise<number> {
  try {
    const { mtime } = await Deno.stat(path);
    return mtime?.getTime() ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

async function newestInput(folder: string): Promise<number> {
  let newest = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (path === distDir || name.endsWith("_test.ts") || name.endsWith(".md")) continue;
    const time = isDirectory ? await newestInput(path) : await modifiedAt(path);
    newest = Math.max(newest, time);
  }
  return newest;
}

async function bundle(input: string, output: string): Promise<void> {
  const target = join(distDir, output);
  const part = `${target}.${Deno.pid}.part.js`;
  const args = ["bundle", "--quiet", "--platform", "browser", "--minify", "-o", part];
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args, join(webDir, input)],
    cwd: join(webDir, ".."),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) {
    const decoder = new TextDecoder();
    throw new Error(
      `Cannot bundle web/${input}:\n${decoder.decode(stderr)}${decoder.decode(stdout)}`,
    );
  }
  await Deno.rename(part, target);
}

async function copy(input: string, output: string): Promise<void> {
  const target = join(distDir, output);
  const part = `${target}.${Deno.pid}.part`;
  // Written, not copied: copyFile keeps the time of its source on some systems.
  await Deno.writeFile(part, await Deno.readFile(join(webDir, input)));
  await Deno.rename(part, target);
}

if (import.meta.main) {
  try {
    await build({ force: Deno.args.includes("--force") });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    await Deno.stderr.write(new TextEncoder().encode(`${text}\n`));
    Deno.exit(1);
  }
}
