import type { AgentId, ChatId, CommandId, MessageId, VisitorId } from "../../core/ids.ts";
import type { ListName } from "../../core/presence.ts";
import type { AgentStatus } from "../../core/views.ts";
import { unreachable } from "./assert.ts";
import { ChatClient } from "./chat_client.ts";
import type { ClientEffect, ClientHappening } from "./client_event.ts";
import type { Holder } from "./holder.ts";
import { chatIdOf, createIdMint, type IdMint } from "./ids.ts";
import type { LocalRefusal } from "./outbox.ts";
import type { OutboxFrame } from "./outbox_record.ts";
import { pageClock } from "./page_clock.ts";
import type { ClientSnapshot } from "./snapshot.ts";
import { type OpenSocket, openWebSocket, type Socket } from "./socket.ts";
import { type ClientStorage, memoryStorage } from "./storage.ts";

/** Calls `run` once after `ms`; the answer cancels it. */
export type SetTimer = (run: () => void, ms: number) => () => void;

/** What a session stands on; all but server, site and holder have the real thing as default. */
export interface ChatSessionOptions {
  /** Where the server is, such as "https://chat.example.com". */
  readonly server: string;
  readonly siteId: string;
  readonly holder: Holder;
  /** Shared by the tabs of one visitor. Default: memory, so nothing survives. */
  readonly storage?: ClientStorage;
  readonly openSocket?: OpenSocket;
  /** Milliseconds since 1970 that never go back. */
  readonly now?: () => number;
  readonly random?: () => number;
  readonly setTimer?: SetTimer;
  readonly ids?: IdMint;
}

/** A command of the protocol without its id, which the session makes. */
export type Command = Extract<OutboxFrame, { commandId: CommandId }> extends infer One
  ? One extends OutboxFrame ? Omit<One, "commandId"> : never
  : never;
/** What a command says besides its type and id. */
type AskedFor<Type> = Omit<Extract<Command, { type: Type }>, "type">;

/** What came of a post or command: its id, or why it was not taken in. */
export type Posted<Id> =
  | { readonly type: "posted"; readonly id: Id }
  | { readonly type: "refused"; readonly code: LocalRefusal };

/**
 * A visitor's or agent's session in one page: runs a ChatClient on a socket, storage and a timer.
 * Every method returns at once; what became of it is in the snapshot.
 */
