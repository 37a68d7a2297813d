import type { AgentId, ChatId, VisitorId } from "../../core/ids.ts";
import type {
  AgentView,
  Availability,
  ChatSummary,
  VisitorView,
  WaitingChat,
} from "../../core/views.ts";
import type { FrameOf } from "./frame.ts";

/** A waiting chat that is offered to this agent. */
export interface ChatOffer {
  readonly chat: WaitingChat;
  readonly until: number;
}

/** The frames that tell of the site beyond one's own chats. */
export type ListFrame = FrameOf<
  | "visitors"
  | "chats"
  | "agents"
  | "visitor"
  | "offer"
  | "offer_ended"
  | "invitation"
  | "invitation_ended"
  | "availability"
  | "sign_in_wanted"
>;

/** The lists as they are shown; a new object whenever something of them changed. */
export interface ListsSnapshot {
  readonly visitors: readonly VisitorView[];
  /** Visitors that agents can see, and all. */
  readonly listed: number;
  readonly total: number;
  readonly chats: readonly ChatSummary[];
  readonly agents: readonly AgentView[];
  readonly offers: readonly ChatOffer[];
  readonly visitor: FrameOf<"visitor"> | undefined;
  readonly invitation: FrameOf<"invitation"> | undefined;
  readonly availability: Availability | undefined;
  readonly signInWanted: boolean;
}

/** What this page was told of the site beyond its own chats; begins anew with each connection. */
export class SiteLists {
  readonly visitors = new Map<VisitorId, VisitorView>();
  readonly chats = new Map<ChatId, ChatSummary>();
  readonly agents = new Map<AgentId, AgentView>();
  readonly offers = new Map<ChatId, ChatOffer>();
  /** The visitor asked for last, with its pages and variables. */
  visitor: FrameOf<"visitor"> | undefined;
  listed = 0;
  total = 0;
  invitation: FrameOf<"invitation"> | undefined;
  availability: Availability | undefined;
  signInWanted = false;
  #snapshot: ListsSnapshot | undefined;

  /** All of it; the same object until something changes. */
  snapshot(): ListsSnapshot {
    this.#snapshot ??= {
      visitors: [...this.visitors.values()],
      listed: this.listed,
      total: this.total,
      chats: [...this.chats.values()],
      agents: [...this.agents.values()],
      offers: [...this.offers.values()],
      visitor: this.visitor,
      invitation: this.invitation,
      availability: this.availability,
      signInWanted: this.signInWanted,
    };
    return this.#snapshot;
  }

  /** A connection began: it tells everything again. */
  reset(availability: Availability | undefined): void {
    this.visitors.clear();
    this.chats.clear();
    this.agents.clear();
    this.offers.clear();
    this.invitation = undefined;
    this.signInWanted = false;
    this.availability = availability;
    this.listed = 0;
    this.total = 0;
    this.#snapshot = undefined;
  }

  /** This visitor has signed in. */
  signedIn(): void {
    this.signInWanted = false;
    this.#snapshot = undefined;
  }

  /** Takes in a frame. */
  take(frame: ListFrame): void {
    this.#snapshot = undefined;
    switch (frame.type) {
      case "visitors":
        if (frame.snapshot) this.visitors.clear();
        for (const view of frame.changed) this.visitors.set(view.visitorId, view);
        for (const visitorId of frame.removed) this.visitors.delete(visitorId);
        this.listed = frame.listed;
        this.total = frame.total;
        return;
      case "chats":
        if (frame.snapshot) this.chats.clear();
        for (const view of frame.changed) this.chats.set(view.chatId, view);
        for (const chatId of frame.removed) this.chats.delete(chatId);
        return;
      case "agents":
        if (frame.snapshot) this.agents.clear();
        for (const view of frame.changed) this.agents.set(view.agentId, view);
        for (const agentId of frame.removed) this.agents.delete(agentId);
        return;
      case "visitor":
        this.visitor = frame;
        return;
      case "offer":
        this.offers.set(frame.chat.chatId, { chat: frame.chat, until: frame.until });
        return;
      case "offer_ended":
        this.offers.delete(frame.chatId);
        return;
      case "invitation":
        this.invitation = frame;
        return;
      case "invitation_ended":
        if (this.invitation?.invitationId === frame.invitationId) this.invitation = undefined;
        return;
      case "availability":
        this.availability = frame.availability;
        return;
      case "sign_in_wanted":
        this.signInWanted = true;
        return;
    }
  }
}
