import {
  type Consumer,
  type Delivery,
  type GiveBack,
  MessageRefused,
  type NewMessage,
  type Queue,
  type QueueCapabilities,
  type QueueDefinition,
  QueueUnavailable,
} from "../mq/queue.ts";
import { Reopening, type ReopeningDeps } from "./reopening.ts";

/** What the queue's part stands on. */
export interface QueuePartDeps extends ReopeningDeps<Queue> {
  readonly definitions: readonly QueueDefinition[];
}

/**
 * The queue as a part that a node can do without: until it is open everything here throws
 * QueueUnavailable, and what is to be published stays in the journal. An open one that fails now
 * and then mends itself. [DB6]
 */
export class QueuePart implements Queue {
  readonly #queue: Reopening<Queue>;
  readonly #definitions: ReadonlyMap<string, QueueDefinition>;

  constructor({ definitions, ...deps }: QueuePartDeps) {
    this.#queue = new Reopening("queue", deps);
    this.#definitions = new Map(definitions.map((one) => [one.name, one]));
  }

  /** Until it is open, what every driver can. */
  get capabilities(): QueueCapabilities {
    return this.#queue.part?.capabilities ?? { dedupesPublish: false, forwardsOnce: false };
  }

  /** Opens it, now or later; never throws. */
  start(): Promise<void> {
    return this.#queue.start();
  }

  #open(): Queue {
    if (this.#queue.part === undefined) throw new QueueUnavailable(this.#queue.why);
    return this.#queue.part;
  }

  async #ask<Answer>(question: (queue: Queue) => Promise<Answer>): Promise<Answer> {
    return await question(this.#open());
  }

  createConsumer(queueName: string): Consumer {
    const definition = this.#definitions.get(queueName);
    if (definition === undefined) {
      throw new MessageRefused({ queueName, uniqueId: "" }, {
        path: "queueName",
        message: "no such queue",
      });
    }
    return new LateConsumer(definition, () => this.#open());
  }

  publish(...asked: Parameters<Queue["publish"]>) {
    return this.#ask((queue) => queue.publish(...asked));
  }

  publishAll(messages: readonly NewMessage[]) {
    return this.#ask((queue) => queue.publishAll(messages));
  }

  ack(queueName: string, uniqueId: string) {
    return this.#ask((queue) => queue.ack(queueName, uniqueId));
  }

  setAside(message: NewMessage, error: string) {
    return this.#ask((queue) => queue.setAside(message, error));
  }

  stats() {
    return this.#ask((queue) => queue.stats());
  }

  deadLetters(...asked: Parameters<Queue["deadLetters"]>) {
    return this.#ask((queue) => queue.deadLetters(...asked));
  }

  replay(queueName: string, uniqueId: string) {
    return this.#ask((queue) => queue.replay(queueName, uniqueId));
  }

  drop(queueName: string, uniqueId: string) {
    return this.#ask((queue) => queue.drop(queueName, uniqueId));
  }

  pause(queueName: string) {
    return this.#ask((queue) => queue.pause(queueName));
  }

  resume(queueName: string) {
    return this.#ask((queue) => queue.resume(queueName));
  }

  tidy() {
    return this.#ask((queue) => queue.tidy());
  }

  erase(...asked: Parameters<Queue["erase"]>) {
    return this.#ask((queue) => queue.erase(...asked));
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}

/** A consumer of a queue that may not be open yet. */
class LateConsumer implements Consumer {
  readonly queueName: string;
  readonly leaseMs: number;
  readonly #open: () => Queue;
  #consumer: Consumer | undefined;

  constructor({ name, leaseMs }: QueueDefinition, open: () => Queue) {
    this.queueName = name;
    this.leaseMs = leaseMs;
    this.#open = open;
  }

  async #ask<Answer>(question: (consumer: Consumer) => Promise<Answer>): Promise<Answer> {
    this.#consumer ??= this.#open().createConsumer(this.queueName);
    return await question(this.#consumer);
  }

  dequeue(waitMs?: number) {
    return this.#ask((consumer) => consumer.dequeue(waitMs));
  }

  dequeueAll(max: number, waitMs?: number) {
    return this.#ask((consumer) => consumer.dequeueAll(max, waitMs));
  }

  ackAll(deliveries: readonly Delivery[]) {
    return this.#ask((consumer) => consumer.ackAll(deliveries));
  }

  forward(delivery: Delivery, messages: readonly NewMessage[]) {
    return this.#ask((consumer) => consumer.forward(delivery, messages));
  }

  extend(deliveries: readonly Delivery[]) {
    return this.#ask((consumer) => consumer.extend(deliveries));
  }

  giveBack(delivery: Delivery, how: GiveBack) {
    return this.#ask((consumer) => consumer.giveBack(delivery, how));
  }

  /** One that never took a message has nothing to give back. */
  async close(): Promise<void> {
    await this.#consumer?.close();
  }
}
