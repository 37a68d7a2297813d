import type { Entry, SignedEntry } from "../../core/entry.ts";
import type { Vector } from "../../core/cursor.ts";
import type { ChatId } from "../../core/ids.ts";
import type { ChatView } from "../../core/views.ts";
import type { ServerFrame } from "../../core/server_frames.ts";
import type { Signer } from "../../server/signer.ts";
import type { Wire } from "./wire.ts";
import type { RuleName } from "./rules.ts";
import type { SiteTruth } from "./site_truth.ts";

/** Judges what a node sends, against what is on its disk at that moment. */
export class FrameCheck {
  readonly #truth: SiteTruth;
  readonly #signer: Signer;
  readonly #link: Wire;
  readonly #violate: (rule: RuleName, message: string) => void;

  constructor(
    link: Wire,
    { truth, signer, violate }: {
      truth: SiteTruth;
      signer: Signer;
      violate: (rule: RuleName, message: string) => void;
    },
  ) {
    this.#link = link;
    this.#truth = truth;
    this.#signer = signer;
    this.#violate = violate;
  }

  judge(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        for (const chat of frame.chats) this.#view(chat);
        return;
      case "chat":
        return this.#view(frame.chat);
      case "entry":
        return this.#entry(frame.entry);
      case "entries":
        this.#vector(frame.chatId, frame.vector);
        for (const entry of frame.entries) this.#entry(entry);
        return;
      case "ack":
        return this.#ack(frame);
      case "done":
        return this.#done(frame);
      case "want_entries":
        return this.#vector(frame.chatId, frame.have);
      case "uploaded":
        return this.#vector(frame.chatId, frame.vector);
      case "heartbeat":
        for (const [chatId, vector] of Object.entries(frame.chats)) {
          this.#vector(chatId as ChatId, vector); // a record's keys lose their brand
        }
        return;
      case "typing":
        return this.#mayKnow(frame.chatId);
      case "waiting":
        for (const { chatId } of frame.added) this.#ofSite(chatId);
        return;
      case "status":
      case "refused":
        return;
    }
  }

  #ofSite(chatId: ChatId): void {
    if (this.#truth.chats.has(chatId)) return;
    this.#violate("sites", `${this.#link} is told of chat ${chatId}, which its site never had`);
  }

  /** Visitors their own chats, agents those that they were ever assigned. */
  #mayKnow(chatId: ChatId): void {
    const { holder } = this.#link.owner;
    const chat = this.#truth.chats.get(chatId);
    if (chat === undefined) return this.#ofSite(chatId);
    const may = holder.type === "visitor"
      ? chat.visitorId === holder.id
      : chat.agentIds.has(holder.id);
    if (!may) this.#violate("sites", `${this.#link} is told of chat ${chatId} of others`);
  }

  #view(view: ChatView): void {
    const { chatId, state, read } = view;
    this.#vector(chatId, view.vector);
    const truth = this.#truth.chats.get(chatId);
    if (truth === undefined) return;
    if (state.state === "ended" && !truth.ended) {
      this.#violate("commit_first", `${this.#link} is told that chat ${chatId} ended`);
    }
    if (state.state === "active" && !truth.agentIds.has(state.agentId)) {
      this.#violate("commit_first", `${this.#link} is told that ${state.agentId} has ${chatId}`);
    }
    const isVisitor = this.#link.owner.holder.type === "visitor";
    const seen = Math.max(read.visitor, read.agent);
    if (isVisitor && seen > truth.lastPublicOrder) {
      this.#violate("staff", `${this.#link} is told of order ${seen} by a read mark of ${chatId}`);
    }
  }

  #vector(chatId: ChatId, vector: Vector): void {
    this.#mayKnow(chatId);
    for (const [key, n] of Object.entries(vector)) {
      const [tenure = "", stream = ""] = key.split("/");
      if (stream === "staff" && this.#link.owner.holder.type === "visitor") {
        this.#violate("staff", `${this.#link} is told of ${key} of chat ${chatId}`);
      }
      // The key was made of both by the node.
      const stamp = { chatId, tenure, stream, n } as Parameters<SiteTruth["entryOf"]>[0];
      if (this.#truth.entryOf(stamp) === undefined) {
        this.#violate("commit_first", `${this.#link} is told of ${key} ${n} of chat ${chatId}`);
      }
    }
  }

  #entry({ sig, ...entry }: SignedEntry): void {
    const { chatId } = entry;
    this.#mayKnow(chatId);
    const isStaff = entry.stream === "staff" || entry.kind === "note";
    if (isStaff && this.#link.owner.holder.type === "visitor") {
      this.#violate("staff", `${this.#link} is shown a ${entry.kind} of chat ${chatId}`);
    }
    const real = this.#truth.entryOf(entry);
    if (real === undefined) {
      return this.#violate("commit_first", `${this.#link} is shown ${JSON.stringify(entry)}`);
    }
    const fields: readonly (keyof Entry)[] = ["order", "at", "id", "kind", "text"];
    if (
      fields.some((field) => real[field] !== entry[field]) || real.author.id !== entry.author.id
    ) {
      this.#violate("stamps", `${this.#link} is shown a fork: ${JSON.stringify(entry)}`);
    }
    if (sig.length < 20) this.#violate("stamps", `${this.#link} is shown an unsigned entry`);
  }

  #ack(frame: Extract<ServerFrame, { type: "ack" }>): void {
    const { chatId, tenure, stream, n, messageId, order, at, sig } = frame;
    this.#mayKnow(chatId);
    const real = this.#truth.entryOf({ chatId, tenure, stream, n });
    if (real === undefined) {
      return this.#violate("commit_first", `${this.#link} has ${messageId} acknowledged too early`);
    }
    const { holder, siteId } = this.#link.owner;
    if (real.author.id !== holder.id) {
      this.#violate("sites", `${messageId} is of ${real.author.id}`);
    }
    if (real.id !== messageId || real.order !== order || real.at !== at) {
      this.#violate("stamps", `${this.#link} has ${messageId} acknowledged as another entry`);
    }
    if (!this.#signer.verify(siteId, { ...real, sig })) {
      this.#violate("stamps", `The signature in the ack of ${messageId} does not fit`);
    }
  }

  #done({ commandId, chatId }: Extract<ServerFrame, { type: "done" }>): void {
    const type = this.#link.asked.get(commandId);
    if (type === "accept_chat" && chatId !== undefined) {
      // An agent that had the chat already is told so, and nothing new is recorded.
      return this.#mayKnow(chatId);
    }
    // A read mark leaves no trace of its command.
    if (type === "mark_read" || this.#truth.commands.has(commandId)) return;
    this.#violate("commit_first", `${this.#link} is told that ${type} ${commandId} is done`);
  }
}
