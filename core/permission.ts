import { unreachable } from "./assert.ts";
import type { AgentId, DepartmentId } from "./ids.ts";
import type { AgentConfig } from "./site_config.ts";

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
  | "visitors";

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
