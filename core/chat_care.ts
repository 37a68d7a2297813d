import { compact, sideOf } from "./audience.ts";
import type { Chat } from "./chat.ts";
import type { ChatCommand, RegisterChange } from "./fact.ts";
import type { ConnectionNo } from "./ids.ts";
import { transcriptJob } from "./job.ts";
import { limits } from "./limits.ts";
import { showChat, showStaff } from "./showing.ts";
import type { AgentPresence, Presence, VisitorPresence } from "./presence.ts";
import type { AgentFrame, VisitorFrame } from "./protocol.ts";
import type { RefusalCode } from "./refusal.ts";
import type { Turn } from "./turn.ts";

type FrameOf<Type> = Extract<VisitorFrame | AgentFrame, { type: Type }>;
type ChatFrame =
  & { readonly commandId: FrameOf<"end_chat">["commandId"] }
  & Pick<
    FrameOf<"end_chat">,
    "chatId"
  >;

/**
 * The chat that a command is about, if its sender may see it and the command is new; otherwise the
 * sender is answered here: a repeat as it was, anything else by a refusal.
 */
export function chatFor(
  turn: Turn,
  presence: Presence,
  connection: ConnectionNo,
  frame: ChatFrame,
  command: ChatCommand,
): Chat | undefined {
  const chat = turn.state.chats.get(frame.chatId);
  const refuse = (code: RefusalCode, field: string) => {
    turn.refuse(connection, frame.commandId, { code, field });
    return undefined;
  };
  if (chat === undefined) return refuse("unknown_chat", "chatId");
  const remembered = chat.remembered(frame.commandId);
  if (remembered !== undefined) {
    if (remembered.command !== command) return refuse("id_reused", "commandId");
    turn.done(connection, frame.commandId, chat.chatId);
    return undefined;
  }
  return sideOf(presence, chat) === undefined ? refuse("not_in_chat", "chatId") : chat;
}

function setRegister(
  turn: Turn,
  chat: Chat,
  change: RegisterChange,
  by: { readonly command: ChatCommand; readonly commandId: ChatFrame["commandId"] },
): void {
  const { chatId } = chat;
  turn.record({
    type: "register_set",
    chatId,
    change,
    at: turn.at,
    stamp: turn.stamp(chat),
    ...by,
  });
  if (change.register === "wrapUp") showStaff(turn, chat);
  // Nobody is shown where transcripts go.
  else if (change.register !== "transcriptTo") showChat(turn, chat);
}

/** The visitor judges a chat in which an agent was; a later rating replaces it. [RA1] */
export function rateChat(
  turn: Turn,
  visitor: VisitorPresence,
  connection: ConnectionNo,
  frame: FrameOf<"rate_chat">,
): void {
  const { commandId, score, comment } = frame;
  const chat = chatFor(turn, visitor, connection, frame, "rate_chat");
  if (chat === undefined) return;
  if (chat.agentIds.length === 0) {
    return turn.refuse(connection, commandId, { code: "not_chatted", field: "chatId" });
  }
  const change = { register: "rating", value: compact({ score, comment }) } as const;
  setRegister(turn, chat, change, { command: "rate_chat", commandId });
  turn.publish({
    queue: "visitor.rating",
    uniqueId: `${chat.chatId}/${commandId}`,
    payload: {
      siteId: turn.state.config.siteId,
      chatId: chat.chatId,
      visitorId: visitor.visitorId,
      agentIds: [...chat.agentIds],
      score,
      comment: comment ?? null,
      time: turn.at,
    },
  });
  turn.done(connection, commandId, chat.chatId);
}

