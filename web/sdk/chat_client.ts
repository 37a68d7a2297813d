import type { SignedEntry } from "../../core/entry.ts";
import type { ChatId, ConnectionId } from "../../core/ids.ts";
import { ackedEntry, contentOf } from "./acked_entry.ts";
import { unreachable } from "./assert.ts";
import { ChatBook } from "./chat_book.ts";
import type { ClientEffect, ClientEvent } from "./client_event.ts";
import {
  type Chance,
  type Connection,
  connectionDeadline,
  type ConnectionEvent,
  idleConnection,
  step,
} from "./connection.ts";
import {
  type ClientFrame,
  type FrameOf,
  protocolVersion,
  readFrames,
  type ServerFrame,
} from "./frame.ts";
import type { Holder } from "./holder.ts";
import type { LocalRefusal, Outbox } from "./outbox.ts";
import { isPost, type OutboxFrame } from "./outbox_record.ts";
import { type ClientSnapshot, type Self, SnapshotBuilder } from "./snapshot.ts";
import { StoredOutbox } from "./stored_outbox.ts";
import { SiteLists } from "./site_lists.ts";
import { ToldAnew } from "./told_anew.ts";
import { TypingNotices, TypingTold } from "./typing.ts";
import { WaitingList } from "./waiting_list.ts";

/** What a client is made of: whose it is, and the page's own id, never stored. */
export interface ChatClientOptions {
  readonly holder: Holder;
  readonly connectionId: ConnectionId;
}

/**
 * The whole client of one page, pure: events in, ordered effects out, no clock, no randomness, no
 * I/O. ChatSession runs it in browsers and in Deno; the simulation runs it on a virtual clock.
 */
export class ChatClient {
  readonly #holder: Holder;
  readonly #connectionId: ConnectionId;
  readonly #book = new ChatBook();
  readonly #stored: StoredOutbox;
  readonly #outbox: Outbox;
  readonly #waiting = new WaitingList();
  readonly #lists = new SiteLists();
  readonly #notices = new TypingNotices();
  readonly #told = new TypingTold();
  readonly #builder = new SnapshotBuilder();
  #connection: Connection = idleConnection;
  #self: Self | undefined;
  #token = "";
  /** When somebody last told it to connect, and the sockets that it had had by then. */
  #started = { at: 0, socketNo: 0 };
  #term = 0;
  /** How far the server's clock is ahead of this page's. */
  #serverAheadMs = 0;
  readonly #anew = new ToldAnew();
  #wakeAt: number | undefined;
  #snapshot: ClientSnapshot | undefined;
  #effects: ClientEffect[] = [];

  constructor({ holder, connectionId }: ChatClientOptions) {
    this.#holder = holder;
    this.#connectionId = connectionId;
    const emit = (effect: ClientEffect) => this.#effects.push(effect);
    this.#stored = new StoredOutbox({ holder, book: this.#book, emit });
    this.#outbox = this.#stored.outbox;
  }

  /** Takes an event in; the effects are to be carried out in this order before the next event. */
  handle(event: ClientEvent): readonly ClientEffect[] {
    this.#effects = [];
    const before = this.#connection.now;
    let changed = this.#take(event, { now: event.now, random: event.random });
    if (this.#connection.now.state === "open") {
      changed = this.#stored.expire(event.now) || changed;
      this.#flush(event.now);
    }
    this.#setWake(event.now);
    if (changed || before !== this.#connection.now) {
      this.#snapshot = undefined;
      this.#effects.push({ type: "changed" });
    }
    return this.#effects;
  }

  /** Whether a frame would be taken in; ask before handing it in, as one that is not is dropped. */
  refusalOf(frame: OutboxFrame): LocalRefusal | undefined {
    return this.#outbox.refusalOf(frame);
  }

