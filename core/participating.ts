import { isPresent } from "./absence.ts";
import { assign, markChat } from "./assigning.ts";
import { agentSide, nameOf, othersIn, viewOf } from "./audience.ts";
import type { Chat } from "./chat.ts";
import type { AgentId, ConnectionNo } from "./ids.ts";
import { limits } from "./limits.ts";
import { may } from "./permission.ts";
import { isFull } from "./routing.ts";
import { showChat, showLeft } from "./showing.ts";
import type { AgentPresence } from "./presence.ts";
import type { AgentFrame } from "./protocol.ts";
import type { RefusalCode } from "./refusal.ts";
import type { Turn } from "./turn.ts";
import type { ParticipantMode } from "./chat.ts";

type FrameOf<Type> = Extract<AgentFrame, { type: Type }>;

/** An agent enters a chat that somebody else has, to write in it or read it unseen. [JN1, JN2] */
export function joinChat(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"join_chat">,
): void {
  const { state } = turn;
  const { agentId } = agent;
  const { commandId, mode } = frame;
  const refuse = (code: RefusalCode, field = "chatId") =>
    turn.refuse(connection, commandId, { code, field });
  const chat = state.chats.get(frame.chatId);
  if (chat === undefined) return refuse("unknown_chat");
  const remembered = chat.remembered(commandId);
  if (remembered !== undefined) {
    const same = remembered.command === "join_chat" && remembered.by === agentId;
    return same ? turn.done(connection, commandId, chat.chatId) : refuse("id_reused", "commandId");
  }
  const permission = mode === "joined" ? "join" : "monitor";
  if (!may(state.agentConfigs.get(agentId), permission, chat.departmentId)) {
    return refuse("forbidden");
  }
  if (chat.state.state === "ended") return refuse("chat_ended");
  if (chat.state.state !== "active" || chat.agentId === agentId) return refuse("not_in_chat");
  if (chat.participants.get(agentId) === mode) {
    return turn.done(connection, commandId, chat.chatId);
  }
  const isIn = chat.participants.has(agentId);
  if (!isIn && chat.participants.size >= limits.participantsMax) return refuse("too_many");
  enter(turn, chat, agentId, { mode, commandId });
  turn.done(connection, commandId, chat.chatId);
}

function enter(
  turn: Turn,
  chat: Chat,
  agentId: AgentId,
  how: { mode: ParticipantMode; commandId: FrameOf<"join_chat">["commandId"] },
): void {
  const { state } = turn;
  const { chatId } = chat;
  const before = chat.participants.get(agentId);
  turn.record({ type: "participant_joined", chatId, agentId, at: turn.at, ...how });
  if (before !== undefined) tellOut(turn, chat, { agentId, mode: before, cause: how.commandId });
  const kind = how.mode === "joined" ? "agent_joined" : "monitor_started";
  const entry = turn.acceptSystem(chat, kind, how.commandId, nameOf(state, agentId));
  tell(turn, chat, entry);
}

/** Who joined has left, or who monitored reads on no more: as that the others are told of it. */
function tellOut(
  turn: Turn,
  chat: Chat,
  out: { readonly agentId: AgentId; readonly mode: ParticipantMode; readonly cause: string },
): void {
  const kind = out.mode === "joined" ? "agent_left" : "monitor_ended";
  tell(turn, chat, turn.acceptSystem(chat, kind, out.cause, nameOf(turn.state, out.agentId)));
}

/** Everybody who may know is told of the entry and of how the chat stands now. [JN2] */
function tell(turn: Turn, chat: Chat, entry: ReturnType<Turn["acceptSystem"]>): void {
  const { state } = turn;
  const staffOnly = entry.stream === "staff";
  markChat(turn, chat);
  // A visitor would else be told of its chat whenever a monitor comes or goes.
  if (!staffOnly) showChat(turn, chat);
  else turn.send(agentSide(state, chat), { type: "chat", chat: viewOf(state, chat, "agent") });
  turn.sends.push({ type: "entry", to: othersIn(turn.state, chat, { staffOnly }), entry });
}

