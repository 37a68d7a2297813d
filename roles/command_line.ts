import { parseArgs } from "node:util";

/** What the program gives a command. */
export interface CommandPorts {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

/** A command was not given what it needs; the message says how it is called. */
export class BadCommandLine extends Error {
  override name = "BadCommandLine";
}

/** Reads `--name=<text>` and `--flag`; `usage` is told when something is missing or unknown. */
export function readOptions(
  args: readonly string[],
  names: { readonly text: string; readonly flag?: string },
  usage: string,
): { readonly text: string; readonly flag: boolean } {
  const flags = names.flag === undefined ? {} : { [names.flag]: { type: "boolean" as const } };
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { [names.text]: { type: "string" }, ...flags },
    }));
  } catch (cause) {
    const why = cause instanceof Error ? `${cause.message}\n` : "";
    throw new BadCommandLine(`${why}usage: ${usage}`, { cause });
  }
  const text = values[names.text];
  if (typeof text !== "string" || text === "") throw new BadCommandLine(`usage: ${usage}`);
  return { text, flag: names.flag !== undefined && values[names.flag] === true };
}

/** Writes a line for people. */
export function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Runs a command; what goes wrong is told in one line, and is the exit code. */
export async function runCommand(
  run: () => Promise<void>,
  exitCodeOf: (error: unknown) => number = () => 1,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    Deno.stderr.writeSync(new TextEncoder().encode(`${why}\n`));
    Deno.exit(error instanceof BadCommandLine ? 2 : exitCodeOf(error));
  }
}