  /** What the page shows; the same object until something changes. */
  snapshot(): ClientSnapshot {
    this.#snapshot ??= this.#builder.build({
      connection: this.#connection.now,
      self: this.#self,
      book: this.#book,
      outbox: this.#outbox,
      notices: this.#notices,
      waiting: this.#waiting,
      lists: this.#lists,
    });
    return this.#snapshot;
  }

  /** Takes the event in; true when the snapshot may have changed beside the connection's state. */
  #take(event: ClientEvent, chance: Chance): boolean {
    switch (event.type) {
      case "start":
        return this.#start(event.token, chance);
      case "stop":
      case "socket_opened":
      case "socket_closed":
      case "network_returned":
        return this.#move(event, chance);
      case "socket_received":
        return this.#receive(event.text, event.socketNo, chance);
      case "woke":
        this.#wakeAt = undefined;
        return this.#woke(chance);
      case "storage_read":
        return this.#stored.adopt(event.records, chance.now);
      case "commanded":
        return this.#command(event.frame, chance);
      case "typed":
        return this.#typed(event.chatId, event.on, chance);
      case "page_viewed":
      case "lists_wanted":
      case "visitor_wanted": {
        const frame = this.#anew.take(event);
        if (frame !== undefined && this.#connection.now.state === "open") this.#send(frame);
        return false;
      }
      case "variables_set":
        this.#anew.take(event);
        return this.#tellVariables(chance.now);
      case "dismissed":
        return this.#stored.dismiss(event.id);
      case "chat_closed":
        return this.#book.forget(event.chatId);
      default:
        return unreachable(event);
    }
  }

  #start(token: string, chance: Chance): boolean {
    const { socketNo, now } = this.#connection;
    this.#token = token;
    const isUnderWay = now.state === "connecting" || now.state === "greeting" ||
      now.state === "open";
    if (!isUnderWay) this.#started = { at: Math.round(chance.now), socketNo };
    if (!this.#stored.storageRead) this.#effects.push({ type: "read_storage" });
    return this.#move({ type: "start" }, chance);
  }

  #move(event: ConnectionEvent, chance: Chance): boolean {
    const before = this.#connection;
    const { connection, effects } = step(before, event, chance);
    this.#connection = connection;
    const wasOpen = before.now.state === "open";
    if (wasOpen && connection.now.state !== "open") this.#closed();
    for (const effect of effects) {
      switch (effect.type) {
        case "open_socket":
        case "close_socket":
          this.#effects.push(effect);
          break;
        case "greet":
          this.#send(this.#hello());
          break;
        case "beat":
          this.#outbox.requeueUnanswered(chance.now);
          this.#send({ type: "heartbeat", chats: this.#book.vectors() });
          for (const told of this.#anew.takeRefused()) this.#send(told);
          this.#effects.push({ type: "read_storage" });
          break;
        default:
          unreachable(effect);
      }
    }
    return before !== connection;
  }

  #closed(): void {
    this.#outbox.disconnected();
    this.#notices.clear();
    this.#told.clear();
    for (const chat of this.#book.all()) chat.version += 1;
  }

  #hello(): ClientFrame {
    return {
      type: "hello",
      protocol: protocolVersion,
      token: this.#token,
      connectionId: this.#connectionId,
      startedAt: this.#started.at,
      attempt: this.#connection.socketNo - this.#started.socketNo,
      term: this.#term,
      chats: this.#book.vectors(),
      unacked: this.#outbox.unacked,
    };
  }

  #woke(chance: Chance): boolean {
    const moved = this.#move({ type: "woke" }, chance);
    for (const chatId of this.#told.takeIdle(chance.now)) {
      this.#send({ type: "typing", chatId, on: false });
    }
    const faded = this.#notices.takeFaded(chance.now);
    for (const { chatId } of faded) this.#book.touch(chatId);
    return moved || faded.length > 0;
  }

  #receive(text: string, socketNo: number, chance: Chance): boolean {
    if (socketNo !== this.#connection.socketNo) return false;
    const frames = readFrames(text);
    if (frames === undefined) return this.#move({ type: "broken" }, chance);
    this.#move({ type: "heard" }, chance);
    for (const frame of frames) this.#frame(frame, chance);
    return frames.length > 0;
  }

  #frame(frame: ServerFrame, chance: Chance): void {
    switch (frame.type) {
      case "welcome":
        return this.#welcome(frame, chance);
      case "chat":
        return this.#book.see(frame.chat);
      case "entry":
        if (this.#book.add(frame.entry)) this.#arrived(frame.entry);
        return;
      case "ack":
        return this.#ack(frame);
      case "done":
        return this.#done(this.#stored.remove(frame.commandId)?.frame);
      case "refused":
        return this.#refused(frame, chance);
      case "typing":
        if (this.#notices.set(frame.chatId, frame.from, { on: frame.on, now: chance.now })) {
          this.#book.touch(frame.chatId);
        }
        return;
      case "entries":
        for (const entry of this.#book.page(frame)) this.#arrived(entry);
        return;
      case "want_entries":
        return this.#book.want(frame);
      case "uploaded":
        return this.#book.uploaded(frame);
      case "waiting":
        return this.#waiting.change(frame);
      case "heartbeat":
        this.#move({ type: "heartbeat_answered" }, chance);
        this.#serverAheadMs = frame.at - chance.now;
        return this.#book.compare(frame.chats);
      case "status":
        if (this.#self?.type === "agent") {
          this.#self = { ...this.#self, status: frame.status, reason: frame.reason };
        }
        return;
      case "chat_left":
        return this.#book.left(frame.chatId);
      default:
        this.#lists.take(frame);
        if ("more" in frame && frame.more) this.#send({ type: "get_rows", list: frame.type });
    }
  }

  /** What a command that took effect says of the one who gave it. */
  #done(frame: OutboxFrame | undefined): void {
    if (frame?.type === "sign_in") this.#lists.signedIn();
    if (frame?.type === "sign_in" && this.#self?.type === "visitor") {
      this.#self = { ...this.#self, signedIn: true };
    }
    if (frame?.type === "save_preferences" && this.#self?.type === "agent") {
      this.#self = { ...this.#self, preferences: frame.preferences };
    }
  }

  /** A server that lost the visit lost its variables, so each is told all of them. */
  #tellVariables(now: number): boolean {
    const frame = this.#anew.variables();
    return frame !== undefined && this.#stored.add(frame, now);
  }

  #welcome(frame: FrameOf<"welcome">, chance: Chance): void {
    this.#self = frame.self;
    this.#serverAheadMs = frame.at - chance.now;
    this.#term = Math.max(this.#term, frame.term);
    this.#waiting.reset(frame.waiting);
    this.#lists.reset(frame.availability);
    this.#book.welcomed(frame.chats, frame.threads);
    this.#move({ type: "welcomed" }, chance);
    for (const told of this.#anew.frames()) this.#send(told);
    this.#tellVariables(chance.now);
  }

  /**
   * An entry is here for the first time: its author stopped typing, and an own post has its place.
   */
  #arrived(entry: SignedEntry): void {
    this.#notices.set(entry.chatId, entry.author, { on: false, now: 0 });
    const { author } = entry;
    if (author.type === this.#holder.type && author.id === this.#holder.id) {
      this.#stored.remove(entry.id);
    }
  }

  #ack(frame: FrameOf<"ack">): void {
    const item = this.#stored.remove(frame.messageId);
    const chat = this.#book.ensure(frame.chatId);
    const content = item === undefined
      ? chat?.transcript.find(this.#holder, frame.messageId)
      : contentOf(item.frame, this.#holder);
    if (content !== undefined) this.#book.add(ackedEntry(frame, content));
  }

  #refused(frame: FrameOf<"refused">, chance: Chance): void {
    if (frame.re === "get_entries" || frame.re === "upload_entries") {
      return this.#book.refused(frame.re, frame, chance);
    }
    if (frame.re === "heartbeat") {
      this.#move({ type: "heartbeat_answered" }, chance);
      return;
    }
    if (frame.retryable) this.#anew.refused(frame.re);
    this.#stored.refuse(frame, chance, chance.now + this.#serverAheadMs);
  }

  #command(asked: OutboxFrame, { now }: Chance): boolean {
    const frame = this.#stored.current(asked);
    if (isPost(frame)) this.#told.stopped(frame.chatId);
    if (frame.type === "mark_read" && frame.order <= this.#readUpTo(frame.chatId)) return false;
    return this.#stored.add(frame, now);
  }

  #typed(chatId: ChatId, on: boolean, { now }: Chance): boolean {
    if (this.#connection.now.state !== "open") return false;
    const news = on ? this.#told.pressed(chatId, now) : this.#told.stopped(chatId);
    if (news) this.#send({ type: "typing", chatId, on });
    return false;
  }

  /** What this side has read, or is about to say that it has. */
  #readUpTo(chatId: ChatId): number {
    const last = this.#outbox.waitingIn(`read/${chatId}`).at(-1)?.frame;
    if (last?.type === "mark_read") return last.order;
    return this.#book.find(chatId)?.view?.read[this.#holder.type] ?? 0;
  }

  /** Missing entries are asked for before anything new is said. */
  #flush(now: number): void {
    for (const frame of this.#book.takeTransfers(now)) this.#send(frame);
    for (const { frame } of this.#outbox.takeSendable(now)) this.#send(frame);
  }

  #send(frame: ClientFrame): void {
    const { socketNo } = this.#connection;
    this.#effects.push({ type: "send", socketNo, text: JSON.stringify(frame) });
  }

  #setWake(now: number): void {
    let at = connectionDeadline(this.#connection);
    if (this.#connection.now.state === "open") {
      at = earliest(at, this.#outbox.deadline());
      at = earliest(at, this.#book.deadline(now));
      at = earliest(at, this.#notices.deadline());
      at = earliest(at, this.#told.deadline());
    }
    if (at === this.#wakeAt) return;
    this.#wakeAt = at;
    this.#effects.push({ type: "wake_at", at });
  }
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
