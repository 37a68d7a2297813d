import { othersIn } from "./audience.ts";
import { sameContent } from "./entry.ts";
import { type ConnectionNo, threadIdOf } from "./ids.ts";
import { limits } from "./limits.ts";
import type { AgentPresence } from "./presence.ts";
import type { AgentFrame } from "./protocol.ts";
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
  if (to === agentId || !state.agentConfigs.has(to)) return refuse("unknown_agent", "to");
  const chatId = threadIdOf(agentId, to);
  const known = state.threads.get(chatId);
  const before = known?.log.find(author, messageId);
  if (before !== undefined) {
    if (!sameContent(before, "private", text)) return refuse("id_reused", "messageId");
    turn.sends.push({ type: "ack", to: connection, entry: before });
    return;
  }
  if (known === undefined && isCrowded(turn, agentId)) return refuse("too_many", "to");
  const thread = known ?? new Thread(chatId);
  if (thread.log.entries.length >= limits.entriesPerChatMax) return refuse("chat_full", "to");
  const entry = turn.accept(chatId, thread.log, { author, id: messageId, kind: "private", text });
  turn.sends.push({ type: "ack", to: connection, entry });
  turn.sends.push({ type: "entry", to: othersIn(state, thread, { but: connection }), entry });
  state.deadlines.setBy(`forget/${chatId}`, turn.at + limits.threadKeptMs);
}

function isCrowded(turn: Turn, agentId: AgentPresence["agentId"]): boolean {
  return (turn.state.threadsOf.get(agentId)?.size ?? 0) >= limits.threadsPerAgentMax;
}
