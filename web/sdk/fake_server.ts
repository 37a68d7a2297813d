import type { EntryKind, SignedEntry, Stream } from "../../core/entry.ts";
import type { ChatId, TenureId, VisitorId } from "../../core/ids.ts";
import type { ChatStateView, ChatView } from "../../core/views.ts";
import type { RefusalCode } from "../../core/refusal.ts";
import type { ClientFrame, FrameOf, ServerFrame } from "./frame.ts";
import type { Holder } from "./holder.ts";
import { compareEntries, identityOf, Transcript } from "./transcript.ts";
import { exceeds, type Vector } from "./vector.ts";

/** One connection as the fake server sees it. */
export interface FakePeer {
  readonly holder: Holder;
  send(frame: ServerFrame): void;
  close(code: number): void;
}

interface FakeChat {
  readonly chatId: ChatId;
  readonly requestedAt: number;
  readonly visitor: ChatView["visitor"];
  readonly byIdentity: Map<string, SignedEntry>;
  transcript: Transcript;
  state: ChatStateView;
  agentId: string | undefined;
  read: { visitor: number; agent: number };
}

type Of<Type extends ClientFrame["type"]> = Extract<ClientFrame, { type: Type }>;

/**
 * The server's side of the protocol, for tests of the SDK: one site, in memory, no clock of its
 * own. It may be restarted with a new tenure, with or without what it knew.
 */
export class FakeServer {
  readonly #peers = new Set<FakePeer>();
  readonly #chats = new Map<ChatId, FakeChat>();
  readonly #refuseOnce = new Map<string, RefusalCode>();
  #tenureNo = 0;
  #tenure = tenureOf(0);
  #now = 0;

  /** Ids of chats that it forgot. */
  readonly spent = new Set<string>();

  /** Drops a chat; its id is spent. */
  forget(chatId: ChatId): void {
    this.#chats.delete(chatId);
    this.spent.add(chatId);
  }

  /** The transcript of a chat, as the server has it. */
  shown(chatId: ChatId): readonly SignedEntry[] {
    return this.#chats.get(chatId)?.transcript.shown ?? [];
  }

  /** Refuses the next frame of this id or type, retryable. */
  refuseOnce(re: string, code: RefusalCode): void {
    this.#refuseOnce.set(re, code);
  }

  /**
   * All connections are gone and a new tenure begins; of each stream only the first `keep(n)` stay.
   */
  restart(keep: (entry: SignedEntry) => boolean = () => true): void {
    this.#peers.clear();
    this.#tenure = tenureOf(++this.#tenureNo);
    for (const chat of this.#chats.values()) {
      const kept = chat.transcript.lackedBy({}).filter(keep);
      chat.transcript = new Transcript();
      chat.byIdentity.clear();
      for (const entry of kept) this.#hold(chat, entry);
    }
  }

  /** The connection is gone. */
  disconnect(peer: FakePeer): void {
    this.#peers.delete(peer);
  }

  /** A frame arrived on a connection. */
  receive(peer: FakePeer, frame: ClientFrame, now: number): void {
    this.#now = Math.max(now, this.#now + 1);
    const re = "messageId" in frame
      ? frame.messageId
      : "commandId" in frame
      ? frame.commandId
      : frame.type;
    const code = this.#refuseOnce.get(re) ?? this.#refuseOnce.get(frame.type);
    if (code !== undefined) {
      this.#refuseOnce.delete(re);
      this.#refuseOnce.delete(frame.type);
      return this.#refuse(peer, re, { code, retryable: true });
    }
    this.#answer(peer, frame, re);
  }

