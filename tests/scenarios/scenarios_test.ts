import assert from "node:assert/strict";
import { basename } from "node:path";
import { runScenario } from "./commands.ts";
import { formatTranscript, parseTranscript, readTranscripts } from "./transcript_file.ts";

// Each file tells a story and what everybody saw. After a wanted change:
// deno run -A tests/scenarios/update.ts, and read the diff.

const transcripts = await readTranscripts();

for (const [path, text] of transcripts) {
  const transcript = parseTranscript(path, text);
  const story = transcript.header.join(" ").replaceAll("# ", "");
  Deno.test(`${basename(path)}: ${story}`, async () => {
    const observed = await runScenario(transcript.commands);
    assert.equal(text, formatTranscript(transcript, observed));
  });
}

Deno.test("there are scenarios", () => {
  assert.ok(transcripts.size >= 10);
});

Deno.test("a scenario without a rule, a site or a known word is refused", async () => {
  assert.throws(() => parseTranscript("x.txt", "# A story.\nsite acme agents=ana"), /\[RULE\]/);
  await assert.rejects(runScenario(["ana accepts"]), /begins with "site/);
  await assert.rejects(runScenario(["site acme agents=ana", "ana sings"]), /Cannot read/);
  await assert.rejects(runScenario(["site acme agents=ana", "zoe accepts"]), /no agent zoe/);
});
