import type { ServerKind, Target } from "./job.ts";
import { type Pinning, serverCore } from "./pinning.ts";

const readyMsMax = 20_000;
const stopMsMax = 10_000;
/** How much of the server's output is kept, for the error message if it fails. */
const outputCharsKept = 4_000;
/** All clients come from one machine here; what one address may do is not what is measured. */
const addressLimits = { visitorsPerMinute: 1e6, loginsPerMinute: 1e6 };

export interface ServerOptions {
  readonly pinning: Pinning;
  /** chatnode's program; another checkout's may be measured as well. */
  readonly main: string;
  /** chatnode's site configurations. */
  readonly sites: readonly unknown[];
  /** chatnode's rate limits that are to differ. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Whether V8's inspector listens; it costs time and memory. */
  readonly inspected?: boolean;
}

/** One server as a child process with a data folder of its own; disposal ends and removes both. */
export class ServerProcess implements AsyncDisposable {
  readonly target: Target;
  readonly #internalPort: number;
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #outputs: Promise<void>[];
  #output = "";
  #ended = false;

  private constructor(
    target: Target,
    internalPort: number,
    child: Deno.ChildProcess,
    folder: string,
  ) {
    this.target = target;
    this.#internalPort = internalPort;
    this.#child = child;
    this.#folder = folder;
    this.#outputs = [this.#keep(child.stdout), this.#keep(child.stderr)];
    child.status.then(() => this.#ended = true);
  }

  /** Starts it and returns when it is ready. */
  static async start(server: ServerKind, options: ServerOptions): Promise<ServerProcess> {
    const folder = await Deno.makeTempDir({ prefix: "chatnode_bench_" });
    const [port, internalPort, inspectPort] = freePorts();
    const env: Record<string, string> = {};
    const run = ["run", "-A", ...await v8Flags(options.main)];
    if (options.inspected) run.push(`--inspect=127.0.0.1:${inspectPort}`);
    let args = [...run, import.meta.resolve(`./peer_${server}.ts`), String(port)];
    if (server === "chatnode") {
      args = [...run, options.main];
      const sitesPath = `${folder}/sites.json`;
      await Deno.writeTextFile(sitesPath, JSON.stringify(options.sites));
      env["HOST"] = "127.0.0.1";
      env["PORT"] = String(port);
      env["INTERNAL_PORT"] = String(internalPort);
      env["DATA_DIR"] = `${folder}/data`;
      env["CHATNODE_SITES"] = sitesPath;
      env["CHATNODE_LIMITS"] = JSON.stringify({ ...addressLimits, ...options.limits });
    }
    const pinned = options.pinning.pinned(serverCore, { program: Deno.execPath(), args });
    const child = new Deno.Command(pinned.program, {
      args: [...pinned.args],
      env,
      cwd: new URL("..", import.meta.url),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // taskset replaces itself by the program it starts: the pid is the server's.
    const target = { server, port, pid: child.pid, inspectPort };
    const started = new ServerProcess(target, internalPort, child, folder);
    try {
      await started.#ready();
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The last of what it printed. */
  get output(): string {
    return this.#output;
  }

  /** The value of one of chatnode's metrics. */
  async metric(name: string): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.#internalPort}/metrics`);
    const value = new RegExp(`^${name} (\\S+)$`, "m").exec(await response.text())?.[1];
    if (value === undefined) throw new Error(`The server has no metric ${name}`);
    return Number(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), stopMsMax);
    await this.#child.status;
    clearTimeout(timer);
    await Promise.all(this.#outputs);
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #ready(): Promise<void> {
    const until = performance.now() + readyMsMax;
    while (performance.now() < until && !this.#ended) {
      try {
        const response = await fetch(`http://127.0.0.1:${this.target.port}/readyz`, {
          signal: AbortSignal.timeout(2_000),
        });
        await response.body?.cancel();
        if (response.ok) return;
      } catch {
        // Not listening yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`Cannot start ${this.target.server}: not ready.\n${this.#output}`);
  }

  async #keep(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      const text = decoder.decode(bytes, { stream: true });
      this.#output = (this.#output + text).slice(-outputCharsKept);
    }
  }
}

/** V8 flags of `deno task start` of that chatnode. The others get them, too: none is favoured. */
export async function v8Flags(main: string): Promise<string[]> {
  const config = new URL("deno.json", new URL(main, new URL("..", import.meta.url)));
  const { tasks } = JSON.parse(await Deno.readTextFile(config));
  return /--v8-flags=\S+/.exec(tasks.start) ?? [];
}

/** Ports that were free a moment ago. */
function freePorts(): [number, number, number] {
  const listeners = [0, 0, 0].map((port) => Deno.listen({ hostname: "127.0.0.1", port }));
  const [one = 0, two = 0, three = 0] = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return [one, two, three];
}
