import { absentAfter, inactiveAt } from "./absence.ts";
import { othersIn, sideOf } from "./audience.ts";
import type { Chat } from "./chat.ts";
import { type Author, systemAuthor } from "./entry.ts";
import type { EndReason } from "./fact.ts";
import { forgetChat } from "./forgetting.ts";
import type { CommandId, ConnectionNo } from "./ids.ts";
import { chatEndJob, chatQueueJob, transcriptJob } from "./job.ts";
import { limits } from "./limits.ts";
import { may } from "./permission.ts";
import { showChat } from "./showing.ts";
import type { Presence } from "./presence.ts";
import type { AgentFrame, VisitorFrame } from "./protocol.ts";
import { withdrawOffer } from "./offering.ts";
import { releaseAgent } from "./routing.ts";
import type { Turn } from "./turn.ts";
import { assignWaiting, markChat, requeue } from "./assigning.ts";

type EndChat = Extract<VisitorFrame | AgentFrame, { type: "end_chat" }>;

/** Either side ends the chat; of agents who has it, or may manage others' chats. [CH3] */
export function endChat(
  turn: Turn,
  presence: Presence,
  connection: ConnectionNo,
  frame: EndChat,
): void {
  const { state } = turn;
  const chat = state.chats.get(frame.chatId);
  if (chat === undefined) {
    return turn.refuse(connection, frame.commandId, { code: "unknown_chat", field: "chatId" });
  }
  const side = sideOf(presence, chat);
  const remembered = chat.remembered(frame.commandId);
  const { author } = presence;
  if (remembered !== undefined) {
    if (remembered.command !== "end_chat" || remembered.by !== author.id) {
      return turn.refuse(connection, frame.commandId, { code: "id_reused", field: "commandId" });
    }
    return turn.done(connection, frame.commandId, chat.chatId);
  }
  const mayEnd = side === "visitor" || (presence.type === "agent" &&
    (chat.agentId === presence.agentId || (chat.state.state === "active" &&
      may(state.agentConfigs.get(presence.agentId), "manage_chats", chat.departmentId))));
  if (side !== undefined && chat.state.state === "ended") {
    return turn.refuse(connection, frame.commandId, { code: "chat_ended", field: "chatId" });
  }
  if (!mayEnd) return refuseNotIn(turn, connection, frame);
  const reason = side === "visitor" ? "visitor_ended" : "agent_ended";
  end(turn, chat, { by: author, reason, commandId: frame.commandId });
  turn.done(connection, frame.commandId, chat.chatId);
}

function refuseNotIn(turn: Turn, connection: ConnectionNo, frame: EndChat): void {
  turn.refuse(connection, frame.commandId, { code: "not_in_chat", field: "chatId" });
}

/**
 * Ends a chat, tells its people, publishes chat.end once and lets the freed agent pull the queue.
 */
export function end(
  turn: Turn,
  chat: Chat,
  how: { by: Author; reason: EndReason; commandId?: CommandId },
): void {
  const { state } = turn;
  const { siteId } = state.config;
  const agentId = chat.agentId;
  const wasWaiting = chat.state.state === "waiting";
  withdrawOffer(turn, chat);
  const entry = turn.acceptSystem(chat, "chat_ended", chat.chatId, how.reason);
  turn.record({
    type: "chat_ended",
    chatId: chat.chatId,
    at: turn.at,
    by: how.by,
    reason: how.reason,
    stamp: turn.stamp(chat),
    commandId: how.commandId,
  });
  turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  markChat(turn, chat);
  showChat(turn, chat);
  turn.publish(chatEndJob(siteId, chat));
  if (wasWaiting) turn.publish(chatQueueJob(siteId, chat, turn.at));
  for (const email of chat.registers.transcriptTo ?? []) {
    turn.publish(transcriptJob(siteId, chat, email));
  }
  state.deadlines.clear(`chat/${chat.chatId}`);
  state.deadlines.setBy(`forget/${chat.chatId}`, turn.at + limits.endedChatKeptMs);
  forgetOldest(turn);
  if (agentId !== undefined) {
    releaseAgent(turn, agentId);
    assignWaiting(turn);
  }
}

function forgetOldest(turn: Turn): void {
  const { state } = turn;
  if (state.ended.size <= limits.endedChatsMax) return;
  const [oldest] = state.ended.keys();
  if (oldest !== undefined) forgetChat(turn, oldest);
}

/** A chat's deadline has come: warn, end, reassign, or look again later. [IN1, IN3, IN5, QU5] */
export function checkChat(turn: Turn, chat: Chat): void {
  const { state } = turn;
  if (chat.state.state === "waiting" || chat.state.state === "bot") return checkWaiting(turn, chat);
  if (chat.state.state !== "active") return;
  const due = inactiveAt(state, chat);
  if (due.at > turn.at) return state.deadlines.setBy(`chat/${chat.chatId}`, due.at);
  switch (due.then) {
    case "end":
      return end(turn, chat, { by: systemAuthor, reason: "inactive" });
    case "reassign": {
      const exceptAgentId = chat.state.agentId;
      return requeue(turn, chat, { why: "agent_silent", exceptAgentId });
    }
    case "warn": {
      const cause = `${chat.chatId}.${chat.log.lastOrder}`;
      const entry = turn.acceptSystem(chat, "inactivity_warned", cause);
      turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
      return state.deadlines.setBy(`chat/${chat.chatId}`, inactiveAt(state, chat).at);
    }
  }
}

/** A waiting chat whose visitor is gone, or that waited for too long, ends. */
function checkWaiting(turn: Turn, chat: Chat): void {
  const { state } = turn;
  const goneAt = absentAfter(state, chat);
  if (goneAt !== undefined && goneAt <= turn.at) {
    return end(turn, chat, { by: systemAuthor, reason: "visitor_left" });
  }
  const tooLongAt = waitEndsAt(turn, chat);
  if (tooLongAt !== undefined && tooLongAt <= turn.at) {
    return end(turn, chat, { by: systemAuthor, reason: "wait_too_long" });
  }
  for (const at of [goneAt, tooLongAt]) {
    if (at !== undefined) state.deadlines.setBy(`chat/${chat.chatId}`, at);
  }
}

/**
 * When a chat has waited for too long, counted from when it came to the queue, or from the seat if
 * that is later. A chat that comes back has its old place, and waits anew. [QU5]
 */
export function waitEndsAt(turn: Turn, chat: Chat): number | undefined {
  const { waitMsMax } = turn.state.config.queue;
  if (waitMsMax === undefined || chat.state.state !== "waiting") return undefined;
  // The stamp's order is the time of the change, or just above it.
  return Math.max(chat.stateStamp.order, turn.state.seatedSince) + waitMsMax;
}
