/**
 * The load generator: one process on a core of its own that gets a job as its argument and prints
 * the result as one line of JSON.
 */
import { runIdle } from "./idle_load.ts";
import type { Job } from "./job.ts";
import { runNoisy } from "./noisy_load.ts";
import { runPaced, runRelay } from "./relay_load.ts";

async function run(job: Job): Promise<unknown> {
  switch (job.type) {
    case "relay":
      return await runRelay(job);
    case "paced":
      return await runPaced(job);
    case "idle":
      return await runIdle(job);
    case "noisy":
      return await runNoisy(job);
  }
}

if (import.meta.main) {
  const job: Job = JSON.parse(Deno.args[0] ?? "");
  const result = await run(job);
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(result) + "\n"));
  Deno.exit(0);
}
