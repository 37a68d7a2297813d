import { parseArgs } from "node:util";

/** The options of a command that were not understood. */
export class BadOptions extends Error {
  override readonly name = "BadOptions";
}

/** What every command takes. */
export interface CommonOptions {
  /** chatnode's program; that of another checkout may be measured as well. */
  readonly main: string;
  /** Missed promises are reported, but do not fail the run. */
  readonly noAssert: boolean;
}

/** Reads --name=number for the names that have a default, and the common options. */
export function readOptions<Name extends string>(
  args: readonly string[],
  defaults: Readonly<Record<Name, number>>,
): CommonOptions & Readonly<Record<Name, number>> {
  const numbers: Record<Name, number> = { ...defaults };
  const names = Object.keys(defaults) as Name[]; // Object.keys forgets the type of the keys
  const values = parsed(args, names);
  for (const name of names) {
    const given = values[name];
    if (given === undefined) continue;
    numbers[name] = Number(given);
    if (!(numbers[name] > 0)) throw new BadOptions(`--${name} must be a number above 0: ${given}`);
  }
  const main = typeof values["main"] === "string" ? values["main"] : "main.ts";
  return { ...numbers, main, noAssert: values["no-assert"] === true };
}

function parsed(args: readonly string[], names: readonly string[]) {
  const options: Record<string, { type: "string" | "boolean" }> = {
    main: { type: "string" },
    "no-assert": { type: "boolean" },
  };
  for (const name of names) options[name] = { type: "string" };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new BadOptions(error instanceof Error ? error.message : String(error));
  }
}
