import assert from "node:assert/strict";
import { type RunningConsumers, startConsumers } from "../../adapters/consumers.ts";
import { type Archive, ArchiveUnavailable, type ArchiveWrite } from "../../archive/archive.ts";
import { KvArchive } from "../../archive/archive_kv.ts";
import { ConfigCache } from "../../cache/config_cache.ts";
import type { SiteId } from "../../core/ids.ts";
import type { SiteConfig } from "../../core/site_config.ts";
import { queueDefinitions } from "../../mq/definitions.ts";
import type { DeadLetter, Payload, Queue } from "../../mq/queue.ts";
import { KvQueue } from "../../mq/queue_kv.ts";
import { AgentOutbox } from "../../server/agent_outbox.ts";
import type { LogLevel } from "../../server/log.ts";
import { Outbox } from "../../server/outbox.ts";
import { passTime, until } from "./event_turns.ts";
import { FailingKv } from "./failing_kv.ts";
import { MemoryConfigStore } from "./memory_config_store.ts";
import { noArchive } from "./no_archive.ts";
import type { NodeBench } from "./node_bench.ts";
import { passing } from "./queue_bench.ts";
import { benchConfig } from "./site_bench.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** What differs from one site "acme" and files in memory. */
export interface EffectsBenchOptions {
  readonly configs?: readonly SiteConfig[];
  /** Where queue and archive lie, so that they outlive a kill. */
  readonly dir?: string;
  readonly clock?: VirtualClock;
  /** Stands before every queue's name. */
  readonly prefix?: string;
  /** Whose journal and agents are relayed, under its configurations and on its clock. */
  readonly node?: NodeBench;
}

/**
 * All consumers of a deployment on virtual time, over the embedded queue and archive and a
 * configuration in memory, each of which can be away.
 */
export class EffectsBench implements AsyncDisposable {
  readonly clock: VirtualClock;
  readonly configStore = new MemoryConfigStore();
  /** What was logged, with its fields. */
  readonly logged: { readonly event: string; readonly fields: unknown }[] = [];
  /** Every record that the archive was asked to make. */
  readonly asked: ArchiveWrite[] = [];
  isArchiveAway = false;
  isConfigWritable = true;
  /** Told when the archive has written records, before whoever asked for them is. */
  afterRecord: () => void = () => {};
  readonly #options: EffectsBenchOptions;
  #opened:
    | {
      readonly queue: KvQueue;
      readonly kv: FailingKv;
      readonly archive: KvArchive;
      readonly configs: ConfigCache;
      readonly consumers: RunningConsumers;
      readonly outbox: Outbox | undefined;
      readonly agents: AgentOutbox | undefined;
    }
    | undefined;

  private constructor(options: EffectsBenchOptions) {
    this.#options = options;
    this.clock = options.node?.clock ?? options.clock ?? new VirtualClock();
  }

  static async start(options: EffectsBenchOptions = {}): Promise<EffectsBench> {
    const bench = new EffectsBench(options);
    await bench.#open(options.configs ?? [benchConfig()]);
    return bench;
  }

