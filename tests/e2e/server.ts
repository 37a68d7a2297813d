import { build } from "../../web/build.ts";

const readyMsMax = 20_000;
const archivedMsMax = 10_000;

/** A chatnode process with the demo site; its ports and its data folder survive its kills. */
export class ServerProcess {
  readonly url: string;
  /** What it logged, line by line, over all its lives. */
  readonly logged: string[] = [];
  readonly #folder: string;
  readonly #port: number;
  readonly #internalPort: number;
  #child: Deno.ChildProcess | undefined;
  #reading: Promise<void> = Promise.resolve();

  private constructor(folder: string) {
    this.#folder = folder;
    [this.#port, this.#internalPort] = freePorts();
    this.url = `http://127.0.0.1:${this.#port}`;
  }

  /** Builds the pages and starts a server on an empty data folder. */
  static async create(): Promise<ServerProcess> {
    await build({ force: false });
    const server = new ServerProcess(await Deno.makeTempDir({ prefix: "chatnode_e2e_" }));
    try {
      await server.start();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return server;
  }

  get isUp(): boolean {
    return this.#child !== undefined;
  }

  /** Starts the process and returns when it answers. */
  async start(): Promise<void> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "main.ts"],
      cwd: new URL("../..", import.meta.url),
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
      env: {
        HOST: "127.0.0.1",
        PORT: String(this.#port),
        INTERNAL_PORT: String(this.#internalPort),
        DATA_DIR: this.#folder,
      },
    }).spawn();
    this.#child = child;
    this.#reading = this.#readLog(child.stdout);
    const started = performance.now();
    while (performance.now() - started < readyMsMax) {
      if (await answers(`${this.url}/readyz`)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`The server was not ready within ${readyMsMax} ms`);
  }

  /** SIGKILL, and wait until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.kill("SIGKILL");
    await child.status;
    await this.#reading;
  }

  async #readLog(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.logged.push(...lines);
    }
  }

  /** Where the operator's key lies. */
  get operatorKeyPath(): string {
    return `${this.#folder}/operator_key`;
  }

  /** The operator's key. */
  async operatorKey(): Promise<string> {
    return (await Deno.readTextFile(this.operatorKeyPath)).trim();
  }

  /** Returns when an ended chat stands in its site's history; nothing tells of that. */
  async archived(siteId: string, chatId: string): Promise<void> {
    const headers = { authorization: `Bearer ${await this.operatorKey()}` };
    const url = `${this.url}/v1/sites/${siteId}/history/chats/${chatId}`;
    const started = performance.now();
    while (performance.now() - started < archivedMsMax) {
      const response = await fetch(url, { headers });
      await response.body?.cancel();
      if (response.ok) return;
      if (response.status !== 404) throw new Error(`${url} answered ${response.status}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`Chat ${chatId} was not archived within ${archivedMsMax} ms`);
  }

  /** The password of the demo site's agents. */
  async password(): Promise<string> {
    const path = `${this.#folder}/demo_login.json`;
    const { password }: { password: string } = JSON.parse(await Deno.readTextFile(path));
    return password;
  }

  /** Ends the process, however it stands, and removes its folder. */
  async remove(): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

function freePorts(): [number, number] {
  const listeners = [0, 0].map((port) => Deno.listen({ hostname: "127.0.0.1", port }));
  const [a = 0, b = 0] = listeners.map((listener) => {
    const { port } = listener.addr;
    listener.close();
    return port;
  });
  return [a, b];
}
