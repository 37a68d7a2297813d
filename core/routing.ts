import { isBarred, isPresent } from "./absence.ts";
import { unreachable } from "./assert.ts";
import type { Chat } from "./chat.ts";
import type { AgentId, DepartmentId } from "./ids.ts";
import type { AgentPresence } from "./presence.ts";
import type { AgentConfig } from "./agent_config.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";

/**
 * Puts an agent into the pools of those who can take a chat now, or takes it out, and counts what
 * it stands for in the estimates. To be called whenever its status, presence, chats, offers or
 * configuration changed; waiting chats are tried for it with the next assignWaiting.
 */
export function offerAgent(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  const { pools } = state;
  const console = state.consoles.get(agentId);
  const config = state.agentConfigs.get(agentId);
  state.feeds.agents.mark(agentId);
  const wasThere = pools.isCounted(agentId);
  const wasFree = pools.of(undefined).has(agentId);
  const isOnline = config !== undefined && console !== undefined && !isBarred(state, console) &&
    state.agents.get(agentId)?.status === "online" && isPresent(state, console, turn.at);
  pools.withdraw(agentId);
  if (wasThere !== isOnline) {
    for (const [, queue] of state.waiting) queue.markParked();
    pools.note(agentId);
  }
  if (!isOnline) return pools.count(agentId, [], 0);
  pools.count(agentId, config.departmentIds, config.chatLimit);
  const ongoing = loadOf(state, console);
  if (ongoing >= config.chatLimit) return;
  if (!wasFree) console.round = pools.turns.nextRound(console);
  pools.offer(agentId, config.departmentIds, rankOf(state, console, config, ongoing));
  pools.note(agentId);
}

/** The agent has a chat or an offer less: it is idle from now on if that was its last chat. */
export function releaseAgent(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  const console = state.consoles.get(agentId);
  if (console !== undefined && state.ongoingOf(agentId).size === 0) console.idleSince = turn.at;
  offerAgent(turn, agentId);
}

/** Chats that count to the agent's limit: those it has and those that are offered to it. */
export function loadOf(state: SiteState, console: AgentPresence): number {
  return state.ongoingOf(console.agentId).size + console.offers.size;
}

/** Whether the agent is at its limit, offers counted. */
export function isFull(state: SiteState, agentId: AgentId): boolean {
  const limit = state.agentConfigs.get(agentId)?.chatLimit ?? 0;
  const console = state.consoles.get(agentId);
  const load = console === undefined ? state.ongoingOf(agentId).size : loadOf(state, console);
  return load >= limit;
}

/**
 * Who is next, smaller first. Load balancing: fewest ongoing chats; among agents with none the
 * longest idle, else the earliest last allocation. Round robin: the earlier round, then who came
 * online first. Capability weighted: the smaller share of the limit, then as load balancing.
 * [RT2, RT5, RT6]
 */
function rankOf(
  state: SiteState,
  console: AgentPresence,
  config: AgentConfig,
  ongoing: number,
): readonly number[] {
  const { mode } = state.config.routing;
  const tie = ongoing === 0 ? console.idleSince : console.lastAllocatedAt;
  switch (mode) {
    case "manual":
    case "load_balancing":
      return [ongoing, tie, 0];
    case "round_robin":
      return [console.round, console.onlineSince, 0];
    case "capability_weighted":
      return [ongoing / config.chatLimit, ongoing, tie];
    default:
      return unreachable(mode);
  }
}

/** Whose agents take the chats of a department: its own, or its backup's while none is online. */
export function servingDepartment(
  state: SiteState,
  departmentId: DepartmentId | undefined,
): DepartmentId | undefined {
  if (departmentId === undefined || state.pools.capacity(departmentId).agents > 0) {
    return departmentId;
  }
  return state.departments.get(departmentId)?.backupDepartmentId ?? departmentId;
}

/** Every agent who is online and could take the waiting chat has declined it. [RT10] */
export function isRefusedByAll(state: SiteState, chat: Chat): boolean {
  if (chat.state.state !== "waiting") return false;
  const serving = servingDepartment(state, chat.departmentId);
  let declined = 0;
  for (const agentId of chat.declined.keys()) {
    if (state.pools.isCounted(agentId, serving)) declined += 1;
  }
  return declined > 0 && declined === state.pools.capacity(serving).agents;
}
