import { othersIn, sideOf } from "./audience.ts";
import type { Chat } from "./chat.ts";
import { type Entry, sameContent } from "./entry.ts";
import type { ConnectionNo } from "./ids.ts";
import { limits } from "./limits.ts";
import { consultNeighbours } from "./neighbours.ts";
import type { Presence } from "./presence.ts";
import type { AgentFrame, VisitorFrame } from "./protocol.ts";
import type { RefusalCode } from "./refusal.ts";
import { showChat } from "./showing.ts";
import type { Turn } from "./turn.ts";

type FrameOf<Type> = Extract<VisitorFrame | AgentFrame, { type: Type }>;

/**
 * A message or note. The look-up of its identity comes before any check of state, so that a repeat
 * always gets its ack. [MS2]
 */
export function post(
  turn: Turn,
  presence: Presence,
  connection: ConnectionNo,
  frame: FrameOf<"post_message"> | FrameOf<"post_note">,
): void {
  const { state } = turn;
  const chat = state.chats.get(frame.chatId);
  const kind = frame.type === "post_note" ? "note" : "message";
  const author = presence.author;
  if (chat === undefined) {
    return turn.refuse(connection, frame.messageId, { code: "unknown_chat", field: "chatId" });
  }
  // What somebody wrote before is its own, whether or not it may still see the chat.
  const known = chat.log.find(author, frame.messageId);
  if (known !== undefined) {
    if (!sameContent(known, kind, frame.text)) {
      return turn.refuse(connection, frame.messageId, { code: "id_reused", field: "messageId" });
    }
    turn.sends.push({ type: "ack", to: connection, entry: known });
    return;
  }
  const refused = whyNotPost(chat, presence, kind);
  if (refused !== undefined) {
    return turn.refuse(connection, frame.messageId, { code: refused, field: "chatId" });
  }
  const written = { author, id: frame.messageId, kind, text: frame.text } as const;
  const entry = turn.accept(chat.chatId, chat.log, written);
  turn.sends.push({ type: "ack", to: connection, entry });
  const others = othersIn(state, chat, { but: connection, staffOnly: kind === "note" });
  if (others.length > 0) turn.sends.push({ type: "entry", to: others, entry });
  if (needsNeighbours(chat)) consultNeighbours(turn, chat, entry);
  noteVisitorMessage(turn, chat, entry);
}

function needsNeighbours(chat: Chat): boolean {
  return chat.state.state === "bot" || typeof chat.registers.translating === "string";
}

/** An agent that does not answer it in time loses the chat: the deadline may be the next. [IN5] */
function noteVisitorMessage(turn: Turn, chat: Chat, entry: Entry): void {
  const { agentSilentMs } = turn.state.config.inactivity;
  if (agentSilentMs === undefined || entry.author.type !== "visitor") return;
  turn.state.deadlines.setBy(`chat/${chat.chatId}`, turn.at + agentSilentMs);
}

/** The visitor writes from the request on; of agents who has it or joined; notes monitors, too. */
function whyNotPost(
  chat: Chat,
  presence: Presence,
  kind: "message" | "note",
): RefusalCode | undefined {
  if (sideOf(presence, chat) === undefined) return "not_in_chat";
  if (kind === "message" && isUnseen(chat, presence)) return "not_in_chat";
  if (chat.state.state === "ended") return "chat_ended";
  if (chat.log.entries.length >= limits.entriesPerChatMax) return "chat_full";
  return undefined;
}

/** Whoever monitors shows the visitor nothing: no message, no typing, no read mark. [MS7] */
function isUnseen(chat: Chat, presence: Presence): boolean {
  return presence.type === "agent" && chat.participants.get(presence.agentId) === "monitoring";
}

/** Passed on to the others, never stored. */
export function showTyping(
  turn: Turn,
  presence: Presence,
  connection: ConnectionNo,
  frame: FrameOf<"typing">,
): void {
  const chat = turn.state.chats.get(frame.chatId);
  if (chat === undefined || sideOf(presence, chat) === undefined || isUnseen(chat, presence)) {
    const code = chat === undefined ? "unknown_chat" : "not_in_chat";
    return turn.refuse(connection, "typing", { code, field: "chatId" });
  }
  if (chat.state.state === "ended") {
    return turn.refuse(connection, "typing", { code: "chat_ended", field: "chatId" });
  }
  turn.send(othersIn(turn.state, chat, { but: connection }), {
    type: "typing",
    chatId: chat.chatId,
    from: presence.author,
    on: frame.on,
  });
}

/** A read mark only moves forward, and never beyond what there is. [MS6] */
export function markRead(
  turn: Turn,
  presence: Presence,
  connection: ConnectionNo,
  frame: FrameOf<"mark_read">,
): void {
  const chat = turn.state.chats.get(frame.chatId);
  const side = chat === undefined ? undefined : sideOf(presence, chat);
  if (chat === undefined || side === undefined || isUnseen(chat, presence)) {
    const code = chat === undefined ? "unknown_chat" : "not_in_chat";
    return turn.refuse(connection, frame.commandId, { code, field: "chatId" });
  }
  const order = lastPublicOrder(chat, frame.order);
  if (order > chat.read[side]) {
    turn.record({ type: "read_marked", chatId: chat.chatId, side, order });
    showChat(turn, chat);
  }
  turn.send(connection, { type: "done", commandId: frame.commandId, chatId: chat.chatId });
}

/**
 * Read marks speak of public entries only: a visitor could else tell that there is a note. [SE2]
 */
function lastPublicOrder(chat: Chat, upTo: number): number {
  for (let place = chat.log.entries.length - 1; place >= 0; place--) {
    const entry = chat.log.entries[place];
    if (entry?.stream === "public" && entry.order <= upTo) return entry.order;
  }
  return 0;
}
