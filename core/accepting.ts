import type { Chat } from "./chat.ts";
import type { ConnectionNo } from "./ids.ts";
import { may } from "./permission.ts";
import type { AgentPresence } from "./presence.ts";
import type { AgentFrame } from "./protocol.ts";
import type { RefusalCode } from "./refusal.ts";
import { assign, decline } from "./assigning.ts";
import { isFull, servingDepartment } from "./routing.ts";
import type { SiteState } from "./site_state.ts";
import type { Turn } from "./turn.ts";

type FrameOf<Type> = Extract<AgentFrame, { type: Type }>;

/** An agent takes a waiting chat, or one that was offered to it. [RT4] */
export function acceptChat(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"accept_chat">,
): void {
  const { state } = turn;
  const { agentId } = agent;
  const chat = state.chats.get(frame.chatId);
  const refuse = (code: RefusalCode, field = "chatId") =>
    turn.refuse(connection, frame.commandId, { code, field });
  if (chat === undefined) return refuse("unknown_chat");
  const remembered = chat.remembered(frame.commandId);
  if (remembered !== undefined) {
    const same = remembered.command === "accept_chat" && remembered.by === agentId;
    if (!same) return refuse("id_reused", "commandId");
    return turn.done(connection, frame.commandId, chat.chatId);
  }
  if (chat.state.state === "active" && chat.agentId === agentId) {
    return turn.done(connection, frame.commandId, chat.chatId);
  }
  const code = whyNotAccept(turn, agent, chat);
  if (code === "agent_not_online" || code === "agent_at_limit") {
    return turn.refuse(connection, frame.commandId, { code });
  }
  if (code !== undefined) return refuse(code);
  assign(turn, chat, agentId, { how: "accepted", commandId: frame.commandId });
  turn.done(connection, frame.commandId, chat.chatId);
}

function whyNotAccept(turn: Turn, agent: AgentPresence, chat: Chat): RefusalCode | undefined {
  const { state } = turn;
  const { agentId } = agent;
  if (chat.state.state === "ended") return "chat_ended";
  if (chat.state.state === "active") return "chat_taken";
  if (chat.state.state === "bot") return "chat_not_waiting";
  const offered = state.offers.get(chat.chatId);
  if (offered !== undefined && offered.agentId !== agentId) return "chat_taken";
  if (offered !== undefined) return undefined;
  if (!mayAccept(state, agent, chat)) return "forbidden";
  if (state.registersOf(agentId).status !== "online") return "agent_not_online";
  return isFull(state, agentId) ? "agent_at_limit" : undefined;
}

/** Whether the chat waits in a department of the agent's, or in one that it backs up now. */
function mayAccept(state: SiteState, agent: AgentPresence, chat: Chat): boolean {
  const config = state.agentConfigs.get(agent.agentId);
  return may(config, "accept", chat.departmentId) ||
    may(config, "accept", servingDepartment(state, chat.departmentId));
}

/** An agent does not want a waiting chat; it is not offered to it again. [RT10] */
export function refuseChat(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"refuse_chat">,
): void {
  const { state } = turn;
  const { agentId } = agent;
  const chat = state.chats.get(frame.chatId);
  const refuse = (code: RefusalCode, field = "chatId") =>
    turn.refuse(connection, frame.commandId, { code, field });
  if (chat === undefined) return refuse("unknown_chat");
  const remembered = chat.remembered(frame.commandId);
  if (remembered !== undefined) {
    const same = remembered.command === "refuse_chat" && remembered.by === agentId;
    if (!same) return refuse("id_reused", "commandId");
    return turn.done(connection, frame.commandId, chat.chatId);
  }
  if (chat.state.state === "ended") return refuse("chat_ended");
  if (chat.state.state !== "waiting") return refuse("chat_not_waiting");
  const isOffered = state.offers.get(chat.chatId)?.agentId === agentId;
  if (!isOffered && !mayAccept(state, agent, chat)) return refuse("forbidden");
  // It is so already: what was logged of it stands.
  if (chat.declined.get(agentId) === "refused") {
    return turn.done(connection, frame.commandId, chat.chatId);
  }
  decline(turn, chat, { agentId, how: "refused", commandId: frame.commandId });
  turn.done(connection, frame.commandId, chat.chatId);
}
