import type {
  IdleJob,
  IdleResult,
  Job,
  NoisyJob,
  NoisyResult,
  PacedJob,
  PacedResult,
  RelayJob,
  RelayResult,
} from "./job.ts";
import { loadCore, type Pinning } from "./pinning.ts";
import type { ServerProcess } from "./server_process.ts";

export interface LoadOptions {
  readonly pinning: Pinning;
  /** Set-up, all windows and the drain; a run that takes longer is ended and fails. */
  readonly msMax: number;
}

/** Runs the load generator on that job against the server, as a process on its own core. */
export function runLoad(s: ServerProcess, job: RelayJob, o: LoadOptions): Promise<RelayResult>;
export function runLoad(s: ServerProcess, job: PacedJob, o: LoadOptions): Promise<PacedResult>;
export function runLoad(s: ServerProcess, job: IdleJob, o: LoadOptions): Promise<IdleResult>;
export function runLoad(s: ServerProcess, job: NoisyJob, o: LoadOptions): Promise<NoisyResult>;
export async function runLoad(
  server: ServerProcess,
  job: Job,
  options: LoadOptions,
): Promise<unknown> {
  const args = ["run", "-A", import.meta.resolve("./load_generator.ts"), JSON.stringify(job)];
  const pinned = options.pinning.pinned(loadCore, { program: Deno.execPath(), args });
  const child = new Deno.Command(pinned.program, {
    args: [...pinned.args],
    cwd: new URL("..", import.meta.url),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), options.msMax);
  const { success, signal, stdout, stderr } = await child.output();
  clearTimeout(timer);
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  const why = signal === "SIGKILL" ? `killed after ${options.msMax} ms` : "failed";
  throw new Error(
    `The load of ${job.target.server} ${why}:\n${new TextDecoder().decode(stderr)}` +
      `The server's output ended with:\n${server.output}`,
  );
}
