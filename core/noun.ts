import type { Ban } from "./ban.ts";
import type { ChatSnapshot } from "./chat.ts";
import type { AgentId, ChatId, CommandId, Millis, TenureId, VisitorId } from "./ids.ts";
import type { AgentStatus } from "./views.ts";

/** The durable part of an agent. */
export interface AgentRegisters {
  status: AgentStatus;
  /** Since when it has been that. */
  since?: Millis | undefined;
  reason?: string | undefined;
  preferences?: string | undefined;
  /** Commands that took effect, latest last. */
  commands: (readonly [CommandId, string])[];
}

/** The durable part of a visitor outside its chats: commands that took effect, latest last. */
export interface VisitorRegisters {
  commands: (readonly [CommandId, string])[];
  at: Millis;
}

/** A noun as saved: what apply() made of the facts up to some record of the journal. */
export type NounSnapshot =
  | {
    readonly noun: "site";
    readonly tenure: TenureId;
    readonly outdatedUntil?: Millis | undefined;
  }
  | { readonly noun: "agent"; readonly agentId: AgentId; readonly registers: AgentRegisters }
  | {
    readonly noun: "visitor";
    readonly visitorId: VisitorId;
    readonly registers: VisitorRegisters;
  }
  | { readonly noun: "ban"; readonly ban: Ban }
  | { readonly noun: "lifted_ban"; readonly banId: string; readonly at: Millis }
  | {
    readonly noun: "spent_ids";
    readonly batch: number;
    readonly since: Millis;
    readonly ids: readonly ChatId[];
  }
  | { readonly noun: "chat"; readonly chat: ChatSnapshot }
  | { readonly noun: "thread"; readonly chatId: ChatId; readonly lastOrder: number };
