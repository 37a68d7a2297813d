import { IndexedHeap } from "./indexed_heap.ts";
import type { AgentId, Millis } from "./ids.ts";

/** What decides whether an agent gets the next chat. */
export interface AgentLoad {
  readonly ongoing: number;
  /** Last time that a chat was given to the agent, 0 when never. */
  readonly lastAllocatedAt: Millis;
  /** Since the end of the last chat, or since coming online. */
  readonly idleSince: Millis;
}

/**
 * Agents that can take a chat now: online, present, below their limit. Load balancing as published:
 * fewest ongoing chats; among agents with none the longest idle, else the earliest last allocation.
 */
export class AgentPool {
  readonly #heap = new IndexedHeap<AgentId>();

  /** Puts the agent in, or moves it as its load changed. */
  offer(agentId: AgentId, load: AgentLoad): void {
    const tie = load.ongoing === 0 ? load.idleSince : load.lastAllocatedAt;
    this.#heap.set(agentId, [load.ongoing, tie]);
  }

  withdraw(agentId: AgentId): void {
    this.#heap.remove(agentId);
  }

  /** The agent that gets the next chat. */
  best(): AgentId | undefined {
    return this.#heap.least();
  }
}
