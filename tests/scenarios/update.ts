import { runScenario } from "./commands.ts";
import { formatTranscript, parseTranscript, readTranscripts } from "./transcript_file.ts";

/** Writes what is observed now into every scenario. The diff is to be reviewed. */
for (const [path, text] of await readTranscripts()) {
  const transcript = parseTranscript(path, text);
  const updated = formatTranscript(transcript, await runScenario(transcript.commands));
  if (updated === text) continue;
  await Deno.writeTextFile(path, updated);
  // deno-lint-ignore no-console -- a tool says what it did
  console.log(`updated ${path}`);
}
