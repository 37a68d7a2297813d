import { print } from "./report.ts";

export const serverCore = 0;
export const loadCore = 1;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** Binds child processes to a core each, so that the load cannot take the server's time. */
export class Pinning {
  readonly #possible: boolean;

  private constructor(possible: boolean) {
    this.#possible = possible;
  }

  /** Finds out whether it works here. Where it does not: a warning, and in CI an error. */
  static find(): Pinning {
    const missing = whatIsMissing();
    if (missing === undefined) return new Pinning(true);
    const warning = `Cannot pin processes: ${missing}. Server and load share cores`;
    if (Deno.env.get("CI")) throw new Error(warning);
    print(`!!! ${warning}: THESE FIGURES COUNT FOR NOTHING !!!`);
    return new Pinning(false);
  }

  /** The command, bound to that core. */
  pinned(core: number, command: Command): Command {
    if (!this.#possible) return command;
    const args = ["-c", String(core), command.program, ...command.args];
    return { program: "taskset", args };
  }
}

function whatIsMissing(): string | undefined {
  if (navigator.hardwareConcurrency < 2) return "this machine has a single core";
  try {
    const args = ["-c", `${serverCore},${loadCore}`, "true"];
    const { success } = new Deno.Command("taskset", { args, stderr: "null" }).outputSync();
    return success ? undefined : "taskset failed";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "taskset is not installed";
    throw error;
  }
}
