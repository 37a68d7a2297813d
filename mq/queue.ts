import type { Millis } from "../core/ids.ts";

/** What a queue carries: a JSON object, checked by the queue's schema when it is published. */
export type Payload = Readonly<Record<string, unknown>>;

/** What is wrong with a payload: where, and what is allowed there. */
export interface PayloadFault {
  readonly path: string;
  readonly message: string;
}

/** One queue, as every driver knows it from the start. */
export interface QueueDefinition {
  readonly name: string;
  /** How long a consumer has for a message before somebody else gets it. */
  readonly leaseMs: number;
  /**
   * Deliveries after which a message becomes a dead letter. When the last one ended without an
   * answer, by a death or its lease, there is one more, alone: nothing else of the queue is in hand
   * meanwhile, for a lease's time at most. [QD23]
   */
  readonly attemptsMax: number;
  /** The first fault of a payload, or none. */
  check(payload: unknown): PayloadFault | undefined;
}

/** A message to be published. */
export interface NewMessage {
  readonly queueName: string;
  /**
   * 1 to 256 characters, printable ASCII; names the cause, so a repeat has the same one. A queue
   * has messages of every site, whose clients choose ids: it begins with the site, as the chat.end
   * of chat c of site s is "s/c". [OB4]
   */
  readonly uniqueId: string;
  readonly payload: Payload;
  /** When its cause took place; older than ids are remembered, it is set aside. [MQ3] */
  readonly at: Millis;
}

/**
 * published: it will be delivered. duplicate: this id was published before and took effect then;
 * nothing changed. set_aside: older than ids are remembered for, so it may be a repeat: ops decide.
 */
export type PublishResult = "published" | "duplicate" | "set_aside";

/** A message in a consumer's hands, until it is acked or its lease ends. */
export interface Delivery {
  readonly queueName: string;
  readonly uniqueId: string;
  readonly payload: Payload;
  /** The how many-eth delivery this is, from 1; one more than attemptsMax when it is alone. */
  readonly attempt: number;
  /** When its cause took place. */
  readonly at: Millis;
  /** Fences this delivery: whoever was given the message later holds another one. */
  readonly lease: string;
}

/**
 * done: it took effect. lost: the lease had ended or was taken over, or an earlier call took effect
 * that threw QueueUnavailable; nothing changed.
 */
export type LeaseResult = "done" | "lost";

/** Takes messages of one queue. Several consumers of a queue share its messages. */
export interface Consumer {
  readonly queueName: string;
  /** How long a delivery is this consumer's, unless extended: that of the queue's definition. */
  readonly leaseMs: number;
  /** The oldest message that is ready, waiting up to `waitMs` for one; undefined: none came. */
  dequeue(waitMs?: number): Promise<Delivery | undefined>;
  /** Up to `max` messages, oldest first; waits only for the first. */
  dequeueAll(max: number, waitMs?: number): Promise<readonly Delivery[]>;
  /** These took effect: they are not delivered again, their ids stay remembered. In order. */
  ackAll(deliveries: readonly Delivery[]): Promise<readonly LeaseResult[]>;
  /**
   * Acks and publishes in one transaction where the driver can (`forwardsOnce`): then nothing is
   * set aside for its age, as it cannot be a repeat. [QD24]
   */
  forward(
    delivery: Delivery,
    messages: readonly NewMessage[],
  ): Promise<LeaseResult>;
  /** Keeps the lease for the queue's leaseMs from now. */
  extend(deliveries: readonly Delivery[]): Promise<readonly LeaseResult[]>;
  /**
   * Gives a message back: delivered again after delayMs, or a dead letter when its attempts are
   * used up or `delayMs` is "never". A delay that is no failure ("not yet") uses up no attempt.
   */
  giveBack(delivery: Delivery, how: GiveBack): Promise<LeaseResult>;
  /** Returns the leases that it still holds, at once, and takes nothing more. */
  close(): Promise<void>;
}

/** Why and for how long a message goes back. */
export interface GiveBack {
  readonly delayMs: number | "never";
  readonly error: string;
  /** Whether this was a failed attempt (default), or only too early. */
  readonly counts?: boolean;
}

/** What ops see of a queue. */
export interface QueueStats {
  readonly queueName: string;
  readonly ready: number;
  /** Waits for its next attempt. */
  readonly delayed: number;
  readonly inFlight: number;
  /** Dead letters and those set aside. */
  readonly dead: number;
  /** `at` of the oldest message that is not acked; undefined when there is none. */
  readonly oldestAt: Millis | undefined;
  readonly isPaused: boolean;
}

