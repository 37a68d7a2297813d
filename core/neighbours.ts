import { requeue } from "./assigning.ts";
import { othersIn } from "./audience.ts";
import type { Chat } from "./chat.ts";
import { type Author, type Entry, sameContent } from "./entry.ts";
import type { Event, NeighbourAnswer } from "./event.ts";
import type { ChatId } from "./ids.ts";
import { limits } from "./limits.ts";
import type { NeighbourRequest } from "./outcome.ts";
import { showChat } from "./showing.ts";
import type { Turn } from "./turn.ts";

/** The bot's author. */
const bot: Author = { type: "bot", id: "bot" };

/**
 * The bot is asked about the visitor's latest message, or greets. Without an answer in time the
 * chat goes to an agent. [BT1, AD6]
 */
export function askBot(turn: Turn, chat: Chat): void {
  const { chatId } = chat;
  const entry = chat.log.entries.at(-1);
  const until = turn.at + limits.botMsMax;
  turn.state.deadlines.setBy(`bot/${chatId}`, until);
  turn.sends.push({
    type: "neighbour",
    request: {
      requestId: entry?.id ?? chatId,
      chatId,
      kind: "bot",
      until,
      ...(entry === undefined ? {} : { entry }),
    },
  });
}

/** A message was accepted: who else has to look at it? Bot first, translation where it is on. */
export function consultNeighbours(turn: Turn, chat: Chat, entry: Entry): void {
  if (chat.state.state === "bot" && entry.author.type === "visitor") askBot(turn, chat);
  const { translating } = chat.registers;
  const { translation } = turn.state.config;
  if (entry.kind !== "message" || typeof translating !== "string" || translation === undefined) {
    return;
  }
  const language = entry.author.type === "visitor" ? translation.agentLanguage : translating;
  ask(turn, chat, { kind: "translation", entry, language });
}

function ask(
  turn: Turn,
  chat: Chat,
  about: Pick<NeighbourRequest, "kind" | "entry" | "language">,
): void {
  const { entry } = about;
  if (entry === undefined) return;
  turn.sends.push({
    type: "neighbour",
    request: {
      requestId: `${about.kind}.${entry.author.id}.${entry.id}`,
      chatId: chat.chatId,
      until: turn.at + limits.botMsMax,
      ...about,
    },
  });
}

/** The bot took too long: an agent gets the chat. */
export function giveUpOnBot(turn: Turn, chatId: ChatId): void {
  const chat = turn.state.chats.get(chatId);
  if (chat?.state.state !== "bot" || chat.registers.signInWanted === true) return;
  requeue(turn, chat, { why: "bot_handed_over" });
}

/**
 * What a neighbour came back with, as entries keyed (chatId, requestId): the same answer twice is
 * one entry, and one that comes too late changes nothing. [BT2, TL1]
 */
export function takeAnswer(
  turn: Turn,
  event: Extract<Event, { type: "neighbour_answered" }>,
): void {
  const chat = turn.state.chats.get(event.chatId);
  if (chat === undefined || chat.state.state === "ended") return;
  const { requestId, answer } = event;
  switch (answer.kind) {
    case "bot_message":
    case "bot_handed_over":
    case "bot_sign_in_wanted":
      if (chat.state.state === "bot") answerAsBot(turn, chat, requestId, answer);
      return;
    case "translation":
      return append(turn, chat, {
        id: requestId,
        kind: "translation",
        text: answer.text,
        changes: answer.changes,
      });
    case "scan_result":
      return append(turn, chat, {
        id: requestId,
        kind: "scan_result",
        text: answer.result,
        changes: answer.changes,
      });
    case "failed":
      if (chat.state.state === "bot") requeue(turn, chat, { why: "bot_handed_over" });
      return;
  }
}

function answerAsBot(
  turn: Turn,
  chat: Chat,
  requestId: string,
  answer: Extract<NeighbourAnswer, { kind: `bot_${string}` }>,
): void {
  turn.state.deadlines.clear(`bot/${chat.chatId}`);
  if (answer.text !== undefined && answer.text !== "") {
    append(turn, chat, { id: requestId, kind: "message", text: answer.text, author: bot });
  }
  if (answer.kind === "bot_handed_over") return requeue(turn, chat, { why: "bot_handed_over" });
  if (answer.kind === "bot_message" || chat.visitor.signedIn !== undefined) return;
  const change = { register: "signInWanted", value: true } as const;
  const { chatId } = chat;
  turn.record({ type: "register_set", chatId, change, at: turn.at, stamp: turn.stamp(chat) });
  append(turn, chat, { id: `sign_in.${requestId}`, kind: "sign_in_required", text: "" });
  showChat(turn, chat);
}

function append(
  turn: Turn,
  chat: Chat,
  written: Pick<Entry, "id" | "kind" | "text" | "changes"> & { readonly author?: Author },
): void {
  const author = written.author ?? { type: "system", id: "system" };
  if (chat.log.find(author, written.id) !== undefined) return;
  const entry = turn.accept(chat.chatId, chat.log, { ...written, author });
  turn.sends.push({ type: "entry", to: othersIn(turn.state, chat, {}), entry });
}

/** A file of somebody in the chat lies in the store: everybody sees it, and it is scanned. [AT1] */
export function attachFile(turn: Turn, event: Extract<Event, { type: "file_attached" }>): void {
  const { state } = turn;
  const { by, id, file } = event;
  const chat = state.chats.get(event.chatId);
  if (chat === undefined || chat.state.state === "ended") return;
  const isTheirs = by.type === "visitor"
    ? chat.visitorId === by.visitorId
    : chat.agentId === by.agentId || chat.participants.get(by.agentId) === "joined";
  if (!isTheirs) return;
  const author: Author = by.type === "visitor"
    ? { type: "visitor", id: by.visitorId }
    : { type: "agent", id: by.agentId };
  const known = chat.log.find(author, id);
  if (known !== undefined && sameContent(known, "attachment", "")) return;
  const written = { author, id, kind: "attachment", text: "", file } as const;
  const entry = turn.accept(chat.chatId, chat.log, written);
  turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  ask(turn, chat, { kind: "scan", entry });
}