/** An agent leaves; who has the chat only when somebody who joined goes on with it. [JN3] */
export function leaveChat(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"leave_chat">,
): void {
  const { agentId } = agent;
  const { commandId } = frame;
  const refuse = (code: RefusalCode, field = "chatId") =>
    turn.refuse(connection, commandId, { code, field });
  const chat = turn.state.chats.get(frame.chatId);
  if (chat === undefined) return refuse("unknown_chat");
  const remembered = chat.remembered(commandId);
  if (remembered !== undefined) {
    const same = remembered.command === "leave_chat" && remembered.by === agentId;
    return same ? turn.done(connection, commandId, chat.chatId) : refuse("id_reused", "commandId");
  }
  if (chat.state.state === "ended") {
    return refuse(chat.agentIds.includes(agentId) ? "chat_ended" : "not_in_chat");
  }
  if (chat.participants.has(agentId)) {
    putOutParticipant(turn, chat, agentId, commandId);
    return turn.done(connection, commandId, chat.chatId);
  }
  if (chat.agentId !== agentId) return refuse("not_in_chat");
  const isHandedOver = handOver(turn, chat, { commandId, command: "leave_chat", by: agentId });
  if (!isHandedOver) return refuse("last_agent");
  turn.done(connection, commandId, chat.chatId);
}

/**
 * Gives the chat of an agent that goes to one who joined, is there and has room for it; false when
 * there is none. [JN3]
 */
export function handOver(
  turn: Turn,
  chat: Chat,
  how: Pick<Parameters<typeof assign>[3], "commandId" | "command" | "by">,
): boolean {
  const { state } = turn;
  if (chat.state.state !== "active") return false;
  const heir = [...chat.participants].find(([agentId, mode]) => {
    const console = state.consoles.get(agentId);
    return mode === "joined" && !isFull(state, agentId) && console !== undefined &&
      isPresent(state, console, turn.at);
  })?.[0];
  if (heir === undefined) return false;
  sayLeft(turn, chat, chat.state.agentId, how.commandId);
  assign(turn, chat, heir, { how: "inherited", ...how });
  return true;
}

function sayLeft(turn: Turn, chat: Chat, agentId: AgentId, commandId?: string): void {
  const cause = commandId ?? `${chat.chatId}.${chat.log.lastOrder}`;
  const entry = turn.acceptSystem(chat, "agent_left", cause, nameOf(turn.state, agentId));
  turn.sends.push({ type: "entry", to: othersIn(turn.state, chat, {}), entry });
}

/** Takes somebody who joined or monitors out of a chat. */
export function putOutParticipant(
  turn: Turn,
  chat: Chat,
  agentId: AgentId,
  commandId?: FrameOf<"leave_chat">["commandId"],
): void {
  const { state } = turn;
  const { chatId } = chat;
  const mode = chat.participants.get(agentId);
  if (mode === undefined) return;
  const cause = commandId ?? `${chatId}.${chat.log.lastOrder}`;
  turn.record({ type: "participant_left", chatId, agentId, at: turn.at, commandId });
  tellOut(turn, chat, { agentId, mode, cause });
  const tab = state.consoles.get(agentId)?.tab;
  if (tab !== undefined && !agentSide(state, chat).includes(tab.connection)) {
    showLeft(turn, tab, chatId);
  }
}

/** An agent makes a chat that somebody else has its own. [JN4] */
export function takeOverChat(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"take_over_chat">,
): void {
  const { state } = turn;
  const { agentId } = agent;
  const { commandId } = frame;
  const refuse = (code: RefusalCode, field = "chatId") =>
    turn.refuse(connection, commandId, { code, field });
  const chat = state.chats.get(frame.chatId);
  if (chat === undefined) return refuse("unknown_chat");
  const remembered = chat.remembered(commandId);
  if (remembered !== undefined) {
    const same = remembered.command === "take_over_chat" && remembered.by === agentId;
    return same ? turn.done(connection, commandId, chat.chatId) : refuse("id_reused", "commandId");
  }
  if (!may(state.agentConfigs.get(agentId), "take_over", chat.departmentId)) {
    return refuse("forbidden");
  }
  if (chat.state.state === "ended") return refuse("chat_ended");
  if (chat.state.state !== "active" || chat.agentId === agentId) return refuse("not_in_chat");
  if (isFull(state, agentId)) return refuse("agent_at_limit");
  sayLeft(turn, chat, chat.state.agentId, commandId);
  assign(turn, chat, agentId, { how: "taken_over", commandId, command: "take_over_chat" });
  turn.done(connection, commandId, chat.chatId);
}
