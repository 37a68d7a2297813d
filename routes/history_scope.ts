import type { Archive, ArchivedChat, LogRow } from "../archive/archive.ts";
import { type AgentId, type ChatId, type DepartmentId, isThreadId } from "../core/ids.ts";
import type { Permission } from "../core/permission.ts";
import type { SiteConfig } from "../core/site_config.ts";
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

/** Which chats a question of a caller is answered with; undefined: none. [HI2] */
export function chatsWithin(
  caller: Caller,
  asked: {
    readonly agentId?: AgentId | undefined;
    readonly departmentId?: DepartmentId | undefined;
  },
): { readonly agentId: AgentId | undefined; readonly departmentIds: Departments } | undefined {
  const self = caller.type === "agent" ? caller.agent.agentId : undefined;
  const departments = departmentsOf(caller, "read_history");
  const isOwn = departments === "none" || (self !== undefined && asked.agentId === self);
  if (!isOwn) {
    const departmentIds = inBoth(departments, asked.departmentId);
    return departmentIds?.length === 0 ? undefined : { agentId: asked.agentId, departmentIds };
  }
  // Its own are anybody's to read, whichever department they were of.
  if (asked.agentId !== undefined && asked.agentId !== self) return undefined;
  return { agentId: self, departmentIds: inBoth(undefined, asked.departmentId) };
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

/**
 * The rows that are of these departments: of the one that a row names, or that of its chat, or else
 * of its agent's. What names none of them is everybody's; an agent without departments is of all.
 * [HI2]
 */
export async function rowsWithin(
  rows: readonly LogRow[],
  { archive, config, departments }: {
    readonly archive: Archive;
    readonly config: SiteConfig;
    readonly departments: Departments;
  },
): Promise<readonly LogRow[]> {
  if (departments === undefined) return rows;
  const chatIds = new Set(rows.map(({ chatId }) => chatId));
  const chats = new Map<ChatId, ArchivedChat | undefined>();
  for (const chatId of chatIds) {
    if (chatId === null || isThreadId(chatId)) continue;
    chats.set(chatId, await archive.chat(config.siteId, chatId));
  }
  const isWithin = ({ agentId, chatId, body: { departmentId } }: LogRow) => {
    if (departmentId !== undefined) return departments.some((one) => one === departmentId);
    const chat = chatId === null ? undefined : chats.get(chatId);
    if (chat !== undefined) return departments.includes(chat.departmentId);
    if (agentId === null) return chatId === null;
    const agent = config.agents.find((one) => one.agentId === agentId);
    if (agent === undefined) return false;
    return agent.departmentIds.length === 0 ||
      agent.departmentIds.some((departmentId) => departments.includes(departmentId));
  };
  return rows.filter(isWithin);
}
