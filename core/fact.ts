import type { Author, Entry } from "./entry.ts";
import type { AgentId, ChatId, CommandId, Millis, TenureId, VisitorId } from "./ids.ts";
import type { AgentStatus } from "./protocol.ts";

/** The format of facts and noun snapshots. Release N reads N-1 and writes what N-1 can read. */
export const factVersion = 1;

/** Where a register was last changed: a merge keeps the later (order, then tenure). */
export interface RegisterStamp {
  readonly order: number;
  readonly tenure: TenureId;
}

/** Why a chat ended. */
export type EndReason = "visitor_ended" | "agent_ended" | "inactive" | "visitor_left";

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
    readonly at: Millis;
    readonly commandId: CommandId;
  }
  | {
    readonly type: "chat_requested";
    readonly chatId: ChatId;
    readonly visitorId: VisitorId;
    readonly visitId: string;
    readonly name?: string | undefined;
    readonly email?: string | undefined;
    readonly at: Millis;
    readonly stamp: RegisterStamp;
  }
  | {
    readonly type: "chat_assigned";
    readonly chatId: ChatId;
    readonly agentId: AgentId;
    readonly at: Millis;
    readonly stamp: RegisterStamp;
    readonly commandId?: CommandId | undefined;
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
  | { readonly type: "chat_forgotten"; readonly chatId: ChatId };

/** The one noun that a fact changes, as a key: "site", "agent/<id>" or "chat/<id>". */
export function nounOf(fact: Fact): string {
  switch (fact.type) {
    case "tenure_started":
      return "site";
    case "agent_status_set":
      return `agent/${fact.agentId}`;
    case "message_accepted":
      return `chat/${fact.entry.chatId}`;
    default:
      return `chat/${fact.chatId}`;
  }
}
