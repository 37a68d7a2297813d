/** `deno task bench relay|idle|noisy|site|start`: measures what is promised. Linux only. */
import { benchIdle } from "./idle.ts";
import { benchMicro } from "./micro.ts";
import { benchNoisy } from "./noisy.ts";
import { BadOptions } from "./options.ts";
import { benchRelay } from "./relay.ts";
import { benchSiteLists } from "./site.ts";
import { benchStart } from "./start.ts";

const usage = `usage: deno task bench <command> [options]
  relay  CPU, rate and latency of relayed messages beside bare Deno and Socket.IO
         --rounds=5 --seconds=5 --warmup=3
  idle   memory of an idle visitor beside a bare Deno socket
         --rounds=3
  noisy  latency of quiet sites beside a flooding one
         --rounds=3 --seconds=15
  site   CPU and encodings per change of a busy site, with 5 and with 50 agents
         --rounds=3 --seconds=15
  start  from start to ready, and memory, with 1,000 and 100,000 known sites
         --rounds=7
  micro  journal commits and signatures: the figures of docs/adr
  all    --no-assert: report missed goals, but do not fail for them
         --main=main.ts: the chatnode to measure
The last line is JSON. Exit code 1: a goal or the minimum of work was missed.
`;

/** Returns whether every goal was met. */
type Command = (args: readonly string[]) => Promise<boolean>;

const commands: Record<string, Command> = {
  relay: benchRelay,
  idle: benchIdle,
  noisy: benchNoisy,
  site: benchSiteLists,
  start: benchStart,
  micro: benchMicro,
};

async function run(command: Command, args: readonly string[]): Promise<number> {
  try {
    return await command(args) ? 0 : 1;
  } catch (error) {
    if (error instanceof BadOptions) return complain(`${error.message}\n${usage}`, 2);
    return complain(`${error instanceof Error ? error.message : error}\n`, 1);
  }
}

function complain(text: string, exitCode: number): number {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
  return exitCode;
}

if (import.meta.main) {
  const [name = "", ...args] = Deno.args;
  const command = commands[name];
  Deno.exit(command === undefined ? complain(usage, 2) : await run(command, args));
}
