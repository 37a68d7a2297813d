// deno-lint-ignore-file no-console -- a tool's output
import { resolve } from "node:path";
import { smokeTest } from "./smoke.ts";

const rootDir = resolve(import.meta.dirname ?? ".", "../..");
const outDir = `${rootDir}/tmp/compile`;
const binary = `${outDir}/chatnode`;
const bundle = `${outDir}/chatnode.js`;

/** What the server may do. No subprocesses, no native code. */
const permissions = ["--allow-net", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"];
const unstable = ["--unstable-kv", "--unstable-net"];
/** As in deno.json's start task. */
const v8Flags = "--v8-flags=--initial-old-space-size=256,--no-parallel-scavenge";

interface Ran {
  readonly success: boolean;
  readonly output: string;
}

/** `deno task compile`: makes the one binary and shows that it serves. */
async function main(): Promise<void> {
  await Deno.mkdir(outDir, { recursive: true });
  const compiled = await compile({});
  if (compiled.success) {
    console.log(`compiled ${binary}`);
    await smokeTest({ command: binary, args: [], env: {} });
  } else if (/denort.*error sending request/s.test(compiled.output)) {
    await checkEmbedding();
    await checkBundle();
  } else throw new Error(`deno compile failed:\n${compiled.output}`);
}

/**
 * With --bundle, as plain `deno compile` 2.9.6 overflows its stack on bintrees, an npm package that
 * prom-client needs (denoland/deno#36746). It also embeds 1.2 MB instead of whole packages.
 */
async function compile(env: Readonly<Record<string, string>>): Promise<Ran> {
  const flags = ["--bundle", "--no-check", ...permissions, ...unstable, v8Flags];
  const args = [...flags, "--include", "web/dist", "--output", binary, "main.ts"];
  return await run(["compile", ...args], env);
}

/**
 * The runtime (denort) cannot be downloaded here. With deno itself in its place everything else is
 * done: the program is bundled and embedded with the pages. The result is no server, as deno does
 * not look for what is embedded in it.
 */
async function checkEmbedding(): Promise<void> {
  console.log("denort cannot be downloaded here: checking the embedding with deno in its place");
  const embedded = await compile({ DENORT_BIN: Deno.execPath() });
  const missing = ["bundle", "web/dist"].filter((name) => !embedded.output.includes(name));
  if (!embedded.success || missing.length > 0) {
    throw new Error(`Not embedded: ${missing.join(", ")}\n${embedded.output}`);
  }
  await Deno.remove(binary);
  console.log("embedded; the binary itself was NOT run");
}

/** The same program in one file, run by deno with the permissions of the binary. */
async function checkBundle(): Promise<void> {
  const bundled = await run(["bundle", "--platform", "deno", "--output", bundle, "main.ts"], {});
  if (!bundled.success) throw new Error(`deno bundle failed:\n${bundled.output}`);
  await smokeTest({
    command: Deno.execPath(),
    args: ["run", "--no-config", "--no-lock", ...permissions, ...unstable, bundle],
    // The binary finds the pages inside itself.
    env: { WEB_DIR: `${rootDir}/web/dist` },
  });
}

async function run(args: string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const command = new Deno.Command(Deno.execPath(), {
    args,
    cwd: rootDir,
    env: { ...env, NO_COLOR: "1" },
  });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

if (import.meta.main) await main();
