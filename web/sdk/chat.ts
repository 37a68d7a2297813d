import type { SignedEntry } from "../../core/entry.ts";
import type { ChatId } from "../../core/ids.ts";
import type { ChatView } from "../../core/views.ts";
import { ChatSync } from "./chat_sync.ts";
import { Transcript } from "./transcript.ts";
import { exceeds, streamKeyOf, type Vector } from "./vector.ts";

/** One chat in this page's memory. */
export class Chat {
  readonly chatId: ChatId;
  readonly transcript = new Transcript();
  readonly sync: ChatSync;
  /** What the server says about it; undefined while it is only asked for. */
  view: ChatView | undefined;
  /**
   * Whether the current connection's server named it; a server that lost it may be given it back.
   */
  confirmed = false;
  /** This side had the chat and has it no more: somebody else goes on with it. */
  left = false;
  /** Counts changes, so that a snapshot is rebuilt only for chats that changed. */
  version = 1;

  constructor(chatId: ChatId) {
    this.chatId = chatId;
    this.sync = new ChatSync(chatId, this.transcript);
  }

  /** Whether it runs, so that its vector belongs into hello and heartbeat. */
  get running(): boolean {
    if (this.left) return false;
    return this.view === undefined ? this.transcript.size > 0 : this.view.state.state !== "ended";
  }

  /** Whether it ended and something of it is missing: no live entry will ever tell of that. */
  get endedBehind(): boolean {
    const { view, transcript } = this;
    if (view?.state.state !== "ended" || transcript.full) return false;
    return exceeds(view.vector, transcript.vector);
  }

  /** Takes in what the server says about the chat. */
  see(view: ChatView): void {
    this.view = view;
    this.left = false;
    this.confirmed = true;
    this.sync.learn(view.vector);
    this.version += 1;
  }

  /** The server knows a thread, which has no view, and holds this much of it. */
  named(vector: Vector): void {
    this.confirmed = true;
    this.sync.learn(vector);
    this.version += 1;
  }

  /** Somebody else goes on with it. */
  leave(): void {
    this.left = true;
    this.version += 1;
  }

  /** Takes an entry in; true when it was new. A gap before it is noticed and will be asked for. */
  add(entry: SignedEntry): boolean {
    if (!this.transcript.add(entry)) return false;
    if (this.transcript.hasGap(entry)) this.sync.learn({ [streamKeyOf(entry)]: entry.n });
    this.version += 1;
    return true;
  }
}