  async #open(sites: readonly SiteConfig[]): Promise<void> {
    const { clock } = this;
    const { dir, prefix = "", node } = this.#options;
    const now = () => clock.now();
    let kv: FailingKv | undefined;
    const queue = await KvQueue.open({
      path: dir === undefined ? ":memory:" : `${dir}/queue.kv`,
      definitions: queueDefinitions(prefix),
      now,
      after: (ms, task) => clock.after(ms, task),
      openKv: async (path) => kv = await FailingKv.open(path),
    });
    assert.ok(kv);
    const path = dir === undefined ? ":memory:" : `${dir}/archive.kv`;
    const archive = await KvArchive.open({ path, now });
    const configs = node?.configs ?? await ConfigCache.open(this.configStore, { now });
    for (const config of node === undefined ? sites : []) await configs.put(config);
    const random = () => 1;
    const log = {
      write: (_: LogLevel, event: string, fields?: unknown) =>
        void this.logged.push({ event, fields }),
    };
    const consumers = startConsumers({
      ...{ queue, configs, clock, prefix, log, random },
      archive: this.#reaching(archive),
      isConfigWritable: () => this.isConfigWritable,
    });
    const outbox = node && new Outbox({ journal: node.journal, queue, clock, log, random, prefix });
    outbox?.start();
    const agents = outbox &&
      new AgentOutbox({ ...{ configs, queue, clock, log, random, prefix }, counts: outbox.counts });
    agents?.start();
    this.#opened = { queue, kv, archive, configs, consumers, outbox, agents };
  }

  /** All that consumers may ask an archive; anything else is away. */
  #reaching(archive: KvArchive): Archive {
    const reach = () => {
      if (this.isArchiveAway) throw new ArchiveUnavailable("The archive is away");
    };
    return {
      ...noArchive,
      record: async (writes) => {
        reach();
        this.asked.push(...writes);
        await archive.record(writes);
        this.afterRecord();
      },
      holds: async (...asked) => {
        reach();
        return await archive.holds(...asked);
      },
    };
  }

  get #parts() {
    assert.ok(this.#opened);
    return this.#opened;
  }

  get queue(): KvQueue {
    return this.#parts.queue;
  }

  get archive(): KvArchive {
    return this.#parts.archive;
  }

  get configs(): ConfigCache {
    return this.#parts.configs;
  }

  get consumers(): RunningConsumers {
    return this.#parts.consumers;
  }

  /** Publishes as if its cause took place now. */
  async publish(queueName: string, uniqueId: string, payload: Payload): Promise<void> {
    const { prefix = "" } = this.#options;
    assert.equal(await this.queue.publish(prefix + queueName, uniqueId, payload), "published");
  }

  /** Delivers a message under an id that took effect before, as ops may. */
  async repeat(queueName: string, uniqueId: string, payload: Payload): Promise<void> {
    await this.queue.setAside({ queueName, uniqueId, payload, at: this.clock.now() }, "a repeat");
    assert.ok(await this.queue.replay(queueName, uniqueId));
    await this.settle();
  }

  /** Ready and in flight, delayed, dead, of one queue. */
  async counts(queueName: string): Promise<readonly [number, number, number]> {
    const stats = (await this.queue.stats()).find((one) => one.queueName === queueName);
    assert.ok(stats, queueName);
    return [stats.ready + stats.inFlight, stats.delayed, stats.dead];
  }

  /** Until every queue that is consumed and not paused has only what waits for its time. */
  async settle(): Promise<void> {
    const { prefix = "" } = this.#options;
    const consumed = new Set(
      [...this.consumers.byQueue.keys()].map((queueName) => prefix + queueName),
    );
    const isBusy = async () => {
      const stats = (await this.queue.stats()).filter((one) => consumed.has(one.queueName));
      return stats.some((one) => one.inFlight > 0 || (one.ready > 0 && !one.isPaused));
    };
    await until(async () => !await isBusy(), "all queues are empty");
  }

  /** Time passes slowly enough for files. */
  async pass(ms: number, stepMs = 2_000): Promise<void> {
    await passTime(this.clock, ms, stepMs);
    await this.settle();
  }

  async deadLetters(queueName: string): Promise<readonly DeadLetter[]> {
    return (await this.queue.deadLetters(queueName, { limit: 100 })).items;
  }

  /** The configuration as it is written. */
  async config(siteId: SiteId): Promise<SiteConfig> {
    const config = await this.configs.load(siteId);
    assert.ok(config, siteId);
    return config;
  }

  /** Until all that the node committed is published, and had time to take effect. */
  async relayed(): Promise<void> {
    const { outbox } = this.#parts;
    assert.ok(outbox);
    await passing(this.clock, outbox.idle());
    // The longest pause of what is tried again.
    await this.pass(34_000);
  }

  /** Which transactions of the queue's file fail, by their numbers from 1. */
  failQueue(fail: FailingKv["fail"]): void {
    this.#parts.kv.fail = fail;
  }

  /** From here on the queue writes nothing, as of a process that was killed. */
  die(): void {
    this.#parts.kv.fail = () => "dead";
  }

  /** Lets go of everything, and starts on what is on the disk. */
  async restart(): Promise<void> {
    await this.#close();
    this.afterRecord = () => {};
    await this.#open([]);
  }

  async #close(): Promise<void> {
    const { queue, archive, consumers, outbox, agents } = this.#parts;
    if (agents !== undefined) await passing(this.clock, agents.stop());
    if (outbox !== undefined) await passing(this.clock, outbox.stop());
    await passing(this.clock, consumers.stop());
    await queue.close().catch(() => {}); // the file of a killed process
    await archive.close();
    this.#opened = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    if (this.#options.node === undefined) {
      assert.equal(this.clock.timerCount, 0, "no timer is left");
    }
  }
}

/** What stands in a queue whose consumer is not there: ids in order. */
export async function idsIn(queue: Queue, queueName: string): Promise<string[]> {
  const consumer = queue.createConsumer(queueName);
  const deliveries = await consumer.dequeueAll(100, 0);
  await consumer.close();
  return deliveries.map(({ uniqueId }) => uniqueId);
}
