/** What a step needs of the machine besides deno. */
export interface Needs {
  /** Programs, any of which will do: ["chromium", "chromium-browser"]. */
  readonly programs?: readonly (readonly string[])[];
}

/** What is missing here, as a sentence; undefined when all is there. */
export async function whatIsMissing({ programs = [] }: Needs): Promise<string | undefined> {
  for (const names of programs) {
    const found = await Promise.all(names.map(isInPath));
    if (!found.includes(true)) return `there is no ${names.join(" or ")} on this machine`;
  }
  return undefined;
}

async function isInPath(program: string): Promise<boolean> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const info = await Deno.stat(`${folder}/${program}`).catch(() => undefined);
    if (info?.isFile) return true;
  }
  return false;
}
