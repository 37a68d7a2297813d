import { memory } from "./process_usage.ts";
import { v8Flags } from "./server_process.ts";

const readyMsMax = 60_000;
const readAheadMsMax = 120_000;
const root = new URL("..", import.meta.url);

/** A chatnode that was started on a data folder as a user starts it, and timed. */
export class StartedNode implements AsyncDisposable {
  /** From the start of the process until its log said that it was ready. */
  readonly readyMs: number;
  /** Resident megabytes at that moment. */
  readonly rssMb: number;
  readonly #child: Deno.ChildProcess;
  readonly #port: number;
  readonly #internalPort: number;
  readonly #rest: Promise<void>;

  private constructor(child: Deno.ChildProcess, internalPort: number, ready: Ready) {
    this.#child = child;
    this.#internalPort = internalPort;
    this.#rest = ready.rest;
    this.#port = ready.port;
    this.readyMs = ready.ms;
    this.rssMb = ready.rssMb;
  }

  static async start(main: string, dataDir: string): Promise<StartedNode> {
    const args = ["run", "-A", ...await v8Flags(main), main];
    const internalPort = freePort();
    const command = new Deno.Command(Deno.execPath(), {
      args,
      cwd: root,
      env: {
        HOST: "127.0.0.1",
        PORT: "0",
        INTERNAL_PORT: String(internalPort),
        DATA_DIR: dataDir,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    });
    const started = performance.now();
    const child = command.spawn();
    try {
      return new StartedNode(child, internalPort, await untilReady(child, started));
    } catch (error) {
      child.kill("SIGKILL");
      await child.status;
      throw error;
    }
  }

  rssMbNow(): number {
    return memory(this.#child.pid).rss / 1e6;
  }

  /** The value of one of its metrics. */
  async metric(name: string): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.#internalPort}/metrics`);
    const value = new RegExp(`^${name} (\\S+)$`, "m").exec(await response.text())?.[1];
    if (value === undefined) throw new Error(`chatnode has no metric ${name}`);
    return Number(value);
  }

  /** Waits until it reads nothing ahead any more; how long that was. */
  async readAhead(): Promise<number> {
    const started = performance.now();
    while (await this.metric("chatnode_configs_reading_ahead") > 0) {
      if (performance.now() - started > readAheadMsMax) throw new Error("It reads ahead for ever");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return performance.now() - started;
  }

  /** Uses a site in a way that leaves nothing behind: a log-in that is refused. */
  async use(siteId: string): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/v1/sites/${siteId}/agents/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ agentId: "agent-0", password: "not this one" }),
    });
    await response.body?.cancel();
    if (response.status !== 401) throw new Error(`The log-in was answered ${response.status}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    const { success } = await this.#child.status;
    await this.#rest;
    if (!success) throw new Error("chatnode did not stop well");
  }
}

/** What was seen when the log said "ready". */
interface Ready {
  readonly port: number;
  readonly ms: number;
  readonly rssMb: number;
  /** Ends with the process's output, which must be read. */
  readonly rest: Promise<void>;
}

async function untilReady(child: Deno.ChildProcess, started: number): Promise<Ready> {
  const timer = setTimeout(() => child.kill("SIGKILL"), readyMsMax);
  const chunks = child.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  let text = "";
  for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) {
    text += chunk.value;
    const port = /"event":"ready","url":"[^"]*:(\d+)"/.exec(text)?.[1];
    if (port === undefined) continue;
    const ms = performance.now() - started;
    const rssMb = memory(child.pid).rss / 1e6;
    clearTimeout(timer);
    return { port: Number(port), ms, rssMb, rest: readAll(chunks) };
  }
  clearTimeout(timer);
  throw new Error(`chatnode ended, or was not ready within ${readyMsMax} ms:\n${text}`);
}

async function readAll(chunks: AsyncIterator<string>): Promise<void> {
  while (!(await chunks.next()).done);
}

/** Makes a data folder with that many sites; bytes of all their configurations. */
export async function makeSites(dataDir: string, count: number): Promise<number> {
  const args = ["run", "-A", "tests/harness/site_folder.ts", dataDir, String(count)];
  const made = await new Deno.Command(Deno.execPath(), { args, cwd: root, stderr: "inherit" })
    .output();
  if (!made.success) throw new Error(`Cannot make ${count} sites`);
  const { bytes }: { bytes: number } = JSON.parse(new TextDecoder().decode(made.stdout));
  return bytes;
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}
