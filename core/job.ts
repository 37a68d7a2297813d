import type { Ban } from "./ban.ts";
import type { Chat } from "./chat.ts";
import type { Entry } from "./entry.ts";
import type { Fact } from "./fact.ts";
import { type AgentId, isThreadId, type Millis, type SiteId } from "./ids.ts";

/** The first-level queues: dotted event namespaces. [MQ6] */
export type QueueName =
  | "chat.end"
  | "chat.message"
  | "chat.transcript"
  | "offlineMessage.submit"
  | "agent.wrapup"
  | "agent.savePreference"
  | "agent.ban"
  | "visitor.rating"
  | "visitor.save"
  | "cannedMessage.useLog"
  | "privateMessage.log"
  | "chatQueue.log"
  | "agentStatus.log"
  | "invitation.log"
  | "visit.log"
  | "conversion.log";

/**
 * What the outbox publishes: committed with the facts that caused it, published by the relay alone.
 * uniqueId is derived from the cause, so the same act on two nodes publishes once. Times in
 * payloads are milliseconds since 1970 here; the relay's payload schemas turn them into ISO 8601.
 */
export interface Job {
  readonly queue: QueueName;
  readonly uniqueId: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * The job that a fact implies by itself. Messages travel as chat.message jobs as they are accepted,
 * private ones as privateMessage.log; the relay derives them from the journal, so their text is
 * not written twice.
 */
export function jobsOfFact(siteId: SiteId, fact: Fact): readonly Job[] {
  switch (fact.type) {
    case "message_accepted":
      return [messageJob(siteId, fact.entry)];
    case "entries_merged":
      return fact.entries.map((entry) => messageJob(siteId, entry));
    default:
      return [];
  }
}

function messageJob(siteId: SiteId, entry: Entry): Job {
  return {
    queue: isThreadId(entry.chatId) ? "privateMessage.log" : "chat.message",
    uniqueId: `${entry.chatId}/${entry.tenure}/${entry.stream}/${entry.n}`,
    payload: { siteId, ...entry },
  };
}

/**
 * chat.end with the seed's fields, the final vector and the number of entries. Its uniqueId is the
 * chatId.
 */
export function chatEndJob(siteId: SiteId, chat: Chat): Job {
  const { state, visitor, registers } = chat;
  const { fields } = visitor;
  return {
    queue: "chat.end",
    uniqueId: chat.chatId,
    payload: {
      id: chat.chatId,
      siteId,
      visitorId: chat.visitorId,
      sessionId: chat.visitId,
      ticket: null,
      prechat: {
        name: visitor.name ?? null,
        email: visitor.email ?? null,
        phone: fields["phone"] ?? null,
        productService: fields["productService"] ?? null,
        department: chat.departmentId ?? null,
        fields,
      },
      wrapup: registers.wrapUp === undefined ? null : {
        comment: registers.wrapUp.comment ?? null,
        category: registers.wrapUp.category ?? null,
      },
      rating: registers.rating ?? null,
      campaignId: chat.campaignId ?? null,
      variables: visitor.variables,
      agentIds: [...chat.agentIds],
      ifEnterQueue: chat.firstAssignedAt !== chat.requestedAt,
      requestTime: chat.requestedAt,
      startTime: chat.firstAssignedAt ?? null,
      endTime: state.state === "ended" ? state.at : null,
      reason: state.state === "ended" ? state.reason : null,
      vector: chat.log.vector(),
      count: chat.log.entries.length,
    },
  };
}

/** The transcript of an ended chat is to be mailed. */
export function transcriptJob(siteId: SiteId, chat: Chat, email: string): Job {
  return {
    queue: "chat.transcript",
    uniqueId: `${chat.chatId}/transcript/${email}`,
    payload: { siteId, chatId: chat.chatId, email, vector: chat.log.publicVector() },
  };
}

/**
 * One row of the waiting queue's log: when a chat entered it, when and how it left, or who declined
 * it.
 */
export function chatQueueJob(
  siteId: SiteId,
  chat: Chat,
  at: Millis,
  declined?: { readonly agentId: AgentId; readonly how: "refused" | "missed" },
): Job {
  const left = chat.state.state === "active" ? "accepted" : "left";
  const cause = declined === undefined
    ? `${left}/${chat.stateStamp.tenure}/${chat.stateStamp.order}`
    : `${declined.how}/${declined.agentId}/${chat.stateStamp.order}`;
  return {
    queue: "chatQueue.log",
    uniqueId: `${chat.chatId}/queue/${cause}`,
    payload: {
      siteId,
      chatId: chat.chatId,
      visitorId: chat.visitorId,
      departmentId: chat.departmentId ?? null,
      enterTime: chat.requestedAt,
      leaveTime: at,
      outcome: declined?.how ?? left,
      agentId: declined?.agentId ?? chat.agentId ?? null,
    },
  };
}

/** An agent banned somebody, or lifted a ban. */
export function banJob(
  siteId: SiteId,
  ban: Ban,
  how: { readonly by: AgentId; readonly at: Millis; readonly lifted: boolean; comment?: string },
): Job {
  return {
    queue: "agent.ban",
    uniqueId: `${ban.banId}/${how.lifted ? "lifted" : "set"}`,
    payload: {
      siteId,
      banId: ban.banId,
      target: ban.target,
      until: ban.until ?? null,
      agentId: how.by,
      lifted: how.lifted,
      comment: how.comment ?? null,
      time: how.at,
    },
  };
}
