import { requeue } from "./assigning.ts";
import { othersIn, visitorSide } from "./audience.ts";
import type { Chat } from "./chat.ts";
import { type Author, type Entry, systemAuthor } from "./entry.ts";
import type { Event, NeighbourAnswer } from "./event.ts";
import type { ChatId } from "./ids.ts";
import { limits } from "./limits.ts";
import type { NeighbourRequest } from "./outcome.ts";
import { showChat } from "./showing.ts";
import type { Turn } from "./turn.ts";
import { fitsMessage } from "./client_frames.ts";

/** The bot's author. */
const bot: Author = { type: "bot", id: "bot" };

/**
 * The bot is asked about the visitor's latest message, or greets. Without an answer in time the
 * chat goes to an agent. [BT1, AD6]
 */
export function askBot(turn: Turn, chat: Chat): void {
  const { chatId } = chat;
  const entry = latestForBot(chat);
  const until = turn.at + limits.botMsMax;
  turn.state.deadlines.clear(`bot/${chatId}`);
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

/** The bot is asked again about what it has not answered: after a start, and after a sign-in. */
export function askBotAgain(turn: Turn, chat: Chat): void {
  if (chat.state.state === "bot" && !hasAnswered(chat, pendingOf(chat))) askBot(turn, chat);
}

/** What the bot is to answer: see latestForBot, or the chat itself by a greeting. */
function pendingOf(chat: Chat): string {
  return latestForBot(chat)?.id ?? chat.chatId;
}

function hasAnswered(chat: Chat, requestId: string): boolean {
  return chat.log.find(bot, requestId) !== undefined;
}

/** The visitor's latest message, or its sign-in when the bot had asked for one. */
function latestForBot(chat: Chat): Entry | undefined {
  const { entries } = chat.log;
  return entries.findLast((entry, place) => {
    if (entry.kind === "message") return entry.author.type === "visitor";
    if (entry.kind !== "signed_in") return false;
    const before = entries.slice(0, place).findLast(({ kind }) =>
      kind === "signed_in" || kind === "sign_in_required"
    );
    return before?.kind === "sign_in_required";
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

/** The bot took too long over what it was asked last: an agent gets the chat. [BT1] */
export function giveUpOnBot(turn: Turn, chatId: ChatId): void {
  const chat = turn.state.chats.get(chatId);
  if (chat?.state.state !== "bot") return;
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
  const { requestId, answer } = event;
  if (chat === undefined || chat.state.state === "ended" || !isId(requestId)) return;
  switch (answer.kind) {
    case "bot_message":
    case "bot_handed_over":
    case "bot_sign_in_wanted":
      return answerAsBot(turn, chat, requestId, answer);
    case "translation": {
      const entry = chat.log.named(answer.changes);
      if (entry?.kind !== "message" || entry.at + limits.botMsMax < turn.at) return;
      return append(turn, chat, {
        id: requestId,
        kind: "translation",
        text: answer.text,
        changes: answer.changes,
      });
    }
    case "scan_result":
      if (chat.log.named(answer.changes)?.kind !== "attachment") return;
      return append(turn, chat, {
        id: requestId,
        kind: "scan_result",
        text: answer.result,
        changes: answer.changes,
      });
    case "failed":
      // Whoever looks at one message only: the original, the file, stays as it is.
      if (requestId === pendingOf(chat)) giveUpOnBot(turn, chat.chatId);
      return;
  }
}

/** An entry's id has at most 128 characters. */
function isId(requestId: string): boolean {
  return requestId !== "" && requestId.length <= 128;
}

/** A request is answered once; a text that no message may have is no answer. [BT2] */
function answerAsBot(
  turn: Turn,
  chat: Chat,
  requestId: string,
  answer: Extract<NeighbourAnswer, { kind: `bot_${string}` }>,
): void {
  if (chat.state.state !== "bot" || hasAnswered(chat, requestId)) return;
  const text = answer.text ?? "";
  if (text !== "") append(turn, chat, { id: requestId, kind: "message", text, author: bot });
  const isAnswered = hasAnswered(chat, requestId);
  if (answer.kind === "bot_handed_over" || !isAnswered) {
    return requeue(turn, chat, { why: "bot_handed_over" });
  }
  if (requestId === pendingOf(chat)) turn.state.deadlines.clear(`bot/${chat.chatId}`);
  // Who was signed in before a restart has to do it again. [SI4]
  const isSignedIn = turn.state.visitors.get(chat.visitorId)?.signedIn !== undefined;
  if (answer.kind !== "bot_sign_in_wanted") return;
  if (!isSignedIn) return wantSignIn(turn, chat, requestId);
  // It asks for what is there already: an agent has to help.
  requeue(turn, chat, { why: "bot_handed_over" });
}

/** The bot's next step is only for who is signed in. [SI5] */
function wantSignIn(turn: Turn, chat: Chat, requestId: string): void {
  const change = { register: "signInWanted", value: true } as const;
  const { chatId } = chat;
  turn.record({ type: "register_set", chatId, change, at: turn.at, stamp: turn.stamp(chat) });
  append(turn, chat, { id: `sign_in.${requestId}`, kind: "sign_in_required", text: "" });
  turn.send(visitorSide(turn.state, chat), { type: "sign_in_wanted", chatId });
  showChat(turn, chat);
}

function append(
  turn: Turn,
  chat: Chat,
  written: Pick<Entry, "id" | "kind" | "text" | "changes"> & { readonly author?: Author },
): void {
  const author = written.author ?? systemAuthor;
  if (chat.log.find(author, written.id) !== undefined) return;
  if (!fitsMessage(written.text) || chat.log.entries.length >= limits.entriesPerChatMax) return;
  if (written.kind === "translation" && written.text === "") return;
  const entry = turn.accept(chat.chatId, chat.log, { ...written, author });
  turn.sends.push({ type: "entry", to: othersIn(turn.state, chat, {}), entry });
  if (author === bot) consultNeighbours(turn, chat, entry);
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
  if (!isId(id) || chat.log.find(author, id) !== undefined) return;
  if (chat.log.entries.length >= limits.entriesPerChatMax) return;
  const written = { author, id, kind: "attachment", text: "", file } as const;
  const entry = turn.accept(chat.chatId, chat.log, written);
  turn.sends.push({ type: "entry", to: othersIn(state, chat, {}), entry });
  ask(turn, chat, { kind: "scan", entry });
}
