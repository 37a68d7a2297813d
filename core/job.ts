import type { Ban } from "./ban.ts";
import type { Chat } from "./chat.ts";
import type { Entry } from "./entry.ts";
import type { Fact } from "./fact.ts";
import { type AgentId, isThreadId, type Millis, type SiteId } from "./ids.ts";
import type { AgentStatus } from "./views.ts";

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
 * Rows that only reports count: losing some makes a number smaller, and nobody's chat, message,
 * judgement or money. Not kept while the disk is nearly full. A conversion carries a value that the
 * site pays by, so it is none of them.
 */
export const statistics: ReadonlySet<QueueName> = new Set(
  ["visit.log", "cannedMessage.useLog", "invitation.log", "chatQueue.log", "agentStatus.log"],
);

/**
 * What the outbox publishes: committed with the facts that caused it, published by the relay alone.
 * uniqueId is derived from the cause, so the same act on two nodes publishes once; it is unique
 * within the site, which the relay puts before it. [JB1, OB4] Times in payloads are milliseconds
 * since 1970 here; the relay's payload schemas turn them into ISO 8601.
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

/**
 * A chat's entry travels under its stamp, as chat.end waits for all of them; a private one under
 * its identity, so that the same one accepted on two nodes is logged once. [JB1]
 */
function messageJob(siteId: SiteId, entry: Entry): Job {
  if (isThreadId(entry.chatId)) {
    return {
      queue: "privateMessage.log",
      uniqueId: `${entry.chatId}/${entry.author.id}/${entry.id}`,
      payload: { siteId, ...entry },
    };
  }
  return {
    queue: "chat.message",
    uniqueId: `${entry.chatId}/${entry.tenure}/${entry.stream}/${entry.n}`,
    payload: { siteId, ...entry },
  };
}

/**
 * chat.end with the seed's fields, the final vector and the number of entries. Its uniqueId is the
 * chatId, within the site.
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
      ifEnterQueue: chat.queue.hasWaited,
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
 * it. A chat leaves once each time that it came: that is the row's id, on whichever node. [JB1]
 */
export function chatQueueJob(
  siteId: SiteId,
  chat: Chat,
  at: Millis,
  declined?: { readonly agentId: AgentId; readonly how: "refused" | "missed" },
): Job {
  const left = chat.state.state === "active" ? "accepted" : "left";
  const stay = `${chat.chatId}/queue/${chat.queue.stays}`;
  return {
    queue: "chatQueue.log",
    uniqueId: declined === undefined ? stay : `${stay}/${declined.how}/${declined.agentId}`,
    payload: {
      siteId,
      chatId: chat.chatId,
      visitorId: chat.visitorId,
      departmentId: chat.departmentId ?? null,
      enterTime: chat.queue.enteredAt ?? chat.requestedAt,
      leaveTime: at,
      outcome: declined?.how ?? left,
      agentId: declined?.agentId ?? chat.agentId ?? null,
    },
  };
}

/** An agent's status is another one; `cause` is the command, or the change of the configuration. */
export function agentStatusJob(
  siteId: SiteId,
  change: {
    readonly agentId: AgentId;
    readonly status: AgentStatus;
    readonly reason?: string | undefined;
    readonly at: Millis;
    readonly cause: string;
  },
): Job {
  const { agentId, status, reason, at, cause } = change;
  return {
    queue: "agentStatus.log",
    uniqueId: `${agentId}/${cause}`,
    payload: { siteId, agentId, status, reason: reason ?? null, time: at },
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
