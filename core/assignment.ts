import { IndexedHeap } from "./indexed_heap.ts";
import type { AgentId, DepartmentId } from "./ids.ts";
import { RoundRobin } from "./round_robin.ts";
import type { QueueKey } from "./waiting_queue.ts";

/**
 * Agents of one department that can take a chat now: online, present, below their limit. The rank
 * says who is next; core/routing.ts makes it, by the site's mode.
 */
export class AgentPool {
  readonly #heap = new IndexedHeap<AgentId>();

  get size(): number {
    return this.#heap.size;
  }

  /** Puts the agent in, or moves it as its load changed. */
  offer(agentId: AgentId, rank: readonly number[]): void {
    this.#heap.set(agentId, rank);
  }

  withdraw(agentId: AgentId): void {
    this.#heap.remove(agentId);
  }

  has(agentId: AgentId): boolean {
    return this.#heap.rankOf(agentId) !== undefined;
  }

  /**
   * The agent that gets the next chat, of those not excluded. Costs a step for each excluded one,
   * and these are the few that have declined the chat.
   */
  best(excluded: { has(agentId: AgentId): boolean }): AgentId | undefined {
    const passed: [AgentId, readonly number[]][] = [];
    let best = this.#heap.least();
    while (best !== undefined && excluded.has(best)) {
      passed.push([best, this.#heap.rankOf(best) ?? []]);
      this.#heap.remove(best);
      best = this.#heap.least();
    }
    for (const [agentId, rank] of passed) this.#heap.set(agentId, rank);
    return best;
  }
}

/** What is counted of each department's agents: those online and present, and their limits. */
interface Capacity {
  agents: number;
  chats: number;
}

/** The pools of a site, one a department, and one of all agents for chats of no department. */
export class AgentPools {
  readonly #pools = new Map<QueueKey, AgentPool>();
  readonly #capacity = new Map<QueueKey, Capacity>();
  /** What each agent stands for in the capacities. */
  readonly #counted = new Map<AgentId, { keys: readonly QueueKey[]; chatLimit: number }>();
  /** Agents that came, went or can take another chat since waiting chats were last tried. */
  #changed = new Set<AgentId>();
  readonly turns = new RoundRobin();

  get changed(): boolean {
    return this.#changed.size > 0;
  }

  /** Waiting chats are to be tried for what changed with this agent. */
  note(agentId: AgentId): void {
    this.#changed.add(agentId);
  }

  /** The agents noted since the last call. */
  takeChanged(): ReadonlySet<AgentId> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  of(departmentId: DepartmentId | undefined): AgentPool {
    const key = departmentId ?? "";
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = new AgentPool();
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** The agent can take a chat of any of these departments, and of none. */
  offer(agentId: AgentId, departmentIds: readonly DepartmentId[], rank: readonly number[]): void {
    for (const key of [undefined, ...departmentIds]) this.of(key).offer(agentId, rank);
  }

  withdraw(agentId: AgentId): void {
    for (const pool of this.#pools.values()) pool.withdraw(agentId);
  }

  /** The agent is online and present, with this limit in these departments; 0: it is not. */
  count(agentId: AgentId, departmentIds: readonly DepartmentId[], chatLimit: number): void {
    const before = this.#counted.get(agentId);
    if (before !== undefined) this.#add(before.keys, -1, -before.chatLimit);
    this.#counted.delete(agentId);
    if (chatLimit === 0) return;
    const keys: QueueKey[] = ["", ...departmentIds];
    this.#counted.set(agentId, { keys, chatLimit });
    this.#add(keys, 1, chatLimit);
  }

  #add(keys: readonly QueueKey[], agents: number, chats: number): void {
    for (const key of keys) {
      const capacity = this.#capacity.get(key) ?? { agents: 0, chats: 0 };
      capacity.agents += agents;
      capacity.chats += chats;
      this.#capacity.set(key, capacity);
    }
  }

  /** Whether the agent is online and present, and serves the department. */
  isCounted(agentId: AgentId, departmentId?: DepartmentId): boolean {
    return this.#counted.get(agentId)?.keys.includes(departmentId ?? "") === true;
  }

  /** Agents online and present in the department, and how many chats they can have in all. */
  capacity(departmentId: DepartmentId | undefined): Readonly<Capacity> {
    return this.#capacity.get(departmentId ?? "") ?? { agents: 0, chats: 0 };
  }
}

/** The estimated wait of a chat, as published; undefined when it cannot be known. [QU2] */
export function estimatedWaitMs(
  position: number,
  capacity: number,
  meanDurationMs: number | undefined,
): number | undefined {
  if (capacity === 0 || meanDurationMs === undefined) return undefined;
  return Math.round((Math.floor((position - 1) / capacity) + 1) * meanDurationMs);
}
