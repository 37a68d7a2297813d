import type { Millis } from "../core/ids.ts";
import { unreachable } from "../core/assert.ts";
import {
  type Consumer,
  type Delivery,
  type GiveBack,
  MessageRefused,
  type NewMessage,
  type Payload,
  type PayloadFault,
  type Queue,
  QueueUnavailable,
} from "./queue.ts";
import { type FailureKind, retryDelay } from "./retry_policy.ts";

/** How long one look for messages waits. */
const waitMs = 30_000;
/** How often the end of a message is written again while the broker is away. */
const settleTriesMax = 8;

/** A payload as its handler wants it, or what is wrong with it. */
export type Parsed<Message> =
  | { readonly type: "message"; readonly message: Message }
  | { readonly type: "fault"; readonly fault: PayloadFault };

/** A message in the hands of a handler. */
export interface TypedDelivery<Message> extends Delivery {
  readonly message: Message;
}

/**
 * What became of a message. done: its effect took place. forward: these are published and it is
 * acked, in one transaction where the driver can. retry: a failed attempt, again after delayMs or
 * as the table says for its kind. not_yet: too early, which uses up no attempt. dead: never again.
 */
export type HandleResult =
  | { readonly type: "done" }
  | { readonly type: "forward"; readonly messages: readonly NewMessage[] }
  | {
    readonly type: "retry";
    readonly error: string;
    readonly kind?: FailureKind;
    readonly delayMs?: number;
  }
  | { readonly type: "not_yet"; readonly error: string; readonly delayMs: number }
  | { readonly type: "dead"; readonly error: string };

/** Where the loop writes what operators should see. */
export interface ConsumerLog {
  write(
    level: "info" | "warn" | "error",
    event: string,
    fields?: Readonly<Record<string, unknown>>,
  ): void;
}

/** How a consumer runs. */
export interface ConsumerOptions<Message> {
  readonly queue: Queue;
  readonly queueName: string;
  parse(payload: Payload): Parsed<Message>;
  /**
   * Carries out a batch, oldest first; one result for each, in order. Delivery is at least once: a
   * message comes again when we die, or its lease ends, between the effect and the ack. So the
   * effect's own store makes it once: it writes an inbox row (queueName, uniqueId) in the
   * transaction of the effect, or hands the neighbour the uniqueId as its idempotency key. A
   * handler that throws has failed as a whole; its messages are then tried one by one, so it must
   * bear that some of them took effect.
   */
  handle(batch: readonly TypedDelivery<Message>[]): Promise<readonly HandleResult[]>;
  /** What an error of handle() or of a part below it means; the default is "failed". */
  failureOf?(error: unknown): FailureKind;
  readonly batchMax: number;
  /** Batches that are handled at the same time; with more than one, order is not kept. */
  readonly concurrency: number;
  readonly clock: {
    now(): Millis;
    after(ms: number, task: () => void): () => void;
  };
  readonly log: ConsumerLog;
  readonly random: () => number;
}

/** waiting: the queue has nothing, or is paused. unavailable: the broker is. */
export type ConsumerState = "waiting" | "handling" | "unavailable" | "stopping" | "stopped";

/** A running consumer. */
export interface RunningConsumer {
  readonly state: ConsumerState;
  readonly counts: Readonly<ConsumerCounts>;
  /** Finishes what is in hand, gives the rest back. */
  stop(): Promise<void>;
}

/** What a consumer did since its start. */
export interface ConsumerCounts {
  done: number;
  retried: number;
  dead: number;
  /** Ended too late: somebody else has the message. */
  lost: number;
}

/** Runs one consumer of a queue until it is stopped. [QD7] */
export function startConsumer<Message>(options: ConsumerOptions<Message>): RunningConsumer {
  const loop = new ConsumerLoop(options);
  loop.start();
  return loop;
}

class ConsumerLoop<Message> implements RunningConsumer {
  readonly counts: ConsumerCounts = { done: 0, retried: 0, dead: 0, lost: 0 };
  readonly #options: ConsumerOptions<Message>;
  readonly #consumer: Consumer;
  /** Fetched, and not being handled yet. */
  #fetched: (readonly Delivery[])[] = [];
  readonly #inHand = new Set<Delivery>();
  readonly #handling = new Set<Promise<void>>();
  readonly #sleepers = new Set<() => void>();
  #fetching: Promise<void> = Promise.resolve();
  #wakeFetch: (() => void) | undefined;
  #cancelExtend: (() => void) | undefined;
  #isBrokerAway = false;
  /** Failures of parts below in a row, over all messages. */
  #unavailable = 0;
  #phase: "running" | "stopping" | "stopped" = "running";
  #stopped: Promise<void> | undefined;

