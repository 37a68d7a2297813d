// deno-lint-ignore-file no-console -- a tool's output
import { World } from "./world.ts";
const seed = Number(Deno.args[0] ?? 1), to = Number(Deno.args[1] ?? seed);
const ignore = new Set((Deno.args[2] ?? "").split(","));
for (let s = seed; s <= to; s++) {
  const t = performance.now();
  const w = await World.run(s, { ignore, print: Deno.args.includes("-v") });
  const v = w.stage.checker.violations[0];
  console.log(
    s,
    w.stage.profile.name,
    Math.round(performance.now() - t) + "ms",
    w.stage.trace.hash,
    w.stage.counts.of("steps"),
    v === undefined ? "ok" : `${v.rule} @${v.at}: ${v.message.slice(0, 600)}`,
  );
  if (s === to) console.log(w.stage.counts.all().map(([a, b]) => a + "=" + b).join(" "));
  if (Deno.args.includes("-t")) console.log(w.stage.trace.tail(80).join("\n"));
}
