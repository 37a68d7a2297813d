import type { Author, SignedEntry } from "../../core/entry.ts";
import type { AgentId, ChatId, VisitorId } from "../../core/ids.ts";
import type { AgentStatus, ChatView } from "../../core/views.ts";
import type { Chat } from "./chat.ts";
import type { ChatBook } from "./chat_book.ts";
import type { ConnectionState } from "./connection.ts";
import type { Outbox, OutboxItem } from "./outbox.ts";
import { isThread } from "./ids.ts";
import { chatIdOfFrame, type Failure, isPost, type OutboxFrame } from "./outbox_record.ts";
import type { ListsSnapshot, SiteLists } from "./site_lists.ts";
import type { TypingNotices } from "./typing.ts";
import type { WaitingList, WaitingSnapshot } from "./waiting_list.ts";

/** Who is connected here; the server confirms it with its welcome. */
export type Self =
  | {
    readonly type: "visitor";
    readonly id: VisitorId;
    /** Whether the site vouches for who this is. */
    readonly signedIn: boolean;
  }
  | {
    readonly type: "agent";
    readonly id: AgentId;
    readonly name: string;
    readonly status: AgentStatus;
    /** Why away. */
    readonly reason?: string | undefined;
    /** As last saved. */
    readonly preferences?: string | undefined;
  };

/** A message or note of this side that is no entry yet. `failed` ones stay until dismissed. */
export interface PostSnapshot {
  readonly id: string;
  readonly kind: "message" | "note";
  readonly text: string;
  readonly postedAt: number;
  readonly now: { readonly state: "pending" } | {
    readonly state: "failed";
    readonly failure: Failure;
  };
}

/** A command of this side that was refused for good, such as a chat that was not given. */
export interface FailedCommand {
  readonly id: string;
  readonly type: Exclude<OutboxFrame["type"], "post_message" | "post_note" | "mark_read">;
  readonly chatId: ChatId | undefined;
  readonly failure: Failure;
}

/**
 * One chat as the page shows it: entries in order, then posts. A new object whenever it changed.
 */
export interface ChatSnapshot {
  readonly chatId: ChatId;
  /** Undefined while the chat is only asked for. */
  readonly view: ChatView | undefined;
  /** False when the current server did not name it: not yet connected, or lost there. */
  readonly confirmed: boolean;
  /** Whether everything that the server is known to hold is here. */
  readonly level: boolean;
  /** Ordered, each message once. The live array: read it, do not keep or change it. */
  readonly entries: readonly SignedEntry[];
  readonly posts: readonly PostSnapshot[];
  readonly typing: readonly Author[];
}

/** Everything that a page shows. A new object whenever something changed. */
export interface ClientSnapshot {
  readonly connection: ConnectionState;
  /** Undefined before the first welcome. */
  readonly self: Self | undefined;
  /** In the order in which they became known. */
  readonly chats: readonly ChatSnapshot[];
  /** Agents only: what they write each other. A thread has no view; its chatId names both. */
  readonly threads: readonly ChatSnapshot[];
  readonly failed: readonly FailedCommand[];
  /** Agents only; empty for visitors. */
  readonly waiting: WaitingSnapshot;
  /** The site beyond the own chats: lists asked for, offers, invitations, what the button shows. */
  readonly lists: ListsSnapshot;
  /** Messages and commands without an answer. */
  readonly unacked: number;
}

/** Where the parts of a snapshot come from. */
export interface SnapshotSources {
  readonly connection: ConnectionState;
  readonly self: Self | undefined;
  readonly book: ChatBook;
  readonly outbox: Outbox;
  readonly notices: TypingNotices;
  readonly waiting: WaitingList;
  readonly lists: SiteLists;
}

interface CachedChat {
  readonly version: number;
  readonly snapshot: ChatSnapshot;
}

/** Builds snapshots, and builds anew only those chats that changed. */
export class SnapshotBuilder {
  #chats = new Map<ChatId, CachedChat>();

  /** The snapshot of this moment. */
  build(sources: SnapshotSources): ClientSnapshot {
    const { book, outbox, waiting, lists, connection, self } = sources;
    const failed = outbox.failed();
    const fresh = new Map<ChatId, CachedChat>();
    const chats: ChatSnapshot[] = [];
    const threads: ChatSnapshot[] = [];
    for (const chat of book.all()) {
      const known = this.#chats.get(chat.chatId);
      const kept = known !== undefined && known.version === chat.version
        ? known
        : { version: chat.version, snapshot: chatSnapshot(chat, sources, failed) };
      fresh.set(chat.chatId, kept);
      (isThread(chat.chatId) ? threads : chats).push(kept.snapshot);
    }
    this.#chats = fresh;
    return {
      connection,
      self,
      chats,
      threads,
      failed: failedCommands(failed),
      waiting: waiting.snapshot(),
      lists: lists.snapshot(),
      unacked: outbox.unacked,
    };
  }
}

function chatSnapshot(
  chat: Chat,
  { outbox, notices }: SnapshotSources,
  failed: readonly OutboxItem[],
): ChatSnapshot {
  const posts: PostSnapshot[] = [];
  for (const item of failed) if (item.lane === chat.chatId) pushPost(posts, item);
  for (const item of outbox.waitingIn(chat.chatId)) pushPost(posts, item);
  return {
    chatId: chat.chatId,
    view: chat.view,
    confirmed: chat.confirmed,
    level: chat.sync.level,
    entries: chat.transcript.shown,
    posts,
    typing: notices.in(chat.chatId),
  };
}

function failedCommands(items: readonly OutboxItem[]): readonly FailedCommand[] {
  const failed: FailedCommand[] = [];
  for (const { id, frame, now } of items) {
    if (now.state !== "failed" || isPost(frame) || frame.type === "mark_read") continue;
    const chatId = chatIdOfFrame(frame);
    failed.push({ id, type: frame.type, chatId, failure: now.failure });
  }
  return failed;
}

function pushPost(posts: PostSnapshot[], { id, frame, postedAt, now }: OutboxItem): void {
  if (!isPost(frame)) return;
  posts.push({
    id,
    kind: frame.type === "post_note" ? "note" : "message",
    text: frame.text,
    postedAt,
    now: now.state === "failed" ? now : { state: "pending" },
  });
}
