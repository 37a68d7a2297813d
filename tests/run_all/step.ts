import { countTests } from "./tally.ts";

/** One thing to run. */
export interface Step {
  readonly name: string;
  /** A command line without quotes or variables, run from the repository's root. */
  readonly command: string;
  /** After this the step's whole process group is ended and the step has failed. */
  readonly timeoutMs: number;
  /** Whether its output holds summaries of `deno test`, to be counted test by test. */
  readonly tests?: boolean;
  /** From a polite SIGTERM to SIGKILL, and from the step's end to that of what it left behind. */
  readonly graceMs?: number;
}

/** What became of a step. `passed` and `failed` count tests; `why` tells what is not in its log. */
export interface StepResult {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly passed: number;
  readonly failed: number;
  readonly ms: number;
  readonly why?: string;
}

/**
 * Runs a step and shows its output as it comes. It leads a process group of its own, so that on a
 * time-out, or when we are told to stop, its children end too, and nobody else's do.
 */
export async function runStep(step: Step, cwd: string): Promise<StepResult> {
  const startedAt = performance.now();
  const { graceMs = 5_000 } = step;
  const [program = "", ...args] = step.command.split(" ");
  const child = new Deno.Command(program === "deno" ? Deno.execPath() : program, {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const stop = endWithUs(child.pid);
  let late = false;
  const timers = [setTimeout(() => {
    late = true;
    signalGroup(child.pid, "SIGTERM");
    timers.push(setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMs));
  }, step.timeoutMs)];
  const output = { text: "" };
  const shown = Promise.all([show(child.stdout, output), show(child.stderr, output)]);
  const status = await child.status;
  // Whoever still holds the output open was left behind by the step; one in a group of its own is
  // not waited for.
  timers.push(setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMs));
  const abandoned = new Promise<void>((resolve) => {
    timers.push(setTimeout(resolve, 2 * graceMs));
  });
  await Promise.race([shown, abandoned]);
  timers.forEach(clearTimeout);
  stop();
  const ms = performance.now() - startedAt;
  const counted = step.tests ? countTests(output.text) : { passed: 0, failed: 0 };
  const why = late
    ? `took longer than ${step.timeoutMs / 1_000} s`
    : !status.success
    ? `exit code ${status.code}`
    : step.tests && counted.passed === 0
    ? "no test was run"
    : undefined;
  const { name } = step;
  if (why === undefined) return { name, outcome: "passed", ...counted, ms };
  return { name, outcome: "failed", ...counted, ms, why };
}

/** When we are told to stop, the step is told too. Returns how to take that back. */
function endWithUs(pid: number): () => void {
  const onSignal = () => {
    signalGroup(pid, "SIGTERM");
    Deno.exit(130);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
  };
}

function signalGroup(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-pid, signal);
  } catch (error) {
    // The group is gone already.
    if (!(error instanceof Deno.errors.NotFound) && !(error instanceof TypeError)) throw error;
  }
}

/** Passes a stream on to our own output, and keeps its text. */
async function show(
  stream: ReadableStream<Uint8Array>,
  output: { text: string },
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    for (let written = 0; written < bytes.length;) {
      written += Deno.stdout.writeSync(bytes.subarray(written));
    }
    output.text += decoder.decode(bytes, { stream: true });
  }
}
