import { othersIn } from "./audience.ts";
import { sameContent } from "./entry.ts";
import { type ChatId, type ConnectionNo, isThreadId, threadIdOf } from "./ids.ts";
import { limits } from "./limits.ts";
import type { AgentPresence, Presence } from "./presence.ts";
import type { AgentFrame } from "./protocol.ts";
import type { SiteState } from "./site_state.ts";
import { Thread } from "./thread.ts";
import type { Turn } from "./turn.ts";

/**
 * An agent writes to another. The first message begins their thread; both get it, synced like a
 * chat, whenever they are connected. Supervisors see none of it. [PM1, PM2]
 */
export function postPrivate(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: Extract<AgentFrame, { type: "post_private" }>,
): void {
  const { state } = turn;
  const { author, agentId } = agent;
  const { messageId, text, to } = frame;
  const refuse = (code: "unknown_agent" | "id_reused" | "chat_full" | "too_many", field: string) =>
    turn.refuse(connection, messageId, { code, field });
  if (to === agentId) return refuse("unknown_agent", "to");
  const chatId = threadIdOf(agentId, to);
  const known = state.threads.get(chatId);
  const before = known?.log.find(author, messageId);
  if (before !== undefined) {
    if (!sameContent(before, "private", text)) return refuse("id_reused", "messageId");
    turn.sends.push({ type: "ack", to: connection, entry: before });
    return;
  }
  if (state.agentConfigs.get(to)?.disabled !== false) return refuse("unknown_agent", "to");
  const thread = known ?? new Thread(chatId);
  if (known === undefined && isCrowded(state, thread)) return refuse("too_many", "to");
  if (thread.log.entries.length >= limits.entriesPerChatMax) return refuse("chat_full", "to");
  const entry = turn.accept(chatId, thread.log, { author, id: messageId, kind: "private", text });
  turn.sends.push({ type: "ack", to: connection, entry });
  turn.sends.push({ type: "entry", to: othersIn(state, thread, { but: connection }), entry });
  state.deadlines.setBy(`forget/${chatId}`, turn.at + limits.threadKeptMs);
}

/**
 * The thread of this name that the agent may have entries of while none are known here: its
 * journal was lost. Not of the state before the first entry is uploaded. [PM3]
 */
export function lostThread(
  state: SiteState,
  agent: Presence,
  chatId: ChatId,
): Thread | undefined {
  if (agent.type !== "agent" || !isThreadId(chatId) || state.threads.has(chatId)) return undefined;
  const thread = new Thread(chatId);
  const [one, other] = thread.agentIds;
  const isTheirs = thread.agentIds.includes(agent.agentId) && one !== other &&
    threadIdOf(one, other) === chatId && thread.agentIds.every((id) => state.agentConfigs.has(id));
  return isTheirs && !isCrowded(state, thread) ? thread : undefined;
}

/** Whether one of the two has as many threads as an agent may have. */
function isCrowded(state: SiteState, thread: Thread): boolean {
  return thread.agentIds.some((agentId) =>
    (state.threadsOf.get(agentId)?.size ?? 0) >= limits.threadsPerAgentMax
  );
}
