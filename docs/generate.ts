import { resolve } from "node:path";
import { openApi } from "../routes/openapi.ts";
import { operations } from "../routes/operations.ts";
import { asyncApi } from "./generator/asyncapi.ts";
import { siteJsonSchema } from "../core/site_config.ts";
import { configFields } from "../core/config_fields.ts";
import { configPage } from "./generator/config_page.ts";
import { ExampleMaker } from "./generator/example.ts";
import { markdownPage } from "./generator/markdown_page.ts";
import { readProtocol } from "./generator/protocol_reader.ts";
import { RuntimeSchemas } from "./generator/runtime_schemas.ts";

const rootDir = resolve(import.meta.dirname ?? ".", "..");

/** The files that are generated, as paths from the repository's root. */
export const outputs = [
  "docs/PROTOCOL.md",
  "docs/asyncapi.json",
  "docs/CONFIGURATION.md",
  "docs/openapi.json",
];

/** The text of each generated file, made from core/, routes/ and introductions as they are now. */
export async function generate(): Promise<Record<string, string>> {
  const protocol = await readProtocol(rootDir);
  const schemas = new RuntimeSchemas();
  const examples = new ExampleMaker(protocol.namedTypes);
  for (const frame of protocol.clientFrames) schemas.check(frame, "client", examples.frame(frame));
  for (const frame of protocol.serverFrames) schemas.check(frame, "server", examples.frame(frame));
  const text = (name: string) => Deno.readTextFile(`${rootDir}/docs/${name}`);
  const introduction = await text("protocol_introduction.md");
  const configuration = await text("configuration_introduction.md");
  return {
    "docs/PROTOCOL.md": await formatted(markdownPage(introduction, protocol)),
    "docs/asyncapi.json": asyncApi(protocol, schemas),
    "docs/CONFIGURATION.md": await formatted(
      configPage(configuration, configFields(siteJsonSchema())),
    ),
    "docs/openapi.json": openApi(operations),
  };
}

/** The page is under `deno fmt --check` like every other, so it is formatted first. */
async function formatted(markdown: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    cwd: rootDir,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("Cannot format a page: deno fmt failed");
  return new TextDecoder().decode(stdout);
}

async function main(): Promise<void> {
  const checkOnly = Deno.args.includes("--check");
  let stale = false;
  for (const [path, text] of Object.entries(await generate())) {
    const before = await Deno.readTextFile(`${rootDir}/${path}`).catch(() => undefined);
    if (before === text) continue;
    stale = true;
    if (!checkOnly) await Deno.writeTextFile(`${rootDir}/${path}`, text);
    // deno-lint-ignore no-console -- a tool's output
    console.log(checkOnly ? `${path} is stale: deno run -A docs/generate.ts` : `wrote ${path}`);
  }
  if (checkOnly && stale) Deno.exit(1);
}

if (import.meta.main) await main();
