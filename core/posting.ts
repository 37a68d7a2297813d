import { agentSide, othersIn, sideOf, viewOf, visitorSide } from "./audience.ts";
import type { Chat } from "./chat.ts";
import { sameContent } from "./entry.ts";
import type { ConnectionNo } from "./ids.ts";
import { limits } from "./limits.ts";
import type { Presence } from "./presence.ts";
import type { AgentFrame, VisitorFrame } from "./protocol.ts";
import type { RefusalCode } from "./refusal.ts";
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
  if (chat === undefined || sideOf(presence, chat) === undefined) {
    const code = chat === undefined ? "unknown_chat" : "not_in_chat";
    return turn.refuse(connection, frame.messageId, { code, field: "chatId" });
  }
  const known = chat.find(author, frame.messageId);
  if (known !== undefined) {
    if (!sameContent(known, kind, frame.text)) {
      return turn.refuse(connection, frame.messageId, { code: "id_reused", field: "messageId" });
    }
    turn.sends.push({ type: "ack", to: connection, entry: known });
    return;
  }
  const refused = whyNotPost(chat, presence);
  if (refused !== undefined) {
    return turn.refuse(connection, frame.messageId, { code: refused, field: "chatId" });
  }
  const entry = turn.accept(chat, { author, id: frame.messageId, kind, text: frame.text });
  turn.sends.push({ type: "ack", to: connection, entry });
  const others = othersIn(state, chat, { but: connection, staffOnly: kind === "note" });
  if (others.length > 0) turn.sends.push({ type: "entry", to: others, entry });
}

function whyNotPost(chat: Chat, presence: Presence): RefusalCode | undefined {
  if (chat.state.state === "ended") return "chat_ended";
  if (presence.type === "agent" && chat.agentId !== presence.agentId) return "not_in_chat";
  if (chat.entries.length >= limits.entriesPerChatMax) return "chat_full";
  return undefined;
}

/** Passed on to the others, never stored. */
export function showTyping(
  turn: Turn,
  presence: Presence,
  connection: ConnectionNo,
  frame: FrameOf<"typing">,
): void {
  const chat = turn.state.chats.get(frame.chatId);
  if (chat === undefined || sideOf(presence, chat) === undefined) {
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
  if (chat === undefined || side === undefined) {
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
  for (let place = chat.entries.length - 1; place >= 0; place--) {
    const entry = chat.entries[place];
    if (entry?.stream === "public" && entry.order <= upTo) return entry.order;
  }
  return 0;
}

/** Tells everybody in the chat how its registers stand now. */
export function showChat(turn: Turn, chat: Chat): void {
  const { state } = turn;
  turn.send(visitorSide(state, chat), { type: "chat", chat: viewOf(state, chat, "visitor") });
  turn.send(agentSide(state, chat), { type: "chat", chat: viewOf(state, chat, "agent") });
}
