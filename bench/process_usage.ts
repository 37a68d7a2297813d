/** What a process of ours uses, as Linux tells in /proc. */

/** CPU time of all threads so far, in milliseconds. */
export function cpuMs(pid: number, ticksPerSecond: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name in brackets may hold blanks. After it, utime and stime (14 and 15) are 12 and 13.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1000 / ticksPerSecond;
}

/** Clock ticks of /proc in a second. */
export function ticksPerSecond(): number {
  const { stdout } = new Deno.Command("getconf", { args: ["CLK_TCK"] }).outputSync();
  return Number(new TextDecoder().decode(stdout));
}

export interface Memory {
  /** Resident bytes, pages of the program and its libraries included. */
  readonly rss: number;
  /** Resident bytes that belong to no file, heap and stacks: nothing that processes share. */
  readonly anonymous: number;
}

export function memory(pid: number): Memory {
  const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  const bytesOf = (name: string) => {
    const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup);
    if (line === null) throw new Error(`Cannot find ${name} in /proc/${pid}/smaps_rollup`);
    return Number(line[1]) * 1024;
  };
  return { rss: bytesOf("Rss"), anonymous: bytesOf("Anonymous") };
}
