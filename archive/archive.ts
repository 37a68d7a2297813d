import type { Vector } from "../core/cursor.ts";
import type { Entry } from "../core/entry.ts";
import type {
  AgentId,
  CampaignId,
  ChatId,
  DepartmentId,
  Millis,
  SiteId,
  VisitorId,
} from "../core/ids.ts";

/** What the archive keeps of a chat besides its entries. */
export interface ArchivedChat {
  readonly siteId: SiteId;
  readonly chatId: ChatId;
  readonly visitorId: VisitorId;
  readonly sessionId: string;
  readonly visitor: {
    readonly name: string | null;
    readonly email: string | null;
    readonly phone: string | null;
    readonly fields: Readonly<Record<string, string>>;
    readonly variables: Readonly<Record<string, string>>;
  };
  readonly campaignId: CampaignId | null;
  readonly departmentId: DepartmentId | null;
  readonly agentIds: readonly AgentId[];
  readonly hasWaited: boolean;
  readonly requestedAt: Millis;
  readonly startedAt: Millis | null;
  readonly endedAt: Millis;
  readonly reason: string;
  readonly ticket: unknown;
  readonly rating: { readonly score: number; readonly comment: string | null } | null;
  readonly wrapUp: {
    readonly category: string | null;
    readonly comment: string | null;
  } | null;
  /** What chat.end said that the transcript holds. */
  readonly vector: Vector;
  /** Entries were still missing when the archive gave up waiting for them. */
  readonly isIncomplete: boolean;
}

/** An entry as archived: late when it was accepted elsewhere after the chat's end. */
export interface ArchivedEntry extends Entry {
  readonly isLate: boolean;
}

/** A message left while nobody was there. */
export interface OfflineMessage {
  readonly siteId: SiteId;
  readonly messageId: string;
  readonly visitorId: VisitorId;
  readonly sessionId: string;
  readonly campaignId: CampaignId | null;
  readonly departmentId: DepartmentId | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly subject: string | null;
  readonly content: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly at: Millis;
}

/** Logs of things that happened, one row each. */
export type LogName =
  | "wrap_up"
  | "rating"
  | "canned_use"
  | "private_message"
  | "waiting_queue"
  | "agent_status"
  | "invitation"
  | "conversion"
  | "ban"
  | "visit"
  | "visitor"
  | "agent"
  | "preference";

/** One row of a log. `body` has the fields of its queue's payload. */
export interface LogRow {
  readonly siteId: SiteId;
  readonly log: LogName;
  /** The uniqueId of its message, without the site. */
  readonly rowId: string;
  readonly at: Millis;
  readonly agentId: AgentId | null;
  readonly visitorId: VisitorId | null;
  readonly chatId: ChatId | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * One effect: written once, however often it is asked for, as the row of its inbox (queue,
 * uniqueId) is written with it. [MQ3]
 */
export interface ArchiveWrite {
  readonly queueName: string;
  readonly uniqueId: string;
  readonly record: ArchiveRecord;
}

/**
 * entry: kept under its stamp, shown once per identity at the smaller order. chat: the end of a
 * chat, its rating and wrap-up as known then. log: a row; a wrap_up or rating also becomes its
 * chat's, the later one staying.
 */
export type ArchiveRecord =
  | { readonly type: "entry"; readonly siteId: SiteId; readonly entry: Entry }
  | { readonly type: "chat"; readonly chat: ArchivedChat }
  | { readonly type: "offline_message"; readonly message: OfflineMessage }
  | { readonly type: "log"; readonly row: LogRow };

/** A page of a list: `next` goes into the next question as `after`; undefined at the end. */
export interface ArchivePage<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

/** A stretch of a list, newest first. Times in milliseconds since 1970, `until` exclusive. */
export interface ArchiveRange {
  readonly since?: Millis | undefined;
  readonly until?: Millis | undefined;
  readonly after?: string | undefined;
  /** 1 to 200. */
  readonly limit: number;
}

/** Which chats: all that is given must hold. */
export interface ChatFilter extends ArchiveRange {
  readonly agentId?: AgentId | undefined;
  readonly visitorId?: VisitorId | undefined;
  /** Of one of these; null: of none. Whoever may see only some departments asks with them. */
  readonly departmentIds?: readonly (DepartmentId | null)[] | undefined;
  /** Words that each begin a word of the visitor's name or e-mail address; case does not count. */
  readonly text?: string | undefined;
}

/** How many days each kind is kept, from its site's configuration. */
export interface RetentionDays {
  readonly chats: number;
  readonly offlineMessages: number;
  readonly logs: number;
  readonly visits: number;
}

/** Looks them up; undefined: that cannot be said now, and nothing of the site is deleted. */
export type RetentionOf = (siteId: SiteId) => Promise<RetentionDays | undefined>;

/** Everything that is kept of one visitor. [OP10] */
export interface VisitorExport {
  readonly visitorId: VisitorId;
  /** Chats in which it wrote or that were its own; without `chat` while they have not ended. */
  readonly chats: readonly {
    readonly chatId: ChatId;
    readonly chat: ArchivedChat | undefined;
    readonly entries: readonly ArchivedEntry[];
  }[];
  readonly offlineMessages: readonly OfflineMessage[];
  readonly logs: readonly LogRow[];
}

/**
 * What happened, kept for later. No part of chatting asks it anything. A write is on disk when
 * record() returns. Every method throws ArchiveUnavailable when the store cannot be reached.
 */
export interface Archive {
  /** All or nothing; each record once by its (queueName, uniqueId). Up to 100 records. */
  record(writes: readonly ArchiveWrite[]): Promise<void>;
  /** Whether every entry of the vector is here. */
  holds(siteId: SiteId, chatId: ChatId, vector: Vector): Promise<boolean>;

