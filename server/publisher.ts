import {
  MessageRefused,
  type NewMessage,
  publishMessagesMax,
  type PublishResult,
  type Queue,
} from "../mq/queue.ts";
import type { Log } from "./log.ts";

/** What became of messages, since the process started. */
export interface PublishCounts {
  published: number;
  /** Published before, mostly by this node before a kill. */
  duplicates: number;
  /** Kept for ops among their queue's dead letters. */
  setAside: number;
  /** Not even that: no queue has their name. */
  dropped: number;
}

/** What a publisher stands on. */
export interface PublisherDeps {
  readonly queue: Queue;
  readonly log: Log;
}

/** Publishes what lies on this node's disk, and keeps for ops what no queue takes. */
export class Publisher {
  readonly #deps: PublisherDeps;
  readonly #counts: PublishCounts;

  constructor(deps: PublisherDeps, counts: PublishCounts) {
    this.#deps = deps;
    this.#counts = counts;
  }

  /**
   * Takes those that are published, or set aside, off the list. Throws QueueUnavailable with the
   * others still in it.
   */
  async publish(messages: NewMessage[]): Promise<void> {
    while (messages.length > 0) {
      const some = messages.slice(0, publishMessagesMax);
      try {
        const results = await this.#deps.queue.publishAll(some);
        this.#count(some, results);
        messages.splice(0, some.length);
      } catch (error) {
        if (!(error instanceof MessageRefused)) throw error;
        await this.#setAside(messages, error);
      }
    }
  }

  #count(messages: readonly NewMessage[], results: readonly PublishResult[]): void {
    const counts = this.#counts;
    const aside = messages.filter((_, place) => results[place] === "set_aside");
    const published = results.filter((result) => result === "published").length;
    counts.published += published;
    counts.setAside += aside.length;
    counts.duplicates += results.length - published - aside.length;
    const [first] = aside;
    if (first === undefined) return;
    // After a long outage there are many: one line for all of a turn.
    const { queueName, uniqueId } = first;
    const why = "Older than ids are remembered for, so it may be a repeat";
    const fields = { queueName, uniqueId, jobs: aside.length, why };
    this.#deps.log.write("error", "job_set_aside", fields);
  }

  /** One that can never be published is for ops; the others go on. [OB5] */
  async #setAside(messages: NewMessage[], refused: MessageRefused): Promise<void> {
    const { queue, log } = this.#deps;
    const { queueName, uniqueId, message } = refused;
    const place = messages.findIndex((one) =>
      one.queueName === queueName && one.uniqueId === uniqueId
    );
    const one = messages[place];
    if (one === undefined) throw refused;
    try {
      await queue.setAside(one, message);
      this.#counts.setAside += 1;
      log.write("error", "job_set_aside", { queueName, uniqueId, why: message });
    } catch (error) {
      if (!(error instanceof MessageRefused)) throw error;
      this.#counts.dropped += 1;
      log.write("error", "job_dropped", { queueName, uniqueId, why: message });
    }
    messages.splice(place, 1);
  }
}
