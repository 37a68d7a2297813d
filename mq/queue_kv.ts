import type { Millis } from "../core/ids.ts";
import { publishing } from "./kv_changes.ts";
import { KvConsumer } from "./kv_consumer.ts";
import { type Concerns, eraseLane } from "./kv_erasure.ts";
import { KvFile } from "./kv_file.ts";
import { KvLane } from "./kv_lane.ts";
import { dropping, replaying, settingAside } from "./kv_letters.ts";
import { laneOf } from "./kv_marks.ts";
import { forgetConsumed, readLetters } from "./kv_ops.ts";
import { keyOf, remove, set } from "./kv_record.ts";
import { buryBroken, countLane, fetchingDue, type LaneCount, shortenDelays } from "./kv_scan.ts";
import { mend } from "./kv_intent.ts";
import type { KvStore } from "./kv_store.ts";
import { KvWriter } from "./kv_writer.ts";
import { MessageCheck } from "./message_check.ts";
import {
  type Consumer,
  type DeadLetter,
  type LeaseResult,
  type NewMessage,
  type Page,
  type Payload,
  type PublishResult,
  type Queue,
  type QueueCapabilities,
  type QueueDefinition,
  type QueueStats,
  QueueUnavailable,
  rememberMsDefault,
} from "./queue.ts";

/** How the KV driver is opened. */
export interface KvQueueOptions {
  /** A file whose folder exists, or ":memory:". One process has it open, and no other. */
  readonly path: string;
  /** Messages of a queue that is not among these stay in the file, untouched. */
  readonly definitions: readonly QueueDefinition[];
  readonly now: () => Millis;
  /** Runs `task` once after `ms`; the returned function cancels it. The default is setTimeout. */
  readonly after?: (ms: number, task: () => void) => () => void;
  readonly rememberMs?: number;
  /** Opens the file; the default is Deno KV. */
  readonly openKv?: (path: string) => Promise<KvStore>;
}

/**
 * The queue on one Deno KV file: embedded, for the role `all`. As one process owns the file, leases
 * are only in memory and whoever opens it finds every message back in its queue, with the
 * deliveries before a kill counted. Calls that wait at the same time share a transaction. [QD3]
 */
export class KvQueue implements Queue {
  readonly capabilities: QueueCapabilities = { dedupesPublish: true, forwardsOnce: true };
  readonly #file: KvFile;
  readonly #check: MessageCheck;
  readonly #consumers = new Set<KvConsumer>();
  #closing: Promise<void> | undefined;

  private constructor(file: KvFile, check: MessageCheck) {
    this.#file = file;
    this.#check = check;
  }

  /** Opens the file, makes what a killed process had decided, and counts what is there. */
  static async open(options: KvQueueOptions): Promise<KvQueue> {
    const { definitions, now, rememberMs = rememberMsDefault } = options;
    const kv = await openFile(options);
    try {
      await mend(kv);
      // Places are never used twice, also when the queue was empty before a restart.
      let seq = now() * 1_000;
      const nextSeq = () => ++seq;
      const time = { now, after: options.after ?? afterTimeout };
      const nonce = crypto.randomUUID().slice(0, 8);
      const lanes = new Map(definitions.map((one) => [one.name, new KvLane(one, time, nonce)]));
      // Whoever waits looks again, and has what was lost brought in or is told what is wrong.
      const fellBehind = () => lanes.forEach((lane) => lane.wakeAll());
      const writer = new KvWriter(kv, { nextSeq, nonce, fellBehind });
      const file = new KvFile({ kv, writer, lanes, rememberMs, now, nextSeq });
      const counts: [KvLane, LaneCount][] = [];
      for (const lane of lanes.values()) {
        const count = await countLane(file, lane);
        seq = Math.max(seq, count.seqMax);
        counts.push([lane, count]);
        lane.fetchDue = () => writer.run(fetchingDue(file, lane));
      }
      for (const [lane, count] of counts) {
        await buryBroken(file, lane, count);
        await shortenDelays(file, lane);
      }
      return new KvQueue(file, new MessageCheck(definitions));
    } catch (cause) {
      kv.close();
      throw new QueueUnavailable(`The queue's file ${options.path} cannot be read`, { cause });
    }
  }

  async publish(queueName: string, uniqueId: string, payload: Payload): Promise<PublishResult> {
    const at = this.#file.now();
    const [result] = await this.publishAll([{ queueName, uniqueId, payload, at }]);
    return result ?? "duplicate";
  }

