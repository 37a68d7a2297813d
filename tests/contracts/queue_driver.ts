import type { Millis } from "../../core/ids.ts";
import type { Queue, QueueCapabilities, QueueDefinition } from "../../mq/queue.ts";

/** What a driver can do, and how its time passes. */
export interface DriverCapabilities extends QueueCapabilities {
  /** Time is the test's. Otherwise advance() really waits, and cases of days are left out. */
  readonly virtualTime: boolean;
  /** A message that is retried comes at its old place, not behind the others. */
  readonly retriesInPlace: boolean;
}

/** A driver of the queue, as the contract suite sees it. */
export interface QueueDriver {
  readonly name: string;
  readonly capabilities: DriverCapabilities;
  /** A broker with nothing in it. */
  open(options: {
    readonly definitions: readonly QueueDefinition[];
    readonly rememberMs?: number;
  }): Promise<QueueBench>;
}

/** One broker and a process that uses it. */
export interface QueueBench extends AsyncDisposable {
  /** The process's queue; another one after reopen() and crash(). */
  readonly queue: Queue;
  /** The broker's time. */
  now(): Millis;
  advance(ms: number): Promise<void>;
  /** The process stops and starts. */
  reopen(): Promise<void>;
  /** The process is killed, and another starts. */
  crash(): Promise<void>;
}
