import { scryptSync } from "node:crypto";
/** The one site of the chaos runs, and what its agents log in with. */
export const site = { siteId: "chaos", password: "chaos" } as const;

const readyMsMax = 20_000;

/** How a node is to be run. */
export interface NodeOptions {
  readonly agents: number;
  readonly chatLimit: number;
  readonly sabotage: string | undefined;
  /** Configurations instead of the one site with `agents`. */
  readonly configs?: readonly Readonly<Record<string, unknown>>[];
  /** Settings besides the usual ones; with CONFIG_FROM it has no configurations of its own. */
  readonly env?: Readonly<Record<string, string>>;
  /** The program that is sabotaged, with the sabotage as its argument. */
  readonly sabotaged?: string;
  /** Words before the program, such as strace and its options. */
  readonly under?: readonly string[];
}

/** What a process has used of memory at most, and of CPU. */
export interface Used {
  readonly peakMb: number;
  readonly cpuMs: number;
}

/** A chatnode process on a port and a data folder of its own that survive its kills. */
export class NodeProcess {
  readonly url: string;
  readonly #options: NodeOptions;
  readonly #folder: string;
  readonly #port: number;
  readonly #internalPort: number;
  #child: Deno.ChildProcess | undefined;

  private constructor(options: NodeOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    [this.#port, this.#internalPort] = freePorts();
    this.url = `http://127.0.0.1:${this.#port}`;
  }

  static async create(options: NodeOptions): Promise<NodeProcess> {
    const node = new NodeProcess(options, await Deno.makeTempDir({ prefix: "chatnode_chaos_" }));
    const agents = Array.from({ length: options.agents }, (_, index) => ({
      agentId: `agent${index}`,
      name: `Agent ${index}`,
      passwordHash: passwordHash(),
      chatLimit: options.chatLimit,
    }));
    const configs = options.configs ?? [{ siteId: site.siteId, name: "Chaos", agents }];
    await Deno.writeTextFile(`${node.#folder}/sites.json`, JSON.stringify(configs));
    return node;
  }

  /** Starts the process and returns when it is ready, with the time that took. */
  async start(): Promise<number> {
    const started = performance.now();
    this.#spawn();
    while (performance.now() - started < readyMsMax) {
      try {
        const response = await fetch(`${this.url}/readyz`);
        await response.body?.cancel();
        if (response.ok) return performance.now() - started;
      } catch {
        // Not listening yet.
      }
      await pause(10);
    }
    throw new Error(`The node was not ready within ${readyMsMax} ms`);
  }

  /** Starts the process and kills it after that many milliseconds, ready or not. */
  async startAndKill(ms: number): Promise<void> {
    this.#spawn();
    await pause(ms);
    await this.kill();
  }

  #spawn(): void {
    const { sabotage, sabotaged, under = [], env = {} } = this.#options;
    const program = sabotage === undefined
      ? ["main.ts"]
      : [sabotaged ?? "tests/sabotage/sabotaged_node.ts", sabotage];
    const words = [...under, Deno.execPath(), "run", "-A", ...program];
    this.#child = new Deno.Command(words[0] ?? "", {
      args: words.slice(1),
      cwd: new URL("../..", import.meta.url),
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
      env: {
        HOST: "127.0.0.1",
        PORT: String(this.#port),
        INTERNAL_PORT: String(this.#internalPort),
        DATA_DIR: `${this.#folder}/data`,
        ...("CONFIG_FROM" in env ? {} : { CHATNODE_SITES: `${this.#folder}/sites.json` }),
        CHATNODE_LIMITS: JSON.stringify({ visitorsPerMinute: 1e6, loginsPerMinute: 1e6 }),
        ...env,
      },
    }).spawn();
  }

  /** What the process has used so far, as Linux says. */
  async used(): Promise<Used> {
    const pid = this.#child?.pid;
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const kb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
    // Behind the name in brackets, the twelfth and thirteenth are user and system time.
    const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13)
      .map(Number);
    return { peakMb: Math.round(kb / 1024), cpuMs: (user + system) * 10 };
  }

  get internalUrl(): string {
    return `http://127.0.0.1:${this.#internalPort}`;
  }

  /** Settings that a command of the program needs to find this process. */
  get env(): Readonly<Record<string, string>> {
    return {
      DATA_DIR: this.dataDir,
      PORT: String(this.#port),
      INTERNAL_PORT: String(this.#internalPort),
    };
  }

  /** Runs a command of the program with this node's settings; what it said. */
  async command(...args: readonly string[]): Promise<{ code: number; said: string }> {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "main.ts", ...args],
      cwd: new URL("../..", import.meta.url),
      env: this.env,
    }).output();
    const decoder = new TextDecoder();
    return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
  }

  get dataDir(): string {
    return `${this.#folder}/data`;
  }

  /** SIGTERM, and wait until it has ended by itself. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.kill("SIGTERM");
    const { success } = await child.status;
    if (!success) throw new Error("The node did not stop well");
  }

  /** SIGKILL, and wait until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    // A tracer that is killed lets its program go on: the program ends first.
    for (const pid of await childrenOf(child.pid)) Deno.kill(pid, "SIGKILL");
    try {
      child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already, as its program did
    }
    await child.status;
  }

  /** Ends the process, however it stands, and removes its folder. */
  async remove(): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** The hash of every agent's password in these runs; cheap, as many log in. */
export function passwordHash(): string {
  const hash = scryptSync(site.password, new Uint8Array(16), 32, { cost: 1024, blockSize: 8 });
  return `scrypt$1024$8$1$${"A".repeat(22)}$${hash.toString("base64url")}`;
}

/** Processes that a process has started itself. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  return text.split(" ").filter((word) => word.trim() !== "").map(Number);
}

function freePorts(): [number, number] {
  const listeners = [Deno.listen({ port: 0 }), Deno.listen({ port: 0 })];
  const [a = 0, b = 0] = listeners.map((listener) => {
    const { port } = listener.addr;
    listener.close();
    return port;
  });
  return [a, b];
}

/** Resolves after that many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
