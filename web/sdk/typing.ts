import type { Author } from "../../core/entry.ts";
import type { ChatId } from "../../core/ids.ts";
import { limits } from "./limits.ts";

/** Somebody who types in a chat, until a time. */
export interface TypingNotice {
  readonly chatId: ChatId;
  readonly from: Author;
  readonly until: number;
}

/** Who else is typing. A notice without news fades by itself, as its sender may be gone. */
export class TypingNotices {
  readonly #notices = new Map<string, TypingNotice>();

  /** Takes a notice in; true when what is shown changed. */
  set(chatId: ChatId, from: Author, { on, now }: { on: boolean; now: number }): boolean {
    const key = keyOf(chatId, from);
    const known = this.#notices.has(key);
    if (!on) return this.#notices.delete(key);
    this.#notices.set(key, { chatId, from, until: now + limits.typingShownMs });
    return !known;
  }

  /** Removes and returns what faded by now. */
  takeFaded(now: number): readonly TypingNotice[] {
    const faded: TypingNotice[] = [];
    for (const [key, notice] of this.#notices) {
      if (notice.until > now) continue;
      this.#notices.delete(key);
      faded.push(notice);
    }
    return faded;
  }

  /** Who types in a chat. */
  in(chatId: ChatId): readonly Author[] {
    const authors: Author[] = [];
    for (const notice of this.#notices.values()) {
      if (notice.chatId === chatId) authors.push(notice.from);
    }
    return authors;
  }

  /** When the next notice fades. */
  deadline(): number | undefined {
    let earliest: number | undefined;
    for (const { until } of this.#notices.values()) {
      if (earliest === undefined || until < earliest) earliest = until;
    }
    return earliest;
  }

  /** Forgets everybody: the connection that told of them is gone. */
  clear(): void {
    this.#notices.clear();
  }
}

/** What this side told the others about its own typing: not every key press, and an end to it. */
export class TypingTold {
  readonly #chats = new Map<ChatId, { toldAt: number; idleAt: number }>();

  /** A key was pressed; true when the others have to be told (again). */
  pressed(chatId: ChatId, now: number): boolean {
    const told = this.#chats.get(chatId);
    const idleAt = now + limits.typingIdleMs;
    if (told !== undefined && now - told.toldAt < limits.typingRepeatMs) {
      told.idleAt = idleAt;
      return false;
    }
    this.#chats.set(chatId, { toldAt: now, idleAt });
    return true;
  }

  /** The text was sent or cleared; true when the others still believe that it is being typed. */
  stopped(chatId: ChatId): boolean {
    return this.#chats.delete(chatId);
  }

  /** Removes and returns the chats in which no key was pressed for a while. */
  takeIdle(now: number): readonly ChatId[] {
    const idle: ChatId[] = [];
    for (const [chatId, { idleAt }] of this.#chats) {
      if (idleAt > now) continue;
      this.#chats.delete(chatId);
      idle.push(chatId);
    }
    return idle;
  }

  /** When the next chat falls idle. */
  deadline(): number | undefined {
    let earliest: number | undefined;
    for (const { idleAt } of this.#chats.values()) {
      if (earliest === undefined || idleAt < earliest) earliest = idleAt;
    }
    return earliest;
  }

  /** Nobody was told anything on a new connection. */
  clear(): void {
    this.#chats.clear();
  }
}

function keyOf(chatId: ChatId, from: Author): string {
  return `${chatId}/${from.type}:${from.id}`;
}