/** A message that nobody delivers any more until ops say so. */
export interface DeadLetter {
  readonly queueName: string;
  readonly uniqueId: string;
  readonly payload: Payload;
  readonly at: Millis;
  /** Deliveries so far. */
  readonly attempts: number;
  readonly diedAt: Millis;
  /** dead: its attempts failed. set_aside: never published (too old, or refused for ever). */
  readonly kind: "dead" | "set_aside";
  readonly error: string;
}

/** What a driver can do beyond the contract's minimum. */
export interface QueueCapabilities {
  /** A uniqueId is delivered once however often it is published. */
  readonly dedupesPublish: boolean;
  /** forward() is one transaction: neither lost nor published twice. */
  readonly forwardsOnce: boolean;
}

/** A page of a list: `next` is what to give as `after` for more; undefined at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

/**
 * The message queue. [MQ1] At least once: a message is on disk when publish returns and is
 * delivered until it is acked or dead; exactly-once is made at the consumer's effect. Order is that
 * of publishing, as far as retries and several consumers allow. Producers cannot tell which driver
 * is behind it. Every method throws QueueUnavailable when the broker cannot be reached, having
 * changed nothing that a repeat would not mend.
 */
export interface Queue {
  readonly capabilities: QueueCapabilities;
  /** publishAll() of one, now. */
  publish(queueName: string, uniqueId: string, payload: Payload): Promise<PublishResult>;
  /**
   * All or nothing, on disk when it returns; results in order. Throws MessageRefused, with nothing
   * published, for an unknown queue, a bad id, a payload that its schema refuses or that is too
   * big.
   */
  publishAll(messages: readonly NewMessage[]): Promise<readonly PublishResult[]>;
  /** Throws MessageRefused for an unknown queue. */
  createConsumer(queueName: string): Consumer;
  /** Acks what a consumer of this process holds under that id. */
  ack(queueName: string, uniqueId: string): Promise<LeaseResult>;
  /** Keeps a message that cannot be published, for ops. Its id need not be new. */
  setAside(message: NewMessage, error: string): Promise<void>;

  stats(): Promise<readonly QueueStats[]>;
  /** Dead letters and those set aside, oldest first. */
  deadLetters(
    queueName: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<Page<DeadLetter>>;
  /** Delivers a dead letter again, as if new; whether there was one. */
  replay(queueName: string, uniqueId: string): Promise<boolean>;
  /** Deletes a dead letter; whether there was one. */
  drop(queueName: string, uniqueId: string): Promise<boolean>;
  /** While paused, nothing of the queue is handed out; publishing goes on. Survives restarts. */
  pause(queueName: string): Promise<void>;
  resume(queueName: string): Promise<void>;
  /** Housekeeping: forgets ids older than they are remembered. Called now and then. */
  tidy(): Promise<void>;
  /**
   * Deletes or changes messages of one visitor wherever they are kept: ready, delayed, dead. Counts
   * those touched. [OP10]
   */
  erase(concerns: (queueName: string, payload: Payload) => boolean): Promise<number>;
  close(): Promise<void>;
}

/** The broker cannot be reached; nobody knows whether the last call took place. Try again. */
export class QueueUnavailable extends Error {
  override name = "QueueUnavailable";
}

/** This message will never be taken as it is; `path` says what of it. */
export class MessageRefused extends Error {
  override name = "MessageRefused";
  readonly queueName: string;
  readonly uniqueId: string;
  readonly path: string;

  constructor(
    message: { readonly queueName: string; readonly uniqueId: string },
    fault: PayloadFault,
  ) {
    super(
      `Cannot publish "${message.uniqueId}" to ${message.queueName}: ${fault.path}: ${fault.message}`,
    );
    this.queueName = message.queueName;
    this.uniqueId = message.uniqueId;
    this.path = fault.path;
  }
}

/** Bytes of a payload as JSON, at most. A text of 16 KiB may be six times that as JSON. */
export const payloadBytesMax = 256 * 1024;
/** Messages of one publishAll(), at most. */
export const publishMessagesMax = 500;
/** How long a uniqueId is remembered after its message was consumed. [MQ3] */
export const rememberMsDefault = 7 * 24 * 3_600_000;
