import type { ArchivedChat } from "../archive/archive.ts";
import type { AgentId, DepartmentId } from "../core/ids.ts";
import type { Permission } from "../core/permission.ts";
import { type Caller, scopeOf } from "./caller.ts";

/** Departments that a caller may read of; null: what has none. Undefined: of all. */
export type Departments = readonly (DepartmentId | null)[] | undefined;

/**
 * The departments that this permission reaches; "none" where it does not reach any. What has no
 * department belongs to every department.
 */
export function departmentsOf(caller: Caller, permission: Permission): Departments | "none" {
  const scope = scopeOf(caller, permission);
  if (scope === "none" || caller.type === "operator") return scope === "none" ? "none" : undefined;
  return scope === "site" ? undefined : [...caller.agent.departmentIds, null];
}

/** Which chats a caller may read: of some departments, or those that it had itself. */
export function chatScope(caller: Caller): {
  readonly departmentIds: Departments;
  readonly agentId: AgentId | undefined;
} {
  const departments = departmentsOf(caller, "read_history");
  if (departments !== "none") return { departmentIds: departments, agentId: undefined };
  return {
    departmentIds: undefined,
    agentId: caller.type === "agent" ? caller.agent.agentId : undefined,
  };
}

/** Whether a caller may read this chat: by its permission, or because it was in it. [HI2] */
export function mayReadChat(caller: Caller, chat: ArchivedChat): boolean {
  if (caller.type === "agent" && chat.agentIds.includes(caller.agent.agentId)) return true;
  const departments = departmentsOf(caller, "read_history");
  if (departments === "none") return false;
  return departments === undefined || departments.includes(chat.departmentId);
}

/** What both lists name; undefined names everything. */
export function inBoth(allowed: Departments, asked: DepartmentId | undefined): Departments {
  if (asked === undefined) return allowed;
  return allowed === undefined || allowed.includes(asked) ? [asked] : [];
}
