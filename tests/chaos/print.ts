const encoder = new TextEncoder();

/** Writes a line of the report to standard output. */
export function print(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}
