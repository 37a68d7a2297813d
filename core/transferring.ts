import { assign, isFull, requeue } from "./assigning.ts";
import { nameOf, othersIn } from "./audience.ts";
import { isPresent } from "./absence.ts";
import { isOpen } from "./business_hours.ts";
import { chatFor } from "./chat_care.ts";
import type { Chat } from "./chat.ts";
import type { AgentId, ConnectionNo, DepartmentId } from "./ids.ts";
import { may } from "./permission.ts";
import type { AgentPresence } from "./presence.ts";
import type { AgentFrame } from "./protocol.ts";
import type { Refusal } from "./refusal.ts";
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
  const known = state.chats.get(frame.chatId)?.remembered(commandId);
  if (known?.command === "transfer_chat") return turn.done(connection, commandId, frame.chatId);
  const chat = chatFor(turn, agent, connection, frame, "transfer_chat");
  if (chat === undefined) return;
  const refuse = (refusal: Refusal) => turn.refuse(connection, commandId, refusal);
  if (chat.state.state === "ended") return refuse({ code: "chat_ended", field: "chatId" });
  const mayGive = chat.agentId === agentId ||
    (chat.state.state === "active" &&
      may(state.agentConfigs.get(agentId), "manage_chats", chat.departmentId));
  if (!mayGive) return refuse({ code: "not_in_chat", field: "chatId" });
  const refusal = to.type === "agent"
    ? whyNotAgent(turn, chat, to.agentId)
    : whyNotDepartment(turn, to.departmentId);
  if (refusal !== undefined) return refuse(refusal);
  if (to.type === "agent") toAgent(turn, chat, to.agentId, commandId);
  else {
    requeue(turn, chat, {
      why: "transferred",
      departmentId: to.departmentId,
      exceptAgentId: chat.agentId,
      commandId,
      command: "transfer_chat",
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
  const department = state.departments.get(departmentId);
  if (department === undefined) return { code: "unknown_department", field };
  const isClosed = !isOpen(department.hours, turn.at);
  return isClosed ? { code: "target_unavailable", field } : undefined;
}

function toAgent(
  turn: Turn,
  chat: Chat,
  agentId: AgentId,
  commandId: TransferChat["commandId"],
): void {
  const { state } = turn;
  const before = chat.agentId;
  const entry = turn.acceptSystem(chat, "chat_transferred", commandId, nameOf(state, agentId));
  turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  assign(turn, chat, agentId, { how: "transferred", commandId, command: "transfer_chat" });
  const tab = before === undefined ? undefined : state.consoles.get(before)?.tab;
  if (tab !== undefined) turn.send(tab.connection, { type: "chat_left", chatId: chat.chatId });
}
