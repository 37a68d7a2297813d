import type { Ban } from "./ban.ts";
import type { Author, Entry } from "./entry.ts";
import type { Answers } from "./form.ts";
import type {
  AgentId,
  CampaignId,
  ChatId,
  CommandId,
  DepartmentId,
  InvitationId,
  Millis,
  TenureId,
  VisitorId,
} from "./ids.ts";
import type { AgentStatus } from "./views.ts";

/** The format of facts and noun snapshots. Release N reads N-1 and writes what N-1 can read. */
export const factVersion = 1;

/** Where a register was last changed: a merge keeps the later (order, then tenure). */
export interface RegisterStamp {
  readonly order: number;
  readonly tenure: TenureId;
}

/** Why a chat ended. */
export type EndReason =
  | "visitor_ended"
  | "agent_ended"
  | "inactive"
  | "visitor_left"
  | "agent_left"
  | "wait_too_long"
  | "banned";

/** Who the site's own pages say the visitor is. [EN8] */
export interface SignedIn {
  readonly userId: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly fields: Answers;
}

/** What is known of a chat's visitor, at its request and as changed since. */
export interface VisitorDescription {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  /** Answers of the pre-chat form and fields set by agents. */
  readonly fields: Answers;
  readonly variables: Answers;
  readonly signedIn?: SignedIn | undefined;
}

/** A visitor's judgement of a chat, 1 to 5. */
export interface Rating {
  readonly score: number;
  readonly comment?: string | undefined;
}

/** An agent's closing notes about a chat. */
export interface WrapUp {
  readonly agentId: AgentId;
  readonly category?: string | undefined;
  readonly comment?: string | undefined;
}

/**
 * A register of a chat with its new value. A merge keeps the one with the later stamp. Registers
 * with rules of their own (state, department, participants) have facts of their own.
 */
export type RegisterChange =
  | { readonly register: "visitor"; readonly value: VisitorDescription }
  | { readonly register: "rating"; readonly value: Rating }
  | { readonly register: "wrapUp"; readonly value: WrapUp }
  | { readonly register: "transcriptTo"; readonly value: readonly string[] }
  | { readonly register: "translating"; readonly value: string | null }
  | { readonly register: "signInWanted"; readonly value: boolean };

/** Commands whose results a chat remembers. */
export type ChatCommand =
  | "accept_chat"
  | "refuse_chat"
  | "transfer_chat"
  | "join_chat"
  | "leave_chat"
  | "take_over_chat"
  | "wrap_up_chat"
  | "rate_chat"
  | "request_transcript"
  | "set_visitor"
  | "set_translation"
  | "end_chat";

/** How an agent came to have a chat. */
export type AssignedHow = "assigned" | "accepted" | "transferred" | "taken_over" | "inherited";

/**
 * What a site decided, as journaled. Facts are results, never inputs: replay applies them and
 * decides nothing again. Each fact changes one noun only (nounOf), so nouns can be snapshotted one
 * by one.
 */