  constructor(options: ConsumerOptions<Message>) {
    this.#options = options;
    this.#consumer = options.queue.createConsumer(options.queueName);
  }

  get state(): ConsumerState {
    if (this.#phase !== "running") return this.#phase;
    if (this.#isBrokerAway) return "unavailable";
    return this.#handling.size > 0 ? "handling" : "waiting";
  }

  start(): void {
    this.#fetching = this.#fetch();
    this.#extendLater();
  }

  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#phase = "stopping";
    for (const wake of [...this.#sleepers]) wake();
    this.#wakeFetch?.();
    const rest = this.#fetched.splice(0).flat();
    await Promise.all(rest.map((delivery) => this.#putBack(delivery)));
    while (this.#handling.size > 0) await Promise.all(this.#handling);
    this.#cancelExtend?.();
    try {
      // Ends a look for messages that is under way, and returns what it may just have got.
      await this.#consumer.close();
    } catch (error) {
      if (!(error instanceof QueueUnavailable)) throw error;
      this.#tell("consumer_close_failed", error);
    }
    await this.#fetching;
    this.#phase = "stopped";
  }

  /** Looks for messages; one batch is fetched while others are handled. */
  async #fetch(): Promise<void> {
    let failures = 0;
    while (this.#phase === "running") {
      try {
        // While a part below is away the backlog stays where it is.
        if (this.#unavailable > 0) await this.#sleep("unavailable", this.#unavailable);
        const batch = await this.#consumer.dequeueAll(this.#options.batchMax, waitMs);
        failures = 0;
        this.#isBrokerAway = false;
        if (batch.length === 0) continue;
        for (const delivery of batch) this.#inHand.add(delivery);
        if (this.#isStopping()) await Promise.all(batch.map((one) => this.#putBack(one)));
        else this.#fetched.push(batch);
        this.#handleMore();
        if (this.#fetched.length > 0 && !this.#isStopping()) {
          await new Promise<void>((resolve) => this.#wakeFetch = resolve);
        }
      } catch (error) {
        // An error of another kind is our mistake; waiting and going on does least harm.
        failures += 1;
        if (!this.#isBrokerAway) this.#tell("queue_unavailable", error);
        this.#isBrokerAway = true;
        await this.#sleep("broker", failures);
      }
    }
  }

  #isStopping(): boolean {
    return this.#phase !== "running";
  }

  #handleMore(): void {
    while (this.#handling.size < this.#options.concurrency && !this.#isStopping()) {
      const batch = this.#fetched.shift();
      if (batch === undefined) break;
      const handling: Promise<void> = this.#run(batch).finally(() => {
        this.#handling.delete(handling);
        for (const delivery of batch) this.#inHand.delete(delivery);
        this.#handleMore();
      });
      this.#handling.add(handling);
    }
    if (this.#fetched.length === 0) this.#wakeFetch?.();
  }

  async #run(batch: readonly Delivery[]): Promise<void> {
    const good: TypedDelivery<Message>[] = [];
    const ends: Promise<void>[] = [];
    for (const delivery of batch) {
      const parsed = this.#parsed(delivery.payload);
      if (parsed.type === "message") good.push({ ...delivery, message: parsed.message });
      else {
        const { path, message } = parsed.fault;
        ends.push(this.#end([delivery], [{ type: "dead", error: `${path}: ${message}` }]));
      }
    }
    if (good.length > 0) ends.push(this.#handle(good));
    await Promise.all(ends);
  }

  #parsed(payload: Payload): Parsed<Message> {
    try {
      return this.#options.parse(payload);
    } catch (error) {
      return { type: "fault", fault: { path: "payload", message: textOf(error) } };
    }
  }

  async #handle(batch: readonly TypedDelivery<Message>[]): Promise<void> {
    let results: readonly HandleResult[];
    try {
      results = await this.#options.handle(batch);
      if (results.length !== batch.length) {
        throw new Error(`${results.length} results for ${batch.length} messages`);
      }
    } catch (error) {
      const kind = this.#options.failureOf?.(error) ?? "failed";
      // One message may have failed all: it must not block its neighbours.
      if (batch.length > 1 && kind !== "unavailable") {
        for (const one of batch) await this.#handle([one]);
        return;
      }
      this.#tell("handler_failed", error);
      results = batch.map(() => ({ type: "retry", error: textOf(error), kind }));
    }
    await this.#end(batch, results);
  }

  /** Writes what became of messages. */
  async #end(
    batch: readonly Delivery[],
    results: readonly HandleResult[],
  ): Promise<void> {
    const done = batch.filter((_, place) => results[place]?.type === "done");
    const isAway = results.some((one) => one.type === "retry" && one.kind === "unavailable");
    this.#unavailable = isAway ? this.#unavailable + 1 : 0;
    const ends = batch.map((delivery, place) => {
      const result = results[place] ?? { type: "done" };
      return result.type === "done" ? undefined : this.#endOne(delivery, result);
    });
    if (done.length > 0) {
      ends.push(this.#settle(async () => {
        const leases = await this.#consumer.ackAll(done);
        for (const lease of leases) this.counts[lease] += 1;
      }));
    }
    await Promise.all(ends);
  }

  async #endOne(
    delivery: Delivery,
    result: Exclude<HandleResult, { readonly type: "done" }>,
  ): Promise<void> {
    if (result.type === "forward") return await this.#forward(delivery, result.messages);
    const how = this.#giveBackOf(delivery, result);
    await this.#settle(async () => {
      const lease = await this.#consumer.giveBack(delivery, how);
      if (lease === "lost") this.counts.lost += 1;
      else if (how.delayMs === "never") this.counts.dead += 1;
      else this.counts.retried += 1;
    });
  }

  async #forward(delivery: Delivery, messages: readonly NewMessage[]): Promise<void> {
    await this.#settle(async () => {
      try {
        this.counts[await this.#consumer.forward(delivery, messages)] += 1;
      } catch (error) {
        if (!(error instanceof MessageRefused)) throw error;
        await this.#consumer.giveBack(delivery, { delayMs: "never", error: error.message });
        this.counts.dead += 1;
      }
    });
  }

  #giveBackOf(
    delivery: Delivery,
    result: Exclude<HandleResult, { readonly type: "done" | "forward" }>,
  ): GiveBack {
    const { error } = result;
    switch (result.type) {
      case "dead":
        return { delayMs: "never", error };
      case "not_yet":
        return { delayMs: result.delayMs, error, counts: false };
      case "retry": {
        const { kind = "failed" } = result;
        const { random } = this.#options;
        const isAway = kind === "unavailable" || kind === "broker";
        const failures = isAway ? Math.max(this.#unavailable, 1) : delivery.attempt;
        const delayMs = result.delayMs ?? retryDelay(kind, failures, { random });
        return { delayMs, error, counts: !isAway };
      }
      default:
        return unreachable(result);
    }
  }

  /** Tries again while the broker is away; whatever is not written ends with its lease. */
  async #settle(write: () => Promise<void>): Promise<void> {
    for (let tries = 1;; tries++) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof QueueUnavailable) || tries === settleTriesMax) {
          return this.#tell("message_end_not_written", error);
        }
        await this.#sleep("broker", tries);
      }
    }
  }

  async #putBack(delivery: Delivery): Promise<void> {
    const how = { delayMs: 0, error: "The consumer stopped", counts: false };
    await this.#settle(async () => {
      await this.#consumer.giveBack(delivery, how);
    });
    this.#inHand.delete(delivery);
  }

  /** Three times a lease, so that two may be missed. */
  #extendLater(): void {
    this.#cancelExtend = this.#options.clock.after(this.#consumer.leaseMs / 3, () => {
      const inHand = [...this.#inHand];
      if (inHand.length > 0) {
        this.#consumer.extend(inHand).catch((error) => this.#tell("lease_not_extended", error));
      }
      if (this.#phase !== "stopped") this.#extendLater();
    });
  }

  /** Not at all when the loop is being stopped. */
  #sleep(kind: FailureKind, failures: number): Promise<void> {
    const ms = retryDelay(kind, failures, { random: this.#options.random });
    if (this.#isStopping() || ms === "never") return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#sleepers.delete(wake);
        resolve();
      };
      const cancel = this.#options.clock.after(ms, wake);
      this.#sleepers.add(wake);
    });
  }

  #tell(event: string, error: unknown): void {
    const { log, queueName } = this.#options;
    log.write("warn", event, { queueName, error: textOf(error) });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
