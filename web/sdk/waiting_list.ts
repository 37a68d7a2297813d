import type { ChatId } from "../../core/ids.ts";
import type { WaitingChat } from "../../core/views.ts";
import type { FrameOf } from "./frame.ts";
import { limits } from "./limits.ts";

/** Who waits for an agent: the head of the queue, longest waiting first, and how many there are. */
export interface WaitingSnapshot {
  readonly chats: readonly WaitingChat[];
  readonly total: number;
}

/** The waiting queue as an agent's console knows it: whole from welcome, then by differences. */
export class WaitingList {
  readonly #chats = new Map<ChatId, WaitingChat>();
  #total = 0;

  /** Starts anew with what a welcome says. */
  reset(waiting: FrameOf<"welcome">["waiting"]): void {
    this.#chats.clear();
    this.#total = waiting?.total ?? 0;
    for (const chat of waiting?.chats ?? []) this.#chats.set(chat.chatId, chat);
  }

  /** Takes a difference in, or the whole list anew. */
  change({ snapshot, added, removed, total }: FrameOf<"waiting">): void {
    if (snapshot) this.#chats.clear();
    for (const chatId of removed) this.#chats.delete(chatId);
    for (const chat of added) {
      if (this.#chats.size < limits.waitingMax) this.#chats.set(chat.chatId, chat);
    }
    this.#total = total;
  }

  /** The list as it is shown. */
  snapshot(): WaitingSnapshot {
    const chats = [...this.#chats.values()].sort((a, b) => a.since - b.since);
    return { chats, total: this.#total };
  }
}
