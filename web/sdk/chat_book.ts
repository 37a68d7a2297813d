import type { SignedEntry } from "../../core/entry.ts";
import type { ChatId } from "../../core/ids.ts";
import type { ChatView } from "../../core/views.ts";
import { retryDelayMs } from "./backoff.ts";
import { Chat } from "./chat.ts";
import type { TransferType } from "./chat_sync.ts";
import type { Chance } from "./connection.ts";
import type { ClientFrame, FrameOf } from "./frame.ts";
import { limits } from "./limits.ts";
import { bounded, type Vector } from "./vector.ts";

/** All chats of this page, and the fairness of their transfers. */
export class ChatBook {
  readonly #chats = new Map<ChatId, Chat>();
  /** Chats whose transfers may have to go on; the first asked for goes first. */
  readonly #busy = new Set<Chat>();
  /** Refusals of transfers in a row, and until when none is sent. */
  #refusals = 0;
  #heldUntil = 0;

  /** Every chat, in the order in which it became known here. */
  all(): Iterable<Chat> {
    return this.#chats.values();
  }

  /** The chat of an id, if this page knows it. */
  find(chatId: ChatId): Chat | undefined {
    return this.#chats.get(chatId);
  }

  /** The chat of an id, made when need be; undefined at the limit, when it has to be ignored. */
  ensure(chatId: ChatId): Chat | undefined {
    const known = this.#chats.get(chatId);
    if (known !== undefined) return known;
    this.#evict();
    if (this.#chats.size >= limits.chatsMax) return undefined;
    const chat = new Chat(chatId);
    this.#chats.set(chatId, chat);
    return chat;
  }

  /** Something that is shown with the chat changed. */
  touch(chatId: ChatId): void {
    const chat = this.#chats.get(chatId);
    if (chat !== undefined) chat.version += 1;
  }

  /** Drops a chat from memory. */
  forget(chatId: ChatId): boolean {
    const chat = this.#chats.get(chatId);
    if (chat !== undefined) this.#busy.delete(chat);
    return this.#chats.delete(chatId);
  }

  /** A connection began: what it names is what its server knows; all else stays, unconfirmed. */
  welcomed(views: readonly ChatView[], threads: Readonly<Record<ChatId, Vector>> = {}): void {
    this.#busy.clear();
    this.#served();
    for (const chat of this.#chats.values()) {
      chat.sync.reset();
      if (chat.confirmed) chat.version += 1;
      chat.confirmed = false;
    }
    const ended = (view: ChatView) => view.state.state === "ended" ? 1 : 0;
    const runningFirst = [...views].sort((a, b) => ended(a) - ended(b));
    for (const view of runningFirst) this.see(view);
    for (const [threadId, vector] of Object.entries(threads)) {
      const thread = this.ensure(threadId as ChatId); // a key of the frame's record
      if (thread === undefined) continue;
      thread.named(vector);
      this.#busy.add(thread);
    }
  }

  /** Takes in what the server says about a chat. */
  see(view: ChatView): void {
    const chat = this.ensure(view.chatId);
    if (chat === undefined) return;
    chat.see(view);
    this.#busy.add(chat);
  }

  /** This side has the chat no more: what it holds of it stays, and nothing more comes. */
  left(chatId: ChatId): void {
    const chat = this.#chats.get(chatId);
    if (chat === undefined) return;
    chat.leave();
    this.#busy.delete(chat);
  }

  /** Takes a live entry in; true when it was new. */
  add(entry: SignedEntry): boolean {
    const chat = this.ensure(entry.chatId);
    if (chat === undefined || !chat.add(entry)) return false;
    if (chat.transcript.hasGap(entry)) this.#busy.add(chat);
    return true;
  }

  /** Takes a page in; returns its entries that were new. */
  page(frame: FrameOf<"entries">): readonly SignedEntry[] {
    const chat = this.#chats.get(frame.chatId);
    if (chat === undefined) return [];
    chat.version += 1;
    this.#busy.add(chat);
    this.#served();
    return chat.sync.page(frame);
  }

  /** The server lacks entries of a chat. */
  want(frame: FrameOf<"want_entries">): void {
    const chat = this.#chats.get(frame.chatId);
    if (chat === undefined) return;
    chat.sync.want(frame.have);
    this.#busy.add(chat);
  }

  /** A slice of an upload arrived. */
  uploaded(frame: FrameOf<"uploaded">): void {
    const chat = this.#chats.get(frame.chatId);
    if (chat === undefined) return;
    chat.confirmed = true;
    chat.version += 1;
    chat.sync.uploaded(frame);
    this.#served();
    this.#busy.add(chat);
  }

  /** The server holds at least these, as its heartbeat says. */
  compare(vectors: FrameOf<"heartbeat">["chats"]): void {
    for (const chat of this.#chats.values()) {
      const vector = vectors[chat.chatId];
      if (vector === undefined) continue;
      chat.sync.learn(vector);
      this.#busy.add(chat);
    }
  }

  /**
   * A transfer was refused; the frame does not say of which chat, so it counts for all in flight.
   * None is sent again before a wait.
   */
  refused(type: TransferType, frame: FrameOf<"refused">, { now, random }: Chance): void {
    const wait = retryDelayMs({ attempts: this.#refusals, random }, frame.retryAfterMs);
    this.#heldUntil = now + wait;
    this.#refusals += 1;
    for (const chat of this.#chats.values()) {
      if (chat.sync.inFlight === 0) continue;
      chat.sync.refused(type, frame);
      this.#busy.add(chat);
    }
  }

  /** When held transfers may go on; undefined when none is held. */
  deadline(now: number): number | undefined {
    return this.#busy.size > 0 && this.#heldUntil > now ? this.#heldUntil : undefined;
  }

  /** The requests to send now, at most `transfersMax` under way over all chats. */
  takeTransfers(now: number): readonly ClientFrame[] {
    if (this.#busy.size === 0 || now < this.#heldUntil) return [];
    const frames: ClientFrame[] = [];
    let inFlight = 0;
    for (const chat of this.#busy) inFlight += chat.sync.inFlight;
    for (const chat of this.#busy) {
      const levelBefore = chat.sync.level;
      chat.sync.compare();
      while (inFlight < limits.transfersMax) {
        const frame = chat.sync.next();
        if (frame === undefined) break;
        frames.push(frame);
        inFlight += 1;
      }
      if (chat.sync.level !== levelBefore) chat.version += 1;
      if (chat.sync.idle) this.#busy.delete(chat);
    }
    return frames;
  }

  /**
   * Vectors of running chats and then of ended ones that lack something, newest first as far as
   * they fit into one frame. A server speaks by itself of running chats only.
   */
  vectors(): Record<ChatId, Vector> {
    const named = [...this.#chats.values()].filter((chat) => chat.running || chat.endedBehind);
    if (named.length > 1) {
      named.sort((a, b) =>
        Number(b.running) - Number(a.running) ||
        (b.view?.requestedAt ?? 0) - (a.view?.requestedAt ?? 0)
      );
    }
    const vectors: Record<ChatId, Vector> = {};
    let bytes = 0;
    for (const chat of named.slice(0, limits.chatsPerHelloMax)) {
      const vector = bounded(chat.transcript.vector);
      bytes += JSON.stringify(vector).length + chat.chatId.length + 4;
      if (bytes > limits.vectorsBytesMax) break;
      vectors[chat.chatId] = vector;
    }
    return vectors;
  }

  #served(): void {
    this.#refusals = 0;
    this.#heldUntil = 0;
  }

  /** Ended chats go when there are too many, the earliest ended first. */
  #evict(): void {
    if (this.#chats.size < limits.endedChatsMax) return;
    const ended: { chatId: ChatId; at: number }[] = [];
    for (const { chatId, view } of this.#chats.values()) {
      if (view?.state.state === "ended") ended.push({ chatId, at: view.state.at });
    }
    ended.sort((a, b) => a.at - b.at);
    const surplus = ended.length - limits.endedChatsMax + 1;
    for (const { chatId } of ended.slice(0, Math.max(0, surplus))) this.forget(chatId);
  }
}
