import { hash } from "node:crypto";
import type { Entry } from "../core/entry.ts";
import type { AgentId, ChatId, Millis, SiteId, VisitorId } from "../core/ids.ts";
import { BadCursor, type LogName } from "./archive.ts";

/** A key of the archive's file; its first part says what lies there. */
export type Key = (string | number)[];

/** Where everything lies. Lists are in order of time, and read from their end. */
export const keys = {
  /** The time as it was believed last. */
  believed: ["believed"],
  site: (siteId: SiteId): Key => ["site", siteId],
  /** An effect that took place, so that it does not take place twice. */
  inbox: (queueName: string, uniqueId: string): Key => ["inbox", queueName, uniqueId],
  inboxDay: (day: number, queueName: string, uniqueId: string): Key => [
    ...["inbox_day", day],
    queueName,
    uniqueId,
  ],
  chat: (siteId: SiteId, chatId: ChatId): Key => ["chat", siteId, chatId],
  /** Rating and wrap-up with their times: before the chat's end, or later than it. */
  care: (siteId: SiteId, chatId: ChatId): Key => ["care", siteId, chatId],
  entries: (siteId: SiteId, chatId: ChatId): Key => ["entry", siteId, chatId],
  entry: (siteId: SiteId, { chatId, tenure, stream, n }: Entry): Key => [
    ...keys.entries(siteId, chatId),
    tenure,
    stream,
    n,
  ],
  /** Its place among the chats of which an entry came. */
  started: (siteId: SiteId, chatId: ChatId): Key => ["started", siteId, chatId],
  /** Chats of which an entry came, by the time of the first that was recorded. */
  begun: (siteId: SiteId): Key => ["begun", siteId],
  /** Chats in which a visitor wrote, whether they have ended or not. */
  wrote: (siteId: SiteId, visitorId: VisitorId): Key => ["wrote", siteId, visitorId],
  /** Lists of ended chats: of the site, an agent, a visitor, a department (empty: of none). */
  chatsOf: (siteId: SiteId, of: "site" | "agent" | "visitor" | "department", id: string): Key => [
    ...["chats", siteId],
    of,
    id,
  ],
  words: (siteId: SiteId): Key => ["word", siteId],
  offlineMessages: (siteId: SiteId): Key => ["offline", siteId],
  offlineOf: (siteId: SiteId, visitorId: VisitorId): Key => ["offline_of", siteId, visitorId],
  log: (siteId: SiteId, log: LogName): Key => ["log", siteId, log],
  logOfAgent: (siteId: SiteId, log: LogName, agentId: AgentId): Key => [
    ...["log_agent", siteId],
    log,
    agentId,
  ],
  logOfVisitor: (siteId: SiteId, visitorId: VisitorId): Key => ["log_visitor", siteId, visitorId],
  logOfChat: (siteId: SiteId, chatId: ChatId): Key => ["log_chat", siteId, chatId],
  /** What was erased, so that nothing of it comes back by a repeat. */
  erasedVisitor: (siteId: SiteId, visitorId: VisitorId): Key => [
    ...["erased", siteId],
    // Stays for good, and must not say whose it was.
    hash("sha256", `${siteId}\n${visitorId}`, "base64url"),
  ],
  /** Erasures under way, so that they go on after a kill: of a visitor, of a chat. */
  erasingVisitor: (siteId: SiteId, visitorId: VisitorId): Key => ["erasing", siteId, visitorId],
  erasingChat: (siteId: SiteId, chatId: ChatId): Key => ["erasing_chat", siteId, chatId],
  erasedChat: (siteId: SiteId, chatId: ChatId): Key => ["erased_chat", siteId, chatId],
} as const;

/** A place in a list that is in order of time. */
export interface Place {
  readonly at: Millis;
  readonly id: string;
}

/** The place as an opaque cursor, and back. */
export function cursorOf({ at, id }: Place): string {
  return btoa(`${at}/${id}`);
}

/** Throws BadCursor. */
export function placeOf(cursor: string): Place {
  let text = "";
  try {
    text = atob(cursor);
  } catch {
    // judged below
  }
  const [, at, id] = /^(\d{1,16})\/([ -~]{1,256})$/.exec(text) ?? [];
  if (at === undefined || id === undefined) {
    throw new BadCursor(`after: "${cursor}" was not given as \`next\``);
  }
  return { at: Number(at), id };
}
