import { unreachable } from "./assert.ts";
import type { Chat } from "./chat.ts";
import { Durations } from "./durations.ts";
import type { AgentId, ChatId, Millis, VisitorId } from "./ids.ts";
import { WaitingQueues } from "./waiting_queue.ts";

/**
 * Where each chat stands, to find it by its people: derived from the chats, kept along with every
 * change of theirs.
 */
export class ChatIndex {
  readonly runningOf = new Map<VisitorId, Chat>();
  readonly waiting = new WaitingQueues();
  readonly ongoing = new Map<AgentId, Set<ChatId>>();
  /** Chats that an agent joined or monitors. */
  readonly attending = new Map<AgentId, Set<ChatId>>();
  /** Ended chats, oldest end first. */
  readonly ended = new Map<ChatId, Millis>();
  /** The visitor's last chat that an agent had, as long as it is known here. */
  readonly lastChatOf = new Map<VisitorId, Chat>();
  readonly durations = new Durations();

  /** Puts a chat where its state says. */
  add(chat: Chat): void {
    const state = chat.state;
    if (state.state === "ended") {
      this.ended.set(chat.chatId, state.at);
      this.#noteEnd(chat, state.at);
      return;
    }
    this.runningOf.set(chat.visitorId, chat);
    for (const agentId of chat.participants.keys()) addTo(this.attending, agentId, chat.chatId);
    switch (state.state) {
      case "bot":
        return;
      case "waiting":
        return this.waiting.add(chat.chatId, chat.departmentId, state.since);
      case "active":
        return addTo(this.ongoing, state.agentId, chat.chatId);
      default:
        unreachable(state);
    }
  }

  /** Takes a running chat out, before its state changes. */
  remove(chat: Chat): void {
    const state = chat.state;
    if (this.runningOf.get(chat.visitorId) === chat) this.runningOf.delete(chat.visitorId);
    if (state.state === "waiting") this.waiting.remove(chat.chatId, chat.departmentId);
    if (state.state === "active") this.ongoing.get(state.agentId)?.delete(chat.chatId);
    for (const agentId of chat.participants.keys()) {
      this.attending.get(agentId)?.delete(chat.chatId);
    }
  }

  /** An ended chat is dropped. */
  forget(chat: Chat): void {
    if (this.lastChatOf.get(chat.visitorId) === chat) this.lastChatOf.delete(chat.visitorId);
    this.ended.delete(chat.chatId);
  }

  /** Puts ended chats in order of their end; snapshots come back in any order. */
  sortEnded(chats: ReadonlyMap<ChatId, Chat>): void {
    const sorted = [...this.ended].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
    this.ended.clear();
    this.durations.clear();
    for (const [chatId, at] of sorted) {
      this.ended.set(chatId, at);
      const chat = chats.get(chatId);
      if (chat !== undefined) this.#noteEnd(chat, at);
    }
  }

  #noteEnd(chat: Chat, at: Millis): void {
    if (chat.firstAssignedAt === undefined) return;
    this.lastChatOf.set(chat.visitorId, chat);
    this.durations.add(at - chat.firstAssignedAt);
  }
}

/** Adds to the set under a key, making it first if need be. */
export function addTo<Key, Value>(index: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, new Set([value]));
  else values.add(value);
}
