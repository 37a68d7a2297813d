import assert from "node:assert/strict";
import type { NewMessage, QueueDefinition } from "../../mq/queue.ts";
import { KvQueue } from "../../mq/queue_kv.ts";
import { FailingKv } from "./failing_kv.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** Two queues: leases of a second, three attempts. */
export const kvDefinitions: readonly QueueDefinition[] = ["jobs", "mails"].map((name) => ({
  name,
  leaseMs: 1_000,
  attemptsMax: 3,
  check: () => undefined,
}));

/** A queue on a file whose transactions a test lets fail. */
export class KvBench implements AsyncDisposable {
  readonly dir: string;
  readonly clock = new VirtualClock();
  #opened: { readonly queue: KvQueue; readonly kv: FailingKv } | undefined;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async start(): Promise<KvBench> {
    const bench = new KvBench(await Deno.makeTempDir({ prefix: "chatnode_kv_" }));
    await bench.open();
    return bench;
  }

  get path(): string {
    return `${this.dir}/queue.kv`;
  }

  get queue(): KvQueue {
    assert.ok(this.#opened);
    return this.#opened.queue;
  }

  get kv(): FailingKv {
    assert.ok(this.#opened);
    return this.#opened.kv;
  }

  async open(): Promise<void> {
    let kv: FailingKv | undefined;
    const queue = await KvQueue.open({
      path: this.path,
      definitions: kvDefinitions,
      now: () => this.clock.now(),
      after: (ms, task) => this.clock.after(ms, task),
      openKv: async (path) => kv = await FailingKv.open(path),
    });
    assert.ok(kv);
    this.#opened = { queue, kv };
  }

  /** Nothing is written any more; the file is as a killed process leaves it. */
  async kill(): Promise<void> {
    this.kv.fail = () => "dead";
    await this.queue.close().catch(() => {});
    await this.open();
  }

  messages(count: number, bytes = 10, queueName = "jobs"): NewMessage[] {
    return Array.from({ length: count }, (_, n) => ({
      queueName,
      uniqueId: `m${n}`,
      payload: { text: "x".repeat(bytes) },
      at: this.clock.now(),
    }));
  }

  async counts(queueName = "jobs"): Promise<number[]> {
    const all = await this.queue.stats();
    const { ready = -1, delayed = -1, inFlight = -1, dead = -1 } =
      all.find((one) => one.queueName === queueName) ?? {};
    return [ready, delayed, inFlight, dead];
  }

  /** Every key of the file, but marks and what is remembered. */
  async leftovers(): Promise<string[]> {
    const found: string[] = [];
    for (const prefix of ["m", "w", "b", "s", "t", "l", "d"]) {
      for await (const { key } of this.kv.list({ prefix: [prefix] })) found.push(key.join(" "));
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kv.fail = undefined;
    await this.queue.close();
    await Deno.remove(this.dir, { recursive: true });
  }
}