export type Fact =
  | { readonly type: "tenure_started"; readonly tenure: TenureId; readonly at: Millis }
  | {
    readonly type: "agent_status_set";
    readonly agentId: AgentId;
    readonly status: AgentStatus;
    readonly reason?: string | undefined;
    readonly at: Millis;
    readonly commandId?: CommandId | undefined;
  }
  | {
    readonly type: "agent_preferences_set";
    readonly agentId: AgentId;
    readonly preferences: string;
    readonly at: Millis;
    readonly commandId: CommandId;
  }
  /** A command that changes nothing durable but must not take effect twice. */
  | {
    readonly type: "agent_acted";
    readonly agentId: AgentId;
    readonly commandId: CommandId;
    readonly command: string;
    readonly at: Millis;
  }
  | {
    readonly type: "visitor_acted";
    readonly visitorId: VisitorId;
    readonly commandId: CommandId;
    readonly command: string;
    readonly at: Millis;
  }
  | { readonly type: "visitor_forgotten"; readonly visitorId: VisitorId }
  | { readonly type: "ban_set"; readonly ban: Ban; readonly by: AgentId; readonly at: Millis }
  /** Over or taken out; `everywhere`: by an agent, so that the configuration's counts no more. */
  | {
    readonly type: "ban_lifted";
    readonly banId: string;
    readonly everywhere?: true | undefined;
    readonly at: Millis;
  }
  /** The configuration has the ban now, and it is kept there alone. */
  | { readonly type: "ban_copied"; readonly banId: string; readonly at: Millis }
  /** No configuration has the lifted ban any more, and it need not be remembered. */
  | { readonly type: "ban_lift_settled"; readonly banId: string; readonly at: Millis }
  | {
    readonly type: "chat_requested";
    readonly chatId: ChatId;
    readonly visitorId: VisitorId;
    readonly visitId: string;
    readonly campaignId?: CampaignId | undefined;
    readonly departmentId?: DepartmentId | undefined;
    readonly invitationId?: InvitationId | undefined;
    /** The agent whose invitation was accepted. */
    readonly invitedBy?: AgentId | undefined;
    readonly visitor: VisitorDescription;
    /** The bot has it first. */
    readonly withBot?: boolean | undefined;
    readonly at: Millis;
    readonly stamp: RegisterStamp;
  }
  | {
    readonly type: "chat_assigned";
    readonly chatId: ChatId;
    readonly agentId: AgentId;
    readonly how: AssignedHow;
    readonly at: Millis;
    readonly stamp: RegisterStamp;
    readonly commandId?: CommandId | undefined;
    readonly command?: ChatCommand | undefined;
    /** Who gave the command, when that is not the agent. */
    readonly by?: AgentId | undefined;
  }
  /** An agent refused a chat, or missed it: it is not offered to it again. */
  | {
    readonly type: "chat_declined";
    readonly chatId: ChatId;
    readonly agentId: AgentId;
    readonly how: "refused" | "missed";
    readonly at: Millis;
    readonly commandId?: CommandId | undefined;
  }
  /** Back to the waiting queue, by when it was first asked for; `exceptAgentId` had it. */
  | {
    readonly type: "chat_requeued";
    readonly chatId: ChatId;
    readonly departmentId?: DepartmentId | undefined;
    readonly exceptAgentId?: AgentId | undefined;
    readonly why:
      | "transferred"
      | "agent_gone"
      | "agent_silent"
      | "bot_handed_over"
      | "department_removed";
    readonly at: Millis;
    readonly stamp: RegisterStamp;
    readonly commandId?: CommandId | undefined;
    readonly command?: ChatCommand | undefined;
    /** Who gave the command. */
    readonly by?: AgentId | undefined;
  }
  | {
    readonly type: "participant_joined";
    readonly chatId: ChatId;
    readonly agentId: AgentId;
    readonly mode: "joined" | "monitoring";
    readonly at: Millis;
    readonly commandId?: CommandId | undefined;
  }
  | {
    readonly type: "participant_left";
    readonly chatId: ChatId;
    readonly agentId: AgentId;
    readonly at: Millis;
    readonly commandId?: CommandId | undefined;
  }
  | {
    readonly type: "register_set";
    readonly chatId: ChatId;
    readonly change: RegisterChange;
    readonly at: Millis;
    readonly stamp: RegisterStamp;
    readonly commandId?: CommandId | undefined;
    readonly command?: ChatCommand | undefined;
  }
  | { readonly type: "message_accepted"; readonly entry: Entry }
  | {
    readonly type: "entries_merged";
    readonly chatId: ChatId;
    readonly entries: readonly Entry[];
  }
  | {
    readonly type: "read_marked";
    readonly chatId: ChatId;
    readonly side: "visitor" | "agent";
    readonly order: number;
  }
  | {
    readonly type: "chat_ended";
    readonly chatId: ChatId;
    readonly at: Millis;
    readonly by: Author;
    readonly reason: EndReason;
    readonly stamp: RegisterStamp;
    readonly commandId?: CommandId | undefined;
  }
  /** A chat or a thread is dropped here; the archive has it. */
  | { readonly type: "chat_forgotten"; readonly chatId: ChatId }
  /** The id of a chat that was dropped, in which batch of those it stands. */
  | {
    readonly type: "chat_id_spent";
    readonly chatId: ChatId;
    readonly batch: number;
    readonly at: Millis;
  }
  | { readonly type: "spent_ids_dropped"; readonly batch: number }
  /** Every id made then or earlier counts as spent, as some of them are kept no more. */
  | { readonly type: "ids_outdated"; readonly until: Millis };

/**
 * The one noun that a fact changes, as a key: "site", "agent/<id>", "visitor/<id>", "ban/<id>",
 * "spent/<batch>" or, for chats and threads, "chat/<id>".
 */
export function nounOf(fact: Fact): string {
  switch (fact.type) {
    case "tenure_started":
    case "ids_outdated":
      return "site";
    case "chat_id_spent":
    case "spent_ids_dropped":
      return `spent/${fact.batch}`;
    case "agent_status_set":
    case "agent_preferences_set":
    case "agent_acted":
      return `agent/${fact.agentId}`;
    case "visitor_acted":
    case "visitor_forgotten":
      return `visitor/${fact.visitorId}`;
    case "ban_set":
      return `ban/${fact.ban.banId}`;
    case "ban_lifted":
    case "ban_copied":
    case "ban_lift_settled":
      return `ban/${fact.banId}`;
    case "message_accepted":
      return `chat/${fact.entry.chatId}`;
    default:
      return `chat/${fact.chatId}`;
  }
}