  chats(siteId: SiteId, filter: ChatFilter): Promise<ArchivePage<ArchivedChat>>;
  /** Undefined: no such chat has ended, as far as is known here. */
  chat(siteId: SiteId, chatId: ChatId): Promise<ArchivedChat | undefined>;
  /**
   * In order of display, each identity once, from behind `after`. `public` leaves the staff's out.
   */
  transcript(
    siteId: SiteId,
    chatId: ChatId,
    page: {
      readonly stream: "public" | "all";
      readonly after?: string | undefined;
      readonly limit: number;
    },
  ): Promise<ArchivePage<ArchivedEntry>>;
  offlineMessages(
    siteId: SiteId,
    filter: ArchiveRange & {
      readonly departmentIds?: readonly (DepartmentId | null)[] | undefined;
    },
  ): Promise<ArchivePage<OfflineMessage>>;
  logRows(
    siteId: SiteId,
    filter: ArchiveRange & { readonly log: LogName; readonly agentId?: AgentId | undefined },
  ): Promise<ArchivePage<LogRow>>;
  /**
   * Visits (page loads that began one) per period of `bucketMs`, oldest first, empty ones left out.
   */
  visitCounts(
    siteId: SiteId,
    range: { readonly since: Millis; readonly until: Millis; readonly bucketMs: number },
  ): Promise<readonly { readonly at: Millis; readonly visits: number }[]>;

  exportVisitor(siteId: SiteId, visitorId: VisitorId): Promise<VisitorExport>;
  /**
   * Deletes everything of a visitor up to that moment, its chats with all their entries included;
   * counts what was there. A chat that was begun later stays. What arrives of the rest later by a
   * repeat stays out; the inbox rows remain.
   */
  eraseVisitor(siteId: SiteId, visitorId: VisitorId, until: Millis): Promise<number>;
  /** Deletes what is older than its site keeps, a bounded part a call; whether there is more. */
  expire(
    now: Millis,
    retentionOf: RetentionOf,
  ): Promise<{ readonly deleted: number; readonly isDone: boolean }>;
  close(): Promise<void>;
}

/** The archive cannot be reached or read; what was asked may be asked again. */
export class ArchiveUnavailable extends Error {
  override name = "ArchiveUnavailable";
}

/** `after` is nothing that a page of this archive gave as `next`. */
export class BadCursor extends RangeError {
  override name = "BadCursor";
}