  #answer(peer: FakePeer, frame: ClientFrame, re: string): void {
    if (frame.type === "hello") return this.#welcome(peer, frame);
    if (frame.type === "request_chat") return this.#request(peer, frame);
    if (frame.type === "heartbeat") return this.#heartbeat(peer, frame);
    if (frame.type === "view_page") return;
    if (frame.type === "set_status") {
      peer.send({ type: "done", commandId: frame.commandId });
      return peer.send({ type: "status", status: frame.status });
    }
    if (frame.type === "subscribe" || frame.type === "get_rows") return this.#rows(peer, frame);
    if (!("chatId" in frame) && "commandId" in frame) {
      return peer.send({ type: "done", commandId: frame.commandId });
    }
    const chat = "chatId" in frame ? this.#chats.get(frame.chatId) : undefined;
    if (chat === undefined) {
      return this.#refuse(peer, re, { code: "unknown_chat", retryable: false });
    }
    switch (frame.type) {
      case "post_message":
        return this.#post(peer, chat, { frame, kind: "message", stream: "public" });
      case "post_note":
        return this.#post(peer, chat, { frame, kind: "note", stream: "staff" });
      case "get_entries":
        return this.#page(peer, chat, frame);
      case "upload_entries":
        return this.#upload(peer, chat, frame);
      case "typing": {
        const { chatId } = chat;
        return this.#tell(chat, { type: "typing", chatId, from: peer.holder, on: frame.on }, peer);
      }
      case "mark_read": {
        const side = peer.holder.type;
        chat.read = { ...chat.read, [side]: Math.max(chat.read[side], frame.order) };
        break;
      }
      case "accept_chat":
        this.#accept(peer, chat);
        break;
      case "end_chat":
        this.#end(peer, chat);
    }
    if (!("commandId" in frame)) return;
    peer.send({ type: "done", commandId: frame.commandId, chatId: chat.chatId });
    this.#tellView(chat);
  }

  /** A list of visitors in two pages, of one row each. */
  #rows(peer: FakePeer, frame: Of<"subscribe"> | Of<"get_rows">): void {
    if (frame.type === "subscribe" && !frame.lists.includes("visitors")) return;
    const isFirst = frame.type === "subscribe";
    peer.send({
      type: "visitors",
      snapshot: isFirst,
      ...(isFirst ? { more: true } : {}),
      changed: [{
        // Born here for tests; a ULID in form.
        visitorId: `01V0000000000000000000000${isFirst ? 1 : 2}` as VisitorId,
        state: "on_site",
        signedIn: false,
        arrivedAt: this.#now,
        pages: 1,
        visits: 1,
      }],
      removed: [],
      listed: 2,
      total: 3,
    });
  }

  #welcome(peer: FakePeer, frame: Of<"hello">): void {
    this.#peers.add(peer);
    const { holder } = peer;
    // Running chats and those that are named, as the real one does.
    const chats = [...this.#chats.values()].filter((chat) =>
      sees(holder, chat) &&
      (chat.state.state !== "ended" || frame.chats[chat.chatId] !== undefined)
    );
    const waiting = [...this.#chats.values()].filter(({ state }) => state.state === "waiting");
    const listed = waiting.map((chat) => ({
      chatId: chat.chatId,
      visitorId: chat.visitor.id,
      since: chat.requestedAt,
    }));
    peer.send({
      type: "welcome",
      protocol: 1,
      term: 1,
      tenure: this.#tenure,
      at: this.#now,
      self: holder.type === "visitor"
        ? { ...holder, signedIn: false }
        : { ...holder, name: holder.id, status: "online" },
      chats: chats.map((chat) => viewOf(chat, holder)),
      ...(holder.type === "agent" ? { waiting: { chats: listed, total: listed.length } } : {}),
    });
    for (const chat of chats) this.#wantFrom(peer, chat, frame.chats[chat.chatId] ?? {});
  }

  #wantFrom(peer: FakePeer, chat: FakeChat, theirs: Vector): void {
    const have = vectorFor(peer.holder, chat);
    if (exceeds(theirs, have)) peer.send({ type: "want_entries", chatId: chat.chatId, have });
  }

  #heartbeat(peer: FakePeer, frame: Of<"heartbeat">): void {
    const chats: Record<ChatId, Vector> = {};
    for (const chat of this.#chats.values()) {
      const theirs = frame.chats[chat.chatId];
      if (theirs === undefined || !sees(peer.holder, chat)) continue;
      chats[chat.chatId] = vectorFor(peer.holder, chat);
      this.#wantFrom(peer, chat, theirs);
    }
    peer.send({ type: "heartbeat", at: this.#now, chats });
  }

  #request(peer: FakePeer, { commandId }: Of<"request_chat">): void {
    if (peer.holder.type !== "visitor") return;
    if (this.spent.has(commandId)) {
      return this.#refuse(peer, commandId, { code: "id_reused", retryable: false });
    }
    // The protocol says that a chat is named by its request; only the brand differs.
    const chatId = commandId as string as ChatId;
    const known = this.#chats.get(chatId);
    const chat: FakeChat = known ?? {
      chatId,
      requestedAt: this.#now,
      visitor: { id: peer.holder.id },
      byIdentity: new Map(),
      transcript: new Transcript(),
      state: { state: "waiting", since: this.#now, position: 1 },
      agentId: undefined,
      read: { visitor: 0, agent: 0 },
    };
    this.#chats.set(chatId, chat);
    peer.send({ type: "done", commandId, chatId });
    this.#tellView(chat);
    if (known !== undefined) return;
    const waiting = { chatId, visitorId: chat.visitor.id, since: chat.requestedAt };
    for (const other of this.#peers) {
      if (other.holder.type !== "agent") continue;
      other.send({ type: "waiting", added: [waiting], removed: [], total: 1 });
    }
  }

  #accept(peer: FakePeer, chat: FakeChat): void {
    if (peer.holder.type !== "agent" || chat.state.state !== "waiting") return;
    const { id } = peer.holder;
    chat.agentId = id;
    chat.state = { state: "active", since: this.#now, agentId: id, agentName: id };
    for (const other of this.#peers) {
      if (other.holder.type !== "agent") continue;
      other.send({ type: "waiting", added: [], removed: [chat.chatId], total: 0 });
    }
  }

  #end(peer: FakePeer, chat: FakeChat): void {
    const reason = peer.holder.type === "visitor" ? "visitor_ended" : "agent_ended";
    if (chat.state.state === "ended") return;
    chat.state = { state: "ended", at: this.#now, by: peer.holder, reason };
  }

  #post(
    peer: FakePeer,
    chat: FakeChat,
    { frame, kind, stream }: {
      frame: Of<"post_message"> | Of<"post_note">;
      kind: EntryKind;
      stream: Stream;
    },
  ): void {
    const { chatId, messageId, text } = frame;
    const author = peer.holder;
    const known = chat.byIdentity.get(identityOf(author, messageId));
    const entry = known ?? {
      chatId,
      tenure: this.#tenure,
      stream,
      n: (chat.transcript.vector[`${this.#tenure}/${stream}`] ?? 0) + 1,
      order: Math.max(this.#now, (chat.transcript.shown.at(-1)?.order ?? 0) + 1),
      at: this.#now,
      author,
      id: messageId,
      kind,
      text,
      sig: `sig ${messageId}`,
    };
    const { tenure, n, order, at, sig } = entry;
    peer.send({
      type: "ack",
      chatId,
      messageId,
      tenure,
      stream: entry.stream,
      n,
      order,
      at,
      sig,
    });
    if (known !== undefined) return;
    this.#hold(chat, entry);
    this.#tell(chat, { type: "entry", entry }, peer);
  }

  #page(peer: FakePeer, chat: FakeChat, { have, before }: Of<"get_entries">): void {
    const lacked = chat.transcript.lackedBy(have)
      .filter((entry) => before === undefined || entry.order < before)
      .filter((entry) => peer.holder.type === "agent" || entry.stream === "public")
      .sort(compareEntries);
    const entries = lacked.slice(-50);
    const more = lacked.length > entries.length;
    const oldest = entries[0]?.order;
    peer.send({
      type: "entries",
      chatId: chat.chatId,
      entries,
      vector: vectorFor(peer.holder, chat),
      more,
      ...(more && oldest !== undefined ? { before: oldest } : {}),
    });
  }

  #upload(peer: FakePeer, chat: FakeChat, { entries }: Of<"upload_entries">): void {
    for (const entry of entries) {
      if (!this.#hold(chat, entry)) continue;
      this.#tell(chat, { type: "entry", entry }, peer);
    }
    peer.send({
      type: "uploaded",
      chatId: chat.chatId,
      vector: vectorFor(peer.holder, chat),
      accepted: entries.length,
      refused: [],
    });
  }

  #hold(chat: FakeChat, entry: SignedEntry): boolean {
    const identity = identityOf(entry.author, entry.id);
    if (!chat.byIdentity.has(identity)) chat.byIdentity.set(identity, entry);
    return chat.transcript.add(entry);
  }

  #tell(chat: FakeChat, frame: FrameOf<"entry"> | FrameOf<"typing">, but: FakePeer): void {
    for (const peer of this.#peers) {
      if (peer === but || !sees(peer.holder, chat)) continue;
      const staff = frame.type === "entry" && frame.entry.stream === "staff";
      if (!staff || peer.holder.type === "agent") peer.send(frame);
    }
  }

  #tellView(chat: FakeChat): void {
    for (const peer of this.#peers) {
      if (!sees(peer.holder, chat)) continue;
      peer.send({ type: "chat", chat: viewOf(chat, peer.holder) });
    }
  }

  #refuse(
    peer: FakePeer,
    re: string,
    { code, retryable }: { code: RefusalCode; retryable: boolean },
  ): void {
    peer.send({ type: "refused", re, code, retryable, message: `Refused: ${code}` });
  }
}

function tenureOf(no: number): TenureId {
  // Born here for tests; a ULID in form, and later ones sort later.
  return `01J${String(no).padStart(23, "0")}` as TenureId;
}

function sees(holder: Holder, chat: FakeChat): boolean {
  if (holder.type === "visitor") return holder.id === chat.visitor.id;
  return chat.agentId === holder.id;
}

function vectorFor(holder: Holder, chat: FakeChat): Vector {
  if (holder.type === "agent") return chat.transcript.vector;
  const streams = Object.entries(chat.transcript.vector);
  return Object.fromEntries(streams.filter(([key]) => key.endsWith("/public")));
}

function viewOf(chat: FakeChat, holder: Holder): ChatView {
  const { chatId, state, requestedAt, visitor, read } = chat;
  const vector = { ...vectorFor(holder, chat) };
  return { chatId, state, requestedAt, visitor, participants: [], read, vector };
}
