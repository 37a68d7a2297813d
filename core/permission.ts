import { unreachable } from "./assert.ts";
import type { AgentId, DepartmentId } from "./ids.ts";
import type { AgentConfig } from "./agent_config.ts";

/** What an agent may be allowed to do beyond its own chats. */
export type Permission =
  /** Accept a waiting chat. */
  | "accept"
  /** See other agents' chats in the list of those that may be joined. */
  | "monitor"
  | "join"
  | "take_over"
  /** End or transfer a chat that somebody else has. */
  | "manage_chats"
  | "ban"
  | "lift_ban"
  | "invite"
  /** See the site's visitors. */
  | "visitors"
  /** Read chats that ended; those that one had oneself are always readable. */
  | "read_history"
  | "read_offline_messages"
  /** Read logs and statistics. */
  | "read_logs"
  /** Change canned messages. */
  | "edit_canned"
  /** Change bans of the configuration. */
  | "edit_bans"
  /** Change agents, and set their passwords. */
  | "edit_agents"
  /** Change everything else of the site's configuration. */
  | "edit_site"
  | "read_config"
  | "read_audit"
  /** Erase a visitor, or take out everything that is kept of it. */
  | "erase_visitor";

/** How far a permission reaches: nothing, chats of the agent's departments, the whole site. */
export type Scope = "none" | "departments" | "site";

/**
 * The one permission table. A chat without a department belongs to every department. [OP9, EN3]
 */
export const permissionTable: Readonly<
  Record<AgentConfig["role"], Readonly<Record<Permission, Scope>>>
> = {
  agent: {
    accept: "departments",
    monitor: "none",
    join: "none",
    take_over: "none",
    manage_chats: "none",
    ban: "site",
    lift_ban: "none",
    invite: "site",
    visitors: "site",
    read_history: "none",
    read_offline_messages: "departments",
    read_logs: "none",
    edit_canned: "none",
    edit_bans: "none",
    edit_agents: "none",
    edit_site: "none",
    read_config: "none",
    read_audit: "none",
    erase_visitor: "none",
  },
  supervisor: {
    accept: "departments",
    monitor: "departments",
    join: "departments",
    take_over: "departments",
    manage_chats: "departments",
    ban: "site",
    lift_ban: "site",
    invite: "site",
    visitors: "site",
    read_history: "departments",
    read_offline_messages: "departments",
    read_logs: "departments",
    edit_canned: "departments",
    edit_bans: "site",
    edit_agents: "none",
    edit_site: "none",
    read_config: "site",
    read_audit: "none",
    erase_visitor: "none",
  },
  admin: {
    accept: "departments",
    monitor: "site",
    join: "site",
    take_over: "site",
    manage_chats: "site",
    ban: "site",
    lift_ban: "site",
    invite: "site",
    visitors: "site",
    read_history: "site",
    read_offline_messages: "site",
    read_logs: "site",
    edit_canned: "site",
    edit_bans: "site",
    edit_agents: "site",
    edit_site: "site",
    read_config: "site",
    read_audit: "site",
    erase_visitor: "site",
  },
};

/** Whether an agent may do this to something of that department (undefined: of none). */
export function may(
  agent: AgentConfig | undefined,
  permission: Permission,
  departmentId: DepartmentId | undefined,
): boolean {
  if (agent === undefined || agent.disabled) return false;
  const scope = permissionTable[agent.role][permission];
  switch (scope) {
    case "none":
      return false;
    case "site":
      return true;
    case "departments":
      return departmentId === undefined || agent.departmentIds.includes(departmentId);
    default:
      return unreachable(scope);
  }
}

/**
 * Agents of one audience may see exactly the same of every list, so each change is encoded once
 * for all of them. [SB4]
 */
export function audienceOf(agent: AgentConfig): string {
  return `${agent.role}/${[...agent.departmentIds].sort().join(",")}`;
}

/** One agent's name as people see it. */
export function agentName(
  agents: ReadonlyMap<AgentId, AgentConfig>,
  agentId: AgentId,
): string {
  return agents.get(agentId)?.name ?? agentId;
}