  async publishAll(messages: readonly NewMessage[]): Promise<readonly PublishResult[]> {
    const checked = this.#check.all(messages);
    const results: PublishResult[] = [];
    if (checked.length === 0) return results;
    await this.#file.writer.run(publishing(this.#file, checked, results));
    return results;
  }

  createConsumer(queueName: string): Consumer {
    const consumer = new KvConsumer(this.#file, this.#lane(queueName), this.#check);
    this.#consumers.add(consumer);
    return consumer;
  }

  async ack(queueName: string, uniqueId: string): Promise<LeaseResult> {
    const lane = this.#lane(queueName);
    const held = lane.heldById(uniqueId);
    if (held === undefined) return "lost";
    const consumer = new KvConsumer(this.#file, lane, this.#check);
    const { id, attempts: attempt, at } = held.message;
    const { lease } = held;
    const delivery = { queueName, uniqueId: id, payload: {}, attempt, at, lease };
    const [result] = await consumer.ackAll([delivery]);
    return result ?? "lost";
  }

  async setAside(message: NewMessage, error: string): Promise<void> {
    const checked = this.#check.setAside(message);
    await this.#file.writer.run(settingAside(this.#file, checked, error));
  }

  async stats(): Promise<readonly QueueStats[]> {
    const lanes = [...this.#file.lanes.values()];
    await this.#file.writer.catchUp();
    for (const lane of lanes) await lane.refresh();
    return lanes.map((lane) => lane.stats());
  }

  async deadLetters(
    queueName: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<Page<DeadLetter>> {
    const lane = this.#lane(queueName);
    return await this.#reading(() => readLetters(this.#file, lane, page));
  }

  async replay(queueName: string, uniqueId: string): Promise<boolean> {
    const done = { isDone: false };
    await this.#file.writer.run(replaying(this.#file, this.#lane(queueName), uniqueId, done));
    return done.isDone;
  }

  async drop(queueName: string, uniqueId: string): Promise<boolean> {
    const done = { isDone: false };
    await this.#file.writer.run(dropping(this.#file, this.#lane(queueName), uniqueId, done));
    return done.isDone;
  }

  async pause(queueName: string): Promise<void> {
    await this.#setPaused(queueName, true);
  }

  async resume(queueName: string): Promise<void> {
    await this.#setPaused(queueName, false);
  }

  async #setPaused(queueName: string, isPaused: boolean): Promise<void> {
    const lane = this.#lane(queueName);
    const key = keyOf.paused(queueName);
    await this.#file.writer.run({
      reads: [],
      mutations: 1,
      bytes: 10,
      decide: () => [isPaused ? set(key, true) : remove(key)],
      applied() {
        lane.isPaused = isPaused;
        lane.notify();
      },
    });
  }

  async tidy(): Promise<void> {
    for (const lane of this.#file.lanes.values()) {
      await this.#reading(() => forgetConsumed(this.#file, lane));
    }
  }

  async erase(concerns: Concerns): Promise<number> {
    let count = 0;
    for (const lane of this.#file.lanes.values()) {
      count += await eraseLane(this.#file, lane, concerns);
    }
    return count;
  }

  /** Returns every lease at once and lets go of the file. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    try {
      await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    } finally {
      await this.#file.writer.close();
      this.#file.kv.close();
    }
  }

  #lane(queueName: string): KvLane {
    this.#check.definition(queueName);
    return laneOf(this.#file, queueName);
  }

  async #reading<Result>(read: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== undefined) throw new QueueUnavailable("The queue is closed");
    try {
      return await read();
    } catch (cause) {
      if (cause instanceof QueueUnavailable) throw cause;
      throw new QueueUnavailable("The queue's file cannot be read", { cause });
    }
  }
}

async function openFile({ path, openKv = openDenoKv }: KvQueueOptions): Promise<KvStore> {
  try {
    return await openKv(path);
  } catch (cause) {
    throw new QueueUnavailable(`The queue's file ${path} cannot be opened`, { cause });
  }
}

async function openDenoKv(path: string): Promise<KvStore> {
  const kv = await Deno.openKv(path);
  return {
    atomic: () => kv.atomic(),
    get: (key) => kv.get(key),
    getMany: (keys) => kv.getMany<unknown[]>(keys),
    list: (selector, options) => kv.list<unknown>(selector, options),
    close: () => kv.close(),
  };
}

function afterTimeout(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, ms);
  return () => clearTimeout(timer);
}