export class ChatSession {
  readonly #url: string;
  readonly #prefix: string;
  readonly #client: ChatClient;
  readonly #storage: ClientStorage;
  readonly #openSocket: OpenSocket;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #setTimer: SetTimer;
  readonly #ids: IdMint;
  readonly #listeners = new Set<() => void>();
  readonly #inbox: ClientHappening[] = [];
  #running = false;
  #socket: { readonly socketNo: number; readonly socket: Socket } | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(options: ChatSessionOptions) {
    const { server, siteId, holder } = options;
    this.#url = socketUrl(server, siteId, holder);
    this.#prefix = outboxPrefix(siteId, holder);
    this.#storage = options.storage ?? memoryStorage();
    this.#openSocket = options.openSocket ?? openWebSocket;
    this.#now = options.now ?? pageClock();
    this.#random = options.random ?? Math.random;
    this.#setTimer = options.setTimer ?? realTimer;
    this.#ids = options.ids ?? createIdMint();
    this.#client = new ChatClient({ holder, connectionId: this.#ids.connectionId() });
  }

  /** Connects and stays connected until `stop` or a stop code. Also after one, with a new token. */
  start(token: string): void {
    this.#handle({ type: "start", token });
  }

  /** Leaves. Un-acked messages stay in storage; the session may be started again. */
  stop(): void {
    this.#handle({ type: "stop" });
  }

  /** Everything to show; the same object until something changes. */
  snapshot(): ClientSnapshot {
    return this.#client.snapshot();
  }

  /** Calls back after every change; the answer ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Visitors: asks for a chat. Its chatId is known at once and may be posted to at once; should the
   * server have known another chat of it, the snapshot shows this one under a new id.
   */
  requestChat(asked: AskedFor<"request_chat"> = {}): Posted<ChatId> {
    const commandId = this.#ids.commandId();
    const posted = this.#command({ type: "request_chat", commandId, ...asked }, commandId);
    return posted.type === "refused" ? posted : { type: "posted", id: chatIdOf(commandId) };
  }

  /** Posts a message to a chat. */
  post(chatId: ChatId, text: string): Posted<MessageId> {
    const messageId = this.#ids.messageId();
    return this.#command({ type: "post_message", chatId, messageId, text }, messageId);
  }

  /** Agents: posts a note, which no visitor ever sees. */
  postNote(chatId: ChatId, text: string): Posted<MessageId> {
    const messageId = this.#ids.messageId();
    return this.#command({ type: "post_note", chatId, messageId, text }, messageId);
  }

  /** Agents: writes to another agent. */
  postPrivate(to: AgentId, text: string): Posted<MessageId> {
    const messageId = this.#ids.messageId();
    return this.#command({ type: "post_private", to, messageId, text }, messageId);
  }

  /** Gives any other command of the protocol; it is repeated until it is answered. */
  command(command: Command): Posted<CommandId> {
    const commandId = this.#ids.commandId();
    // What a command lacks is its id only.
    return this.#command({ ...command, commandId } as OutboxFrame, commandId);
  }

  /** Say `on` at every key press; it is told to the others now and then, and ended when idle. */
  typing(chatId: ChatId, on: boolean): void {
    this.#handle({ type: "typed", chatId, on });
  }

  /** Everything up to this order was seen. Repeats and steps back are not sent. */
  markRead(chatId: ChatId, order: number): Posted<CommandId> {
    const commandId = this.#ids.commandId();
    return this.#command({ type: "mark_read", commandId, chatId, order }, commandId);
  }

  /** Ends the chat for everybody, after what was posted before. */
  endChat(chatId: ChatId): Posted<CommandId> {
    const commandId = this.#ids.commandId();
    return this.#command({ type: "end_chat", commandId, chatId }, commandId);
  }

  /** Agents: takes a waiting chat. */
  acceptChat(chatId: ChatId): Posted<CommandId> {
    const commandId = this.#ids.commandId();
    return this.#command({ type: "accept_chat", commandId, chatId }, commandId);
  }

  /** Agents: sets the own status. */
  setStatus(status: AgentStatus): Posted<CommandId> {
    const commandId = this.#ids.commandId();
    return this.#command({ type: "set_status", commandId, status }, commandId);
  }

  /** Visitors: tells which page is open; told again after every reconnect. */
  viewPage(url: string, title: string, more: { referrer?: string; visits?: number } = {}): void {
    this.#handle({ type: "page_viewed", url, title, ...more });
  }

  /** Visitors: sets custom variables beside those set before; an empty value removes one. */
  setVariables(variables: Readonly<Record<string, string>>): void {
    this.#handle({ type: "variables_set", commandId: this.#ids.commandId(), variables });
  }

  /** Agents: the lists to be told of, now and after every reconnect. */
  subscribeTo(lists: readonly ListName[]): void {
    this.#handle({ type: "lists_wanted", lists });
  }

  /** Agents: shows this visitor's details in `lists.visitor`; undefined: nobody's any more. */
  showVisitor(visitorId: VisitorId | undefined): void {
    this.#handle({ type: "visitor_wanted", visitorId });
  }

  /** Removes a failed post or command that the person has seen. */
  dismiss(id: string): void {
    this.#handle({ type: "dismissed", id });
  }

  /** Drops an ended or lost chat from memory. */
  closeChat(chatId: ChatId): void {
    this.#handle({ type: "chat_closed", chatId });
  }

  /** The device is online again: do not wait for the back-off to end. */
  networkReturned(): void {
    this.#handle({ type: "network_returned" });
  }

  #command<Id>(frame: OutboxFrame, id: Id): Posted<Id> {
    const code = this.#client.refusalOf(frame);
    if (code !== undefined) return { type: "refused", code };
    this.#handle({ type: "commanded", frame });
    return { type: "posted", id };
  }

  /** Events that come up while effects are carried out wait for their turn. */
  #handle(happening: ClientHappening): void {
    this.#inbox.push(happening);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        const event = { ...next, now: this.#now(), random: this.#random() };
        for (const effect of this.#client.handle(event)) this.#run(effect);
      }
    } finally {
      this.#running = false;
    }
  }

  #run(effect: ClientEffect): void {
    switch (effect.type) {
      case "open_socket":
        return this.#open(effect.socketNo);
      case "close_socket":
        if (this.#socket?.socketNo !== effect.socketNo) return;
        this.#socket.socket.close();
        this.#socket = undefined;
        return;
      case "send":
        if (this.#socket?.socketNo === effect.socketNo) this.#socket.socket.send(effect.text);
        return;
      case "store":
        this.#storage.set(this.#prefix + effect.id, effect.text);
        return;
      case "forget":
        return this.#storage.remove(this.#prefix + effect.id);
      case "read_storage":
        return this.#readStorage();
      case "wake_at":
        return this.#wakeAt(effect.at);
      case "changed":
        for (const listener of this.#listeners) listener();
        return;
      default:
        return unreachable(effect);
    }
  }

  #open(socketNo: number): void {
    const socket = this.#openSocket(this.#url, {
      opened: () => this.#handle({ type: "socket_opened", socketNo }),
      received: (text) => this.#handle({ type: "socket_received", socketNo, text }),
      closed: (code) => this.#handle({ type: "socket_closed", socketNo, code }),
    });
    this.#socket = { socketNo, socket };
  }

  #readStorage(): void {
    const records = this.#storage.keys(this.#prefix).map((key) => ({
      id: key.slice(this.#prefix.length),
      text: this.#storage.get(key) ?? "",
    }));
    this.#handle({ type: "storage_read", records });
  }

  #wakeAt(at: number | undefined): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (at === undefined) return;
    this.#cancelTimer = this.#setTimer(
      () => this.#handle({ type: "woke" }),
      Math.max(0, at - this.#now()),
    );
  }
}

/**
 * Where one holder's un-acked messages lie: another visitor or agent of this browser never sends
 * them.
 */
export function outboxPrefix(siteId: string, holder: Holder): string {
  return `chatnode/${siteId}/${holder.type}/${holder.id}/outbox/`;
}

function socketUrl(server: string, siteId: string, holder: Holder): string {
  const url = new URL(`/v1/sites/${encodeURIComponent(siteId)}/${holder.type}`, server);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  return url.href;
}

function realTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
