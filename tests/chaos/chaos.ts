/** `deno task chaos <command>`: real processes, killed and slowed. The last line is JSON. */
import { print } from "./print.ts";
import { parseArgs } from "node:util";
import { chaosArchive } from "./chaos_archive.ts";
import { chaosConfig, configSabotages } from "./chaos_config.ts";
import { chaosFsync } from "./chaos_fsync.ts";
import { chaosNode } from "./chaos_node.ts";
import { archiveSabotages, isOneOf, sabotages } from "./sabotage.ts";
import type { Verdict } from "./verdict.ts";

const usage = `usage: deno task chaos <command> [options]
  node     50 chats, both sides posting, the node killed with SIGKILL again and again
           --short: fewer acks and kills, for every CI run
           --sabotage=${sabotages.join("|")}
  fsync    the node under strace with slow fsync: nothing may be told before it is on disk
           --messages=100
           --sabotage=${sabotages.join("|")}
  archive  2,000 chats ended while the process is killed with SIGKILL: what archive and queues
           hold of them at the end
           --short: fewer chats and kills, for every CI run
           --sabotage=${archiveSabotages.join("|")}
  config   two writers change configurations, two processes follow, one is away for 20 s, and the
           writers' process is killed
           --short: fewer changes and a shorter absence, for every CI run
           --sabotage=${configSabotages.join("|")}
A sabotage breaks the process on purpose; must exit 1
           --must-catch: exit 0 if and only if that was seen, for CI
Exit code 1: a promise was broken, or too little was done to say so.
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: "boolean", default: false },
    messages: { type: "string", default: "100" },
    sabotage: { type: "string" },
    "must-catch": { type: "boolean", default: false },
  },
});

/** What came of it; undefined: that is not how it is used. */
async function run(command: string | undefined): Promise<Verdict | undefined> {
  const { sabotage, short } = values;
  switch (command) {
    case "node":
      return isOneOf(sabotages, sabotage)
        ? verdictOf(await chaosNode({ short, sabotage }))
        : undefined;
    case "fsync":
      return isOneOf(sabotages, sabotage)
        ? verdictOf(await chaosFsync({ messages: Number(values.messages), sabotage }))
        : undefined;
    case "archive":
      return isOneOf(archiveSabotages, sabotage)
        ? await chaosArchive({ short, sabotage })
        : undefined;
    case "config":
      return isOneOf(configSabotages, sabotage)
        ? await chaosConfig({ short, sabotage })
        : undefined;
    default:
      return undefined;
  }
}

function verdictOf(held: boolean): Verdict {
  return held ? "kept" : "broken";
}

const verdict = await run(positionals[0]);
if (verdict === undefined) print(usage);
const wanted: Verdict = values["must-catch"] ? "broken" : "kept";
Deno.exit(verdict === undefined ? 2 : verdict === wanted ? 0 : 1);
