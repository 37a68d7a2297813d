import { exceeds, type Vector } from "../../core/cursor.ts";
import { covers } from "../../core/cursor.ts";
import type { Entry } from "../../core/entry.ts";
import type { EngineFrame } from "../../core/event.ts";
import { type ChatId, chatIdSchema } from "../../core/ids.ts";
import { StreamsHeld } from "../../core/streams_held.ts";
import type { CloseName } from "../../core/close_code.ts";
import type { Received, SitePage } from "../harness/site_page.ts";

/**
 * Someone at a page: keeps the entries that it saw, over its reconnects too, asks for those it
 * lacks and uploads those the node lacks, as the SDK does.
 */
export class Person {
  readonly name: string;
  readonly page: SitePage;
  /** The chat that it spoke in last. */
  chatId: ChatId | undefined;
  readonly #held = new Map<ChatId, { streams: StreamsHeld; entries: Entry[] }>();
  #toHandle: Received[] = [];
  #sent: EngineFrame | undefined;
  /** What its commands were, by their ids. */
  readonly labels = new Map<string, string>();

  constructor(name: string, page: SitePage) {
    this.name = name;
    this.page = page;
  }

  /** Says hello with how far it knows its chats. */
  connect(): void {
    const chats: Record<ChatId, Vector> = {};
    for (const [chatId, { streams }] of this.#held) chats[chatId] = streams.vector();
    this.page.connect({ chats });
  }

  send(label: string, frame: EngineFrame): void {
    const id = "messageId" in frame ? frame.messageId : "commandId" in frame && frame.commandId;
    this.labels.set(id || frame.type, label);
    this.#sent = frame;
    this.page.send(frame);
  }

  /** Its answer was lost: it sends the same again. */
  repeat(): void {
    if (this.#sent === undefined) throw new Error(`${this.name} sent nothing yet`);
    this.page.send(this.#sent);
  }

  heartbeat(): void {
    const chats: Record<ChatId, Vector> = {};
    for (const [chatId, { streams }] of this.#held) chats[chatId] = streams.vector();
    this.page.heartbeat(chats);
  }

  /** The last order that it saw in its chat. */
  lastOrder(): number {
    const entries = this.chatId === undefined ? [] : this.#of(this.chatId).entries;
    return Math.max(1, ...entries.map((entry) => entry.order));
  }

  /** Notes a frame; react() handles it. */
  hear(received: Received | CloseName): void {
    if (typeof received === "string") this.page.connection = undefined;
    else this.#toHandle.push(received);
  }

  /** Handles what came; false when there was nothing. */
  react(): boolean {
    const frames = this.#toHandle;
    this.#toHandle = [];
    for (const frame of frames) this.#handle(frame);
    return frames.length > 0;
  }

  #handle(frame: Received): void {
    switch (frame.type) {
      case "welcome":
        for (const chat of frame.chats) {
          if (chat.state.state !== "ended") this.chatId = chat.chatId;
          this.#catchUp(chat.chatId, chat.vector);
        }
        for (const [id, vector] of Object.entries(frame.threads ?? {})) {
          this.#catchUp(chatIdSchema.parse(id), vector);
        }
        return;
      case "chat":
        if (frame.chat.state.state !== "ended") this.chatId = frame.chat.chatId;
        // What a running connection brings comes by itself; a new chat's past is asked for.
        if (!this.#held.has(frame.chat.chatId)) this.#catchUp(frame.chat.chatId, frame.chat.vector);
        return;
      case "ack":
      case "entry":
        if ("entry" in frame) this.#keep(frame.entry);
        return;
      case "entries":
        for (const entry of frame.entries) this.#keep(entry);
        if (frame.more) {
          this.page.getEntries(frame.chatId, this.#of(frame.chatId).streams.vector(), frame.before);
        }
        return;
      case "want_entries": {
        const { chatId, have } = frame;
        const lacking = this.#of(chatId).entries.filter((entry) => !covers(have, entry));
        if (lacking.length > 0) this.page.upload(chatId, lacking);
        return;
      }
    }
  }

  #catchUp(chatId: ChatId, theirs: Vector): void {
    const ours = this.#of(chatId).streams.vector();
    if (exceeds(theirs, ours) && this.page.connection !== undefined) {
      this.page.getEntries(chatId, ours);
    }
  }

  #keep(entry: Entry): void {
    const held = this.#of(entry.chatId);
    if (held.streams.add(entry)) held.entries.push(entry);
  }

  #of(chatId: ChatId) {
    let held = this.#held.get(chatId);
    if (held === undefined) {
      held = { streams: new StreamsHeld(), entries: [] };
      this.#held.set(chatId, held);
    }
    return held;
  }
}
