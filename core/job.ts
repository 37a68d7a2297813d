import type { Chat } from "./chat.ts";
import type { Entry } from "./entry.ts";
import type { Fact } from "./fact.ts";
import type { SiteId } from "./ids.ts";

/**
 * What the outbox publishes: committed with the facts that caused it, published by the relay alone.
 * uniqueId is derived from the cause, so the same act on two nodes publishes once. Times in
 * payloads are milliseconds since 1970 here; the relay's payload schemas turn them into ISO 8601.
 */
export interface Job {
  readonly queue: "chat.end" | "chat.message" | "agentStatus.log" | "chatQueue.log";
  readonly uniqueId: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * The job that a fact implies by itself. Messages travel as chat.message jobs as they are accepted;
 * the relay derives them from the journal, so their text is not written twice.
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
    queue: "chat.message",
    uniqueId: `${entry.chatId}/${entry.tenure}/${entry.stream}/${entry.n}`,
    payload: { siteId, ...entry },
  };
}

/**
 * chat.end with the seed's fields, the final vector and the number of entries. Its uniqueId is the
 * chatId.
 */
export function chatEndJob(siteId: SiteId, chat: Chat): Job {
  const state = chat.state;
  return {
    queue: "chat.end",
    uniqueId: chat.chatId,
    payload: {
      id: chat.chatId,
      siteId,
      visitorId: chat.visitorId,
      sessionId: chat.visitId,
      ticket: null,
      prechat: { name: chat.name ?? null, email: chat.email ?? null },
      wrapup: null,
      agentIds: [...chat.agentIds],
      ifEnterQueue: true,
      requestTime: chat.requestedAt,
      startTime: chat.firstAssignedAt ?? null,
      endTime: state.state === "ended" ? state.at : null,
      reason: state.state === "ended" ? state.reason : null,
      vector: chat.vector(),
      count: chat.entries.length,
    },
  };
}

/** One row of the waiting queue's log: when a chat entered it, when and how it left. */
export function chatQueueJob(siteId: SiteId, chat: Chat, leftAt: number): Job {
  return {
    queue: "chatQueue.log",
    uniqueId: `${chat.chatId}/queue`,
    payload: {
      siteId,
      chatId: chat.chatId,
      visitorId: chat.visitorId,
      enterTime: chat.requestedAt,
      leaveTime: leftAt,
      outcome: chat.state.state === "active" ? "accepted" : "left",
    },
  };
}
