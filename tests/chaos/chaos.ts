/** `deno task chaos node|fsync|config`: processes, killed, slowed. The last line is JSON. */
import { print } from "./print.ts";
import { parseArgs } from "node:util";
import { chaosConfig, configSabotages } from "./chaos_config.ts";
import { chaosFsync } from "./chaos_fsync.ts";
import { chaosNode } from "./chaos_node.ts";
import { isSabotage, sabotages } from "./sabotage.ts";

const usage = `usage: deno task chaos <command> [options]
  node   50 chats, both sides posting, the node killed with SIGKILL again and again
         --short: fewer acks and kills, for every CI run
  fsync  the node under strace with slow fsync: nothing may be told before it is on disk
         --messages=100
  both   --sabotage=${sabotages.join("|")}: breaks the node on purpose; must exit 1
  config two writers change configurations, two processes follow, one is away for 20 s, and the
         writers' process is killed. --short
         --sabotage=${configSabotages.join("|")}
  all    --must-catch: exit 0 if and only if that was seen, for CI
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
const { sabotage } = values;
const known = sabotage === undefined || isSabotage(sabotage);
const wanted = !values["must-catch"];
if (positionals[0] === "config" && configSabotages.some((one) => (sabotage ?? one) === one)) {
  const result = await chaosConfig({ short: values.short, sabotage });
  Deno.exit(result === (wanted ? "held" : "broken") ? 0 : 1);
}
if (positionals[0] === "node" && known) {
  const held = await chaosNode({ short: values.short, sabotage });
  Deno.exit(held === wanted ? 0 : 1);
} else if (positionals[0] === "fsync" && known) {
  const held = await chaosFsync({ messages: Number(values.messages), sabotage });
  Deno.exit(held === wanted ? 0 : 1);
}
print(usage);
Deno.exit(2);
