import type { Entry, SignedEntry } from "../../core/entry.ts";
import type { Vector } from "../../core/cursor.ts";
import type { ChatId, DepartmentId } from "../../core/ids.ts";
import { may } from "../../core/permission.ts";
import type { SiteConfig } from "../../core/site_config.ts";
import type { ChatSummary, ChatView, WaitingChat } from "../../core/views.ts";
import type { ServerFrame } from "../../core/server_frames.ts";
import type { Signer } from "../../server/signer.ts";
import type { Wire } from "./wire.ts";
import type { RuleName } from "./rules.ts";
import { maySeeWaiting } from "./sight.ts";
import type { SiteTruth } from "./site_truth.ts";

/** Judges what a node sends, against what is on its disk at that moment. */
export class FrameCheck {
  readonly #truth: SiteTruth;
  readonly #signer: Signer;
  readonly #link: Wire;
  readonly #violate: (rule: RuleName, message: string) => void;

  /** The site's configurations that may have been in force when the frame was decided. */
  readonly #configs: readonly SiteConfig[];

  constructor(
    link: Wire,
    { truth, signer, configs, violate }: {
      truth: SiteTruth;
      signer: Signer;
      configs: readonly SiteConfig[];
      violate: (rule: RuleName, message: string) => void;
    },
  ) {
    this.#link = link;
    this.#truth = truth;
    this.#signer = signer;
    this.#configs = configs;
    this.#violate = violate;
  }

  judge(frame: ServerFrame): void {
    const { holder } = this.#link.owner;
    if (this.#truth.isBanned(holder.id) && frame.type !== "refused") {
      this.#violate("banned", `${this.#link} is banned and is sent ${frame.type}`);
    }
    if (holder.type === "visitor" && staffFrames.has(frame.type)) {
      this.#violate("staff", `${this.#link} is sent ${frame.type}`);
    }
    switch (frame.type) {
      case "welcome":
        for (const chat of frame.chats) this.#view(chat);
        for (const [chatId, vector] of Object.entries(frame.threads ?? {})) {
          this.#vector(chatId as ChatId, vector); // a record's keys lose their brand
        }
        for (const row of frame.waiting?.chats ?? []) this.#waiting(row);
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
        return this.#typing(frame);
      case "waiting":
        for (const row of frame.added) this.#waiting(row);
        return;
      case "offer":
        return this.#waiting(frame.chat);
      case "chats":
        for (const row of frame.changed) this.#row(row);
        return;
      case "visitor":
      case "visitors":
        return this.#permitted("visitors", undefined, frame.type);
    }
  }

  #waiting({ chatId, departmentId }: WaitingChat): void {
    this.#ofSite(chatId);
    const { holder } = this.#link.owner;
    const may = this.#configs.some((config) => {
      const departments = new Map(config.departments.map((one) => [one.departmentId, one]));
      const agent = config.agents.find(({ agentId }) => agentId === holder.id);
      return maySeeWaiting({ departments }, agent, departmentId ?? "");
    });
    if (!may) this.#violate("no_right", `${this.#link} is shown ${chatId} of ${departmentId}`);
  }

  #row({ chatId, departmentId }: ChatSummary): void {
    this.#ofSite(chatId);
    this.#permitted("monitor", departmentId, `chat ${chatId} of ${departmentId}`);
  }

  #permitted(what: "monitor" | "visitors", departmentId: DepartmentId | undefined, shown: string) {
    const { holder } = this.#link.owner;
    const isPermitted = this.#configs.some(({ agents }) =>
      may(agents.find(({ agentId }) => agentId === holder.id), what, departmentId)
    );
    if (!isPermitted) this.#violate("no_right", `${this.#link} is shown ${shown}`);
  }

  /** Whoever only monitors a chat is not seen by its visitor. */
  #typing({ chatId, from }: Extract<ServerFrame, { type: "typing" }>): void {
    this.#mayKnow(chatId);
    const chat = this.#truth.state.chats.get(chatId);
    const isVisitor = this.#link.owner.holder.type === "visitor";
    if (!isVisitor || from.type !== "agent" || chat === undefined) return;
    const isMonitor = chat.participants.get(from.id) === "monitoring";
    if (isMonitor) this.#violate("staff", `${this.#link} is told that monitor ${from.id} types`);
  }

  #ofSite(chatId: ChatId): void {
    if (this.#truth.chats.has(chatId)) return;
    this.#violate("sites", `${this.#link} is told of chat ${chatId}, which its site never had`);
  }

  /** Visitors their own chats, agents those that they have, joined or monitor. */
  #mayKnow(chatId: ChatId): void {
    const { holder } = this.#link.owner;
    const chat = this.#truth.chats.get(chatId);
    if (chat === undefined) return this.#ofSite(chatId);
    if (holder.type === "visitor") {
      if (chat.visitorId === holder.id) return;
      return this.#violate("sites", `${this.#link} is told of chat ${chatId} of others`);
    }
    const isForgotten = this.#truth.state.conversation(chatId) === undefined;
    if (isForgotten ? chat.seenBy.has(holder.id) : this.#truth.sight.may(chatId, holder)) return;
    this.#violate("no_right", `${this.#link} is told of chat ${chatId}, and has no right to it`);
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
    const { visitor, participants } = view;
    const isStaffs = view.wrapUp !== undefined || visitor.variables !== undefined ||
      visitor.signedInAs !== undefined || participants.some(({ mode }) => mode === "monitoring");
    if (isVisitor && isStaffs) {
      this.#violate("staff", `${this.#link} is shown ${JSON.stringify(view)}`);
    }
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
    const isStaff = entry.stream === "staff" || entry.kind === "note" || entry.kind === "private";
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
    if (chatId !== undefined) this.#ofSite(chatId);
    // These leave no trace of their command, or none when all was so already.
    if (traceless.has(type ?? "") || this.#truth.commands.has(commandId)) return;
    this.#violate("commit_first", `${this.#link} is told that ${type} ${commandId} is done`);
  }
}

const traceless: ReadonlySet<string> = new Set([
  "mark_read",
  "set_variables",
  "sign_in",
  "accept_chat",
  "join_chat",
  "refuse_chat",
]);

/** What no visitor is ever sent. */
const staffFrames: ReadonlySet<string> = new Set([
  "waiting",
  "visitors",
  "chats",
  "agents",
  "visitor",
  "offer",
  "offer_ended",
  "chat_left",
  "status",
]);
