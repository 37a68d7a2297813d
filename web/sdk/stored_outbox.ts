import type { ChatId, CommandId } from "../../core/ids.ts";
import type { Holder } from "./holder.ts";
import type { ChatBook } from "./chat_book.ts";
import type { ClientEffect } from "./client_event.ts";
import type { Chance } from "./connection.ts";
import type { FrameOf } from "./frame.ts";
import { chatIdOf, renewedId } from "./ids.ts";
import { limits } from "./limits.ts";
import { Outbox, type OutboxItem } from "./outbox.ts";
import {
  adoptable,
  chatIdOfFrame,
  idOfFrame,
  isPersistent,
  isPost,
  type OutboxFrame,
  type OutboxRecord,
  type StoredText,
} from "./outbox_record.ts";
import { unreachable } from "./assert.ts";

/**
 * Keeps storage and the chats' versions in step with the outbox: one key per frame that must
 * survive.
 */
export class StoredOutbox {
  readonly outbox = new Outbox();
  readonly #holder: Holder;
  readonly #book: ChatBook;
  readonly #emit: (effect: ClientEffect) => void;
  /** Chats that were asked for under another id first, by that. */
  readonly #renamed = new Map<ChatId, ChatId>();
  #storageRead = false;

  constructor(
    { holder, book, emit }: {
      holder: Holder;
      book: ChatBook;
      emit: (effect: ClientEffect) => void;
    },
  ) {
    this.#holder = holder;
    this.#book = book;
    this.#emit = emit;
  }

  /** Whether what the page before this one left was taken over. */
  get storageRead(): boolean {
    return this.#storageRead;
  }

  /** Takes a new frame in; false when it is known already or may not be added. */
  add(frame: OutboxFrame, now: number): boolean {
    const id = idOfFrame(frame);
    if (this.outbox.has(id) || this.outbox.refusalOf(frame) !== undefined) return false;
    const chatId = chatIdOfFrame(frame);
    if (chatId !== undefined) this.#book.ensure(chatId);
    this.#touch(this.outbox.add(frame, now));
    if (isPersistent(frame)) this.#store(id, { frame, postedAt: now });
    return true;
  }

  /** Takes over what a page before this one, or a tab that is gone, left un-acked in storage. */
  adopt(stored: readonly StoredText[], now: number): boolean {
    const first = !this.#storageRead;
    this.#storageRead = true;
    const records = adoptable(stored, { first, now });
    for (const record of records) this.#adoptOne(record, now);
    return records.length > 0;
  }

  /** Removes a frame that was answered, seen as an entry, or dismissed. */
  remove(id: string): OutboxItem | undefined {
    const item = this.outbox.remove(id);
    if (item === undefined) return undefined;
    this.#touch(item);
    this.#forget(item);
    return item;
  }

