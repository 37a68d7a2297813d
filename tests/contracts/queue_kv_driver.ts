import type { QueueDefinition } from "../../mq/queue.ts";
import { KvQueue } from "../../mq/queue_kv.ts";
import { VirtualClock } from "../harness/virtual_clock.ts";
import type { QueueBench, QueueDriver } from "./queue_driver.ts";

/** The KV driver on a file, its clock the test's. */
export const kvDriver: QueueDriver = {
  name: "kv",
  capabilities: {
    dedupesPublish: true,
    forwardsOnce: true,
    virtualTime: true,
    retriesInPlace: true,
  },
  async open(options) {
    const bench = new KvBench(await Deno.makeTempDir({ prefix: "chatnode_queue_" }), options);
    await bench.start();
    return bench;
  },
};

class KvBench implements QueueBench {
  readonly #dir: string;
  readonly #options: {
    readonly definitions: readonly QueueDefinition[];
    readonly rememberMs?: number;
  };
  readonly #clock = new VirtualClock();
  #generation = 0;
  #queue: KvQueue | undefined;

  constructor(
    dir: string,
    options: { readonly definitions: readonly QueueDefinition[]; readonly rememberMs?: number },
  ) {
    this.#dir = dir;
    this.#options = options;
  }

  get queue(): KvQueue {
    if (this.#queue === undefined) throw new Error("not open");
    return this.#queue;
  }

  async start(): Promise<void> {
    const clock = this.#clock;
    this.#queue = await KvQueue.open({
      ...this.#options,
      path: `${this.#dir}/queue${this.#generation}.kv`,
      now: () => clock.now(),
      after: (ms, task) => clock.after(ms, task),
    });
  }

  now(): number {
    return this.#clock.now();
  }

  advance(ms: number): Promise<void> {
    return this.#clock.advance(ms);
  }

  async reopen(): Promise<void> {
    await this.queue.close();
    await this.start();
  }

  /** What is on disk at this moment is all that the next process finds. */
  async crash(): Promise<void> {
    const from = `${this.#dir}/queue${this.#generation++}.kv`;
    const to = `${this.#dir}/queue${this.#generation}.kv`;
    for (const end of ["", "-wal"]) await Deno.copyFile(`${from}${end}`, `${to}${end}`);
    await this.queue.close();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue?.close();
    await Deno.remove(this.#dir, { recursive: true });
  }
}