/** An agent's closing notes about a chat that it had; once. [WR1] */
export function wrapUpChat(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"wrap_up_chat">,
): void {
  const { commandId, category, comment } = frame;
  const { agentId } = agent;
  const chat = chatFor(turn, agent, connection, frame, "wrap_up_chat");
  if (chat === undefined) return;
  const refuse = (code: RefusalCode, field: string, message?: string) =>
    turn.refuse(connection, commandId, compact({ code, field, message }));
  if (chat.state.state === "waiting" || chat.state.state === "bot") {
    return refuse("not_in_chat", "chatId");
  }
  if (!chat.agentIds.includes(agentId)) return refuse("not_in_chat", "chatId");
  if (chat.registers.wrapUp !== undefined) return refuse("already_wrapped_up", "chatId");
  const { wrapUpCategories, siteId } = turn.state.config;
  if (category !== undefined && !wrapUpCategories.includes(category)) {
    const allowed = wrapUpCategories.length === 0 ? "none" : wrapUpCategories.join(", ");
    return refuse("bad_answer", "category", `The site's categories: ${allowed}`);
  }
  const change = { register: "wrapUp", value: compact({ agentId, category, comment }) } as const;
  setRegister(turn, chat, change, { command: "wrap_up_chat", commandId });
  turn.publish({
    queue: "agent.wrapup",
    uniqueId: `${chat.chatId}/${commandId}`,
    payload: {
      siteId,
      chatId: chat.chatId,
      agentId,
      category: category ?? null,
      comment: comment ?? null,
      time: turn.at,
    },
  });
  turn.done(connection, commandId, chat.chatId);
}

/** The transcript is to be mailed: at the chat's end, or now if that has come. [TS1] */
export function requestTranscript(
  turn: Turn,
  presence: Presence,
  connection: ConnectionNo,
  frame: FrameOf<"request_transcript">,
): void {
  const { commandId, email } = frame;
  const chat = chatFor(turn, presence, connection, frame, "request_transcript");
  if (chat === undefined) return;
  const before = chat.registers.transcriptTo ?? [];
  if (!before.includes(email) && before.length >= limits.transcriptsPerChatMax) {
    return turn.refuse(connection, commandId, { code: "too_many", field: "email" });
  }
  const value = before.includes(email) ? before : [...before, email];
  const change = { register: "transcriptTo", value } as const;
  setRegister(turn, chat, change, { command: "request_transcript", commandId });
  // Who asked for it before has it, or gets it by the job of then.
  if (chat.state.state === "ended" && value !== before) {
    turn.publish(transcriptJob(turn.state.config.siteId, chat, email));
  }
  turn.done(connection, commandId, chat.chatId);
}

/** Messages of the chat are translated from here on, or not any more. [EN7] */
export function setTranslation(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"set_translation">,
): void {
  const { commandId, visitorLanguage } = frame;
  const chat = chatFor(turn, agent, connection, frame, "set_translation");
  if (chat === undefined) return;
  if (chat.participants.get(agent.agentId) === "monitoring") {
    return turn.refuse(connection, commandId, { code: "not_in_chat", field: "chatId" });
  }
  if (chat.state.state === "ended") {
    return turn.refuse(connection, commandId, { code: "chat_ended", field: "chatId" });
  }
  if (turn.state.config.translation === undefined) {
    return turn.refuse(connection, commandId, { code: "forbidden" });
  }
  const change = { register: "translating", value: visitorLanguage } as const;
  setRegister(turn, chat, change, { command: "set_translation", commandId });
  turn.done(connection, commandId, chat.chatId);
}

/** A canned message was used in a chat of the agent's: noted for the statistics. [CA1] */
export function useCanned(
  turn: Turn,
  agent: AgentPresence,
  connection: ConnectionNo,
  frame: FrameOf<"use_canned">,
): void {
  const { state } = turn;
  const { commandId, chatId, cannedId } = frame;
  const { agentId } = agent;
  if (turn.isRepeat(agent, commandId, connection, chatId)) return;
  const chat = state.chats.get(chatId);
  const isReader = chat?.participants.get(agentId) === "monitoring";
  if (chat === undefined || isReader || sideOf(agent, chat) === undefined) {
    const code = chat === undefined ? "unknown_chat" : "not_in_chat";
    return turn.refuse(connection, commandId, { code, field: "chatId" });
  }
  if (chat.state.state === "ended") {
    return turn.refuse(connection, commandId, { code: "chat_ended", field: "chatId" });
  }
  const isKnown = state.config.cannedMessages.some((one) => one.cannedId === cannedId);
  if (!isKnown) {
    return turn.refuse(connection, commandId, { code: "unknown_canned", field: "cannedId" });
  }
  turn.record({ type: "agent_acted", agentId, commandId, command: frame.type, at: turn.at });
  turn.publish({
    queue: "cannedMessage.useLog",
    uniqueId: commandId,
    payload: { siteId: state.config.siteId, chatId, agentId, cannedId, time: turn.at },
  });
  turn.done(connection, commandId, chatId);
}