  /**
   * Takes a refusal in: the frame is sent again later, or is kept as failed for the person to see.
   * A request whose id was another chat's is sent under a new one, made by the server's clock.
   */
  refuse(frame: FrameOf<"refused">, chance: Chance, serverNow: number): void {
    const item = this.outbox.find(frame.re);
    if (item === undefined || item.now.state === "failed") return;
    if (this.#isAlreadyOurs(item)) return void this.remove(item.id);
    if (item.frame.type === "request_chat" && isSpent(item, frame)) {
      return this.#rename(item, renewedId(item.frame.commandId, serverNow));
    }
    const retryable = frame.retryable || this.#mayComeBack(item, frame);
    const result = this.outbox.refuse(item, { ...frame, retryable }, chance);
    switch (result.type) {
      case "retried":
        return;
      case "dropped":
        return this.#forget(result.item);
      case "failed":
        if (frame.code === "unknown_chat") this.#giveUpOn(item.lane);
        for (const failed of result.items) this.#keepFailed(failed);
        return;
      default:
        return unreachable(result);
    }
  }

  /** Gives up what has waited for too long; true when there was any. */
  expire(now: number): boolean {
    const items = this.outbox.expire(now);
    for (const item of items) this.#keepFailed(item);
    return items.length > 0;
  }

  /** The frame, with the chat's id as it is now. */
  current(frame: OutboxFrame): OutboxFrame {
    const chatId = "chatId" in frame ? this.#renamed.get(frame.chatId) : undefined;
    // Only the chat's id is another one.
    return chatId === undefined ? frame : { ...frame, chatId } as OutboxFrame;
  }

  /** The person has seen a failed item; a chat that never came to be goes with the last of them. */
  dismiss(id: string): boolean {
    if (this.outbox.find(id)?.now.state !== "failed") return false;
    const item = this.remove(id);
    const chatId = item === undefined ? undefined : chatIdOfFrame(item.frame);
    const chat = chatId === undefined ? undefined : this.#book.find(chatId);
    if (chat === undefined || chat.view !== undefined) return true;
    const others = this.outbox.failed().some(({ frame }) => chatIdOfFrame(frame) === chatId);
    if (!others && this.outbox.waitingIn(chat.chatId).length === 0) this.#book.forget(chat.chatId);
    return true;
  }

  #adoptOne(record: OutboxRecord, now: number): void {
    const { frame } = record;
    const id = idOfFrame(frame);
    if (this.outbox.has(id) || this.outbox.refusalOf(frame) !== undefined) return;
    const chatId = chatIdOfFrame(frame);
    const chat = chatId === undefined ? undefined : this.#book.ensure(chatId);
    if (isPost(frame) && chat?.transcript.find(this.#holder, id) !== undefined) {
      this.#emit({ type: "forget", id });
      return;
    }
    this.#touch(this.outbox.adopt(record, now));
  }

  /** A chat that is only asked for gets another id, with all that was said in it. */
  #rename(request: OutboxItem, commandId: CommandId): void {
    const [before, after] = [chatIdOfFrame(request.frame), chatIdOf(commandId)];
    if (before === undefined) return;
    this.#forget(request);
    this.#book.forget(before);
    this.#book.ensure(after);
    for (const { id, frame, postedAt } of this.outbox.rename(request, commandId)) {
      if (isPersistent(frame)) this.#store(id, { frame, postedAt });
    }
    for (const [first, last] of this.#renamed) if (last === before) this.#renamed.set(first, after);
    this.#renamed.set(before, after);
    const [oldest] = this.#renamed.keys();
    if (this.#renamed.size > limits.renamedMax && oldest !== undefined) {
      this.#renamed.delete(oldest);
    }
  }

  /** The server gave the chat to this agent by itself while the agent was accepting it. */
  #isAlreadyOurs({ frame }: OutboxItem): boolean {
    if (frame.type !== "accept_chat") return false;
    const state = this.#book.find(frame.chatId)?.view?.state;
    return state?.state === "active" && state.agentId === this.#holder.id;
  }

  /** The chat ran before this server was asked: other clients may just be giving it back. */
  #mayComeBack(item: OutboxItem, { code }: FrameOf<"refused">): boolean {
    if (code !== "unknown_chat" || item.attempts >= limits.unknownChatTriesMax) return false;
    const chatId = chatIdOfFrame(item.frame);
    const chat = chatId === undefined ? undefined : this.#book.find(chatId);
    return chat !== undefined && chat.running && !chat.confirmed;
  }

  /** Nobody gave the chat back while one frame waited for it: the next do not wait for it again. */
  #giveUpOn(lane: string): void {
    for (const item of this.outbox.waitingIn(lane)) item.attempts = limits.unknownChatTriesMax;
  }

  /** What a person wrote is kept until they dismiss it; a command is not worth a reload. */
  #keepFailed(item: OutboxItem): void {
    this.#touch(item);
    if (item.now.state !== "failed") return;
    const { id, frame, postedAt, now: { failure } } = item;
    if (isPost(frame)) this.#store(id, { frame, postedAt, failure });
    else this.#forget(item);
  }

  #store(id: string, record: OutboxRecord): void {
    this.#emit({ type: "store", id, text: JSON.stringify(record) });
  }

  #forget({ id, frame }: OutboxItem): void {
    if (isPersistent(frame)) this.#emit({ type: "forget", id });
  }

  #touch({ frame }: OutboxItem): void {
    const chatId = chatIdOfFrame(frame);
    if (chatId !== undefined) this.#book.touch(chatId);
  }
}

/** The id is of no use for a new chat: a forgotten one's, somebody else's, or of a wrong clock. */
function isSpent({ attempts }: OutboxItem, { code }: FrameOf<"refused">): boolean {
  return code === "id_reused" && attempts < limits.requestIdsMax;
}
