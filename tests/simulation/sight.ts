import type { ChatId } from "../../core/ids.ts";
import type { AgentConfig } from "../../core/agent_config.ts";
import type { SiteState } from "../../core/site_state.ts";
import type { QueueKey } from "../../core/waiting_queue.ts";
import { Thread } from "../../core/thread.ts";
import type { Holder } from "../../web/sdk/holder.ts";

/**
 * Which agents may see which chats: now, or at some moment of the last commit. What was decided
 * while somebody could still see a chat is let go after the commit in which it loses it.
 */
export class Sight {
  readonly #state: SiteState;
  readonly #lately = new Set<string>();

  constructor(state: SiteState) {
    this.#state = state;
  }

  /** Another commit lands. */
  committing(): void {
    this.#lately.clear();
  }

  /** A fact is about to change the chat. */
  changing(chatId: ChatId): void {
    for (const agentId of this.#seers(chatId)) this.#lately.add(`${chatId}/${agentId}`);
  }

  /** Whether this agent may see what is in the chat. */
  may(chatId: ChatId, { id }: Holder): boolean {
    return this.#lately.has(`${chatId}/${id}`) || this.now(chatId, id);
  }

  /** Whether it may right now. */
  now(chatId: ChatId, id: string): boolean {
    return this.#seers(chatId).some((agentId) => agentId === id);
  }

  #seers(chatId: ChatId): readonly string[] {
    const chat = this.#state.conversation(chatId);
    if (chat === undefined) return [];
    if (chat instanceof Thread) return chat.agentIds;
    const had = chat.state.state === "ended" ? chat.agentIds : [chat.agentId ?? ""];
    return [...had, ...chat.participants.keys()];
  }
}

/** Whether an agent may know of the chats that wait for a department: the checker's own word. */
export function maySeeWaiting(
  { departments }: Pick<SiteState, "departments">,
  agent: AgentConfig | undefined,
  key: QueueKey,
): boolean {
  if (agent === undefined || agent.disabled) return false;
  if (key === "" || agent.role === "admin" || agent.departmentIds.includes(key)) return true;
  const backup = departments.get(key)?.backupDepartmentId;
  // Chats of a department that was removed are everybody's.
  if (!departments.has(key)) return true;
  return backup !== undefined && agent.departmentIds.includes(backup);
}
