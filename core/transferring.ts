import { assign, requeue } from "./assigning.ts";
import { nameOf, othersIn, sideOf } from "./audience.ts";
import { isPresent } from "./absence.ts";
import { isClosed } from "./availability.ts";
import type { Chat } from "./chat.ts";
import type { AgentId, ConnectionNo, DepartmentId } from "./ids.ts";
import { may } from "./permission.ts";
import type { AgentPresence } from "./presence.ts";
import type { AgentFrame } from "./protocol.ts";
import type { Refusal } from "./refusal.ts";
import { isFull } from "./routing.ts";
import type { Turn } from "./turn.ts";

type TransferChat = Extract<AgentFrame, { type: "transfer_chat" }>;

/**
 * Gives a chat to another agent, who has it at once, or to a department, in whose queue it waits by
 * when it was first asked for. [TR1, TR2]
 */
export function transferChat(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: TransferChat,
): void {
  const { state } = turn;
  const { agentId } = agent;
  const { commandId, to } = frame;
  const refuse = (refusal: Refusal) => turn.refuse(connection, commandId, refusal);
  const chat = state.chats.get(frame.chatId);
  if (chat === undefined) return refuse({ code: "unknown_chat", field: "chatId" });
  const known = chat.remembered(commandId);
  if (known !== undefined) {
    const same = known.command === "transfer_chat" && known.by === agentId;
    if (!same) return refuse({ code: "id_reused", field: "commandId" });
    return turn.done(connection, commandId, chat.chatId);
  }
  if (sideOf(agent, chat) !== undefined && chat.state.state === "ended") {
    return refuse({ code: "chat_ended", field: "chatId" });
  }
  const mayGive = chat.agentId === agentId ||
    (chat.state.state === "active" &&
      may(state.agentConfigs.get(agentId), "manage_chats", chat.departmentId));
  if (!mayGive) return refuse({ code: "not_in_chat", field: "chatId" });
  const refusal = to.type === "agent"
    ? whyNotAgent(turn, chat, to.agentId)
    : whyNotDepartment(turn, to.departmentId);
  if (refusal !== undefined) return refuse(refusal);
  if (to.type === "agent") {
    const text = nameOf(state, to.agentId);
    const entry = turn.acceptSystem(chat, "chat_transferred", commandId, text);
    turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
    const how = { how: "transferred", commandId, command: "transfer_chat", by: agentId } as const;
    assign(turn, chat, to.agentId, how);
  } else {
    requeue(turn, chat, {
      why: "transferred",
      departmentId: to.departmentId,
      exceptAgentId: chat.agentId,
      commandId,
      command: "transfer_chat",
      by: agentId,
    });
  }
  turn.done(connection, commandId, chat.chatId);
}

function whyNotAgent(turn: Turn, chat: Chat, agentId: AgentId): Refusal | undefined {
  const { state } = turn;
  const field = "to.agentId";
  const config = state.agentConfigs.get(agentId);
  if (config === undefined || config.disabled) return { code: "unknown_agent", field };
  if (chat.agentId === agentId) {
    return { code: "bad_frame", field, message: "to.agentId: the agent has the chat already" };
  }
  const console = state.consoles.get(agentId);
  const isThere = state.registersOf(agentId).status === "online" && console !== undefined &&
    isPresent(state, console, turn.at);
  if (!isThere) return { code: "target_unavailable", field };
  return isFull(state, agentId) ? { code: "agent_at_limit", field } : undefined;
}

function whyNotDepartment(turn: Turn, departmentId: DepartmentId): Refusal | undefined {
  const { state } = turn;
  const field = "to.departmentId";
  if (!state.departments.has(departmentId)) return { code: "unknown_department", field };
  return isClosed(turn, departmentId) ? { code: "target_unavailable", field } : undefined;
}
