import type { ConfigCache } from "../cache/config_cache.ts";
import type { SavedAgents } from "../cache/saved_agents.ts";
import type { PayloadOf } from "../mq/payloads.ts";
import { type NewMessage, type Queue, QueueUnavailable } from "../mq/queue.ts";
import { retryDelay } from "../mq/retry_policy.ts";
import type { Clock } from "./clock.ts";
import { errorFields, type Log } from "./log.ts";
import type { OutboxCounts } from "./outbox.ts";
import { Publisher } from "./publisher.ts";

/** What the relay of agents stands on. */
export interface AgentOutboxDeps {
  readonly configs: Pick<ConfigCache, "store" | "onLog">;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** What became of jobs: it counts its own in, too. */
  readonly counts: OutboxCounts;
  /** Whether people chat so much here that agents have to wait. */
  readonly isBusy?: () => boolean;
  /** Stands before the queue's name. */
  readonly prefix?: string;
}

/** Rows of one turn at most, and messages from which on it takes no more of them. */
const rowsPerTurn = 32;
const messagesPerTurn = 128;
/** From one turn's end to the next, as of the outbox: what comes meanwhile shares a turn. */
const turnMs = 50;
const busyTurnMs = 1_000;

/**
 * Publishes the agents that changes of configurations saved, which lie with these changes in the
 * configurations' store until then. What was published and not yet forgotten when the process was
 * killed is published again under the same ids. [OB12]
 */
export class AgentOutbox {
  readonly #deps: AgentOutboxDeps;
  readonly #publisher: Publisher;
  #running: Promise<void> | undefined;
  #isStopping = false;
  #stopListening: () => void = () => {};
  /** Whether there may be more than the last turn found. */
  #isCalled = false;
  #isIdle = false;
  #wake: () => void = () => {};

  constructor(deps: AgentOutboxDeps) {
    this.#deps = deps;
    this.#publisher = new Publisher(deps, deps.counts);
  }

  /** Begins with what an earlier process has left. */
  start(): void {
    this.#isStopping = false;
    this.#stopListening = this.#deps.configs.onLog(() => this.#call());
    this.#running = this.#run();
  }

  /** Ends after what is being published; the rest stays in the store. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopListening();
    this.#wake();
    await this.#running;
  }

  #call(): void {
    this.#isCalled = true;
    if (this.#isIdle) this.#wake();
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopping) {
      try {
        this.#isCalled = false;
        const wasMore = await this.#turn();
        if (failures > 0) this.#deps.log.write("info", "agent_relay_resumed", { failures });
        failures = 0;
        if (!wasMore) await this.#idle();
        else await this.#sleep(this.#deps.isBusy?.() === true ? busyTurnMs : turnMs);
      } catch (error) {
        failures += 1;
        await this.#failed(error, failures);
      }
    }
  }

  /** Publishes the oldest; whether there were any. */
  async #turn(): Promise<boolean> {
    const { store } = this.#deps.configs;
    const places: number[] = [];
    const messages: NewMessage[] = [];
    for (const row of await store.savedAgents(rowsPerTurn)) {
      if (messages.length >= messagesPerTurn) break;
      places.push(row.place);
      messages.push(...this.#messagesOf(row));
    }
    if (places.length === 0) return false;
    await this.#publisher.publish(messages);
    await store.forgetSavedAgents(places);
    return true;
  }

  #messagesOf({ changeId, siteId, version, at, agents }: SavedAgents): NewMessage[] {
    const queueName = `${this.#deps.prefix ?? ""}agent.save`;
    const time = new Date(at).toISOString();
    return agents.map((agent) => {
      const payload: PayloadOf<"agent.save"> = { siteId, ...agent, version, time };
      return { queueName, uniqueId: `${siteId}/${agent.agentId}/${changeId}`, payload, at };
    });
  }

  async #failed(error: unknown, failures: number): Promise<void> {
    const { log, random, counts } = this.#deps;
    counts.failures += 1;
    const isAway = error instanceof QueueUnavailable;
    if (failures === 1 || !isAway) {
      log.write(isAway ? "warn" : "error", "agent_relay_failed", errorFields(error));
    }
    const ms = retryDelay("broker", failures, { random });
    if (ms !== "never") await this.#sleep(ms);
  }

  /** Until something was changed. */
  async #idle(): Promise<void> {
    if (this.#isStopping || this.#isCalled) return;
    this.#isIdle = true;
    await new Promise<void>((resolve) => this.#wake = resolve);
    this.#isIdle = false;
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#isStopping) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
