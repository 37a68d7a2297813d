import { isPresent } from "./absence.ts";
import { unreachable } from "./assert.ts";
import type { AgentId, DepartmentId } from "./ids.ts";
import type { AgentPresence } from "./presence.ts";
import type { AgentConfig } from "./site_config.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";

/**
 * Puts an agent into the pools of those who can take a chat now, or takes it out, and counts what
 * it stands for in the estimates. To be called whenever its status, presence, chats, offers or
 * configuration changed.
 */
export function offerAgent(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  const console = state.consoles.get(agentId);
  const config = state.agentConfigs.get(agentId);
  state.feeds.agents.mark(agentId);
  const isOnline = config !== undefined && !config.disabled && console !== undefined &&
    state.agents.get(agentId)?.status === "online" && isPresent(state, console, turn.at);
  if (!isOnline) {
    state.pools.withdraw(agentId);
    return state.pools.count(agentId, [], 0);
  }
  state.pools.count(agentId, config.departmentIds, config.chatLimit);
  const ongoing = loadOf(state, console);
  if (ongoing >= config.chatLimit) return state.pools.withdraw(agentId);
  state.pools.withdraw(agentId);
  state.pools.offer(agentId, config.departmentIds, rankOf(state, console, config, ongoing));
}

/** Chats that count to the agent's limit: those it has and those that are offered to it. */
export function loadOf(state: SiteState, console: AgentPresence): number {
  return state.ongoingOf(console.agentId).size + console.offers.size;
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

/** The departments whose waiting chats this agent can take. */
export function departmentsOf(
  state: SiteState,
  agentId: AgentId,
): readonly (DepartmentId | undefined)[] {
  return [undefined, ...(state.agentConfigs.get(agentId)?.departmentIds ?? [])];
}
