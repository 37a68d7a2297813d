/** A scenario as it stands in its file: what it shows, what happens, what was observed. */
export interface TranscriptFile {
  /** The comment on top: one or two sentences and the rule ids in brackets. */
  readonly header: readonly string[];
  readonly commands: readonly string[];
  readonly observed: readonly string[];
}

const divider = "----";

/** Reads a scenario; throws when it has no header with a rule id. */
export function parseTranscript(path: string, text: string): TranscriptFile {
  const lines = text.trimEnd().split("\n");
  const end = lines.indexOf(divider);
  const above = end < 0 ? lines : lines.slice(0, end);
  const header = above.filter((line) => line.startsWith("#"));
  if (!/\[[A-Z]{2}\d+[A-Z]?/.test(header.join(" "))) {
    throw new Error(`${path} begins with no "# sentence [RULE]": say what it shows`);
  }
  return {
    header,
    commands: above.filter((line) => line.trim() !== "" && !line.startsWith("#")),
    observed: end < 0 ? [] : lines.slice(end + 1),
  };
}

/** The scenario as text, with what was observed now. */
export function formatTranscript(file: TranscriptFile, observed: readonly string[]): string {
  return [...file.header, ...file.commands, divider, ...observed, ""].join("\n");
}

/** All scenarios of this folder, by path. */
export async function readTranscripts(): Promise<ReadonlyMap<string, string>> {
  const dir = import.meta.dirname ?? ".";
  const texts = new Map<string, string>();
  const names = (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name).toSorted();
  for (const name of names) {
    if (name.endsWith(".txt")) {
      texts.set(`${dir}/${name}`, await Deno.readTextFile(`${dir}/${name}`));
    }
  }
  return texts;
}
