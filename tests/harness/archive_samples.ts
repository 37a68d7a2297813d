import type { ArchivedChat, ArchiveRecord, ArchiveWrite } from "../../archive/archive.ts";
import type { LogRow, OfflineMessage } from "../../archive/archive.ts";
import { type Entry, entrySchema } from "../../core/entry.ts";
import {
  agentIdSchema,
  chatIdSchema,
  departmentIdSchema,
  siteIdSchema,
  visitorIdSchema,
} from "../../core/ids.ts";

export const acme = siteIdSchema.parse("acme");
export const other = siteIdSchema.parse("other");
export const ana = agentIdSchema.parse("ana");
export const ben = agentIdSchema.parse("ben");
export const sales = departmentIdSchema.parse("sales");

/** The time of the suite's first act: 2026-01-01. */
export const epoch = 1_767_225_600_000;

function ulidOf(no: number): string {
  return `01J${String(no).padStart(23, "0")}`;
}

/** The n-th visitor. */
export const visitorOf = (no: number) => visitorIdSchema.parse(ulidOf(500_000 + no));
/** The n-th chat. */
export const chatOf = (no: number) => chatIdSchema.parse(ulidOf(no));
const tenureOf = (no: number) => ulidOf(900_000 + no);

/** An ended chat of the n-th visitor, ended n seconds after the epoch unless said otherwise. */
export function chat(no: number, more: Partial<ArchivedChat> = {}): ArchivedChat {
  return {
    siteId: acme,
    chatId: chatOf(no),
    visitorId: visitorOf(no),
    sessionId: `visit-${no}`,
    visitor: { name: `Visitor ${no}`, email: null, phone: null, fields: {}, variables: {} },
    campaignId: null,
    departmentId: null,
    agentIds: [ana],
    hasWaited: false,
    requestedAt: epoch,
    startedAt: epoch,
    endedAt: epoch + no * 1_000,
    reason: "agent_ended",
    ticket: null,
    rating: null,
    wrapUp: null,
    vector: {},
    isIncomplete: false,
    ...more,
  };
}

/** What a suite's entry is made of. */
export interface EntryOptions {
  readonly n: number;
  readonly order?: number;
  readonly tenure?: number;
  readonly id?: string;
  readonly stream?: "public" | "staff";
  readonly kind?: Entry["kind"];
  readonly by?: "visitor" | "agent" | "system";
  /** Which visitor, unless the chat's. */
  readonly visitor?: number;
  readonly text?: string;
}

/** An entry of the n-th chat. */
export function entry(chatNo: number, options: EntryOptions): Entry {
  const { n, tenure = 1, stream = "public", kind = "message", by = "visitor" } = options;
  const authors = {
    visitor: { type: "visitor", id: visitorOf(options.visitor ?? chatNo) },
    agent: { type: "agent", id: ana },
    system: { type: "system", id: "system" },
  } as const;
  const order = options.order ?? epoch + n;
  return entrySchema.parse({
    chatId: chatOf(chatNo),
    tenure: tenureOf(tenure),
    stream,
    n,
    order,
    at: order,
    author: authors[by],
    id: options.id ?? `m${tenure}-${n}`,
    kind,
    text: options.text ?? `text ${n}`,
  });
}

/** The key of a stream of the n-th tenure, as vectors have it. */
export const streamOf = (tenure: number, stream = "public") => `${tenureOf(tenure)}/${stream}`;

/** A row of a log. */
export function row(no: number, more: Partial<LogRow> = {}): LogRow {
  return {
    siteId: acme,
    log: "agent_status",
    rowId: `row-${no}`,
    at: epoch + no * 1_000,
    agentId: ana,
    visitorId: null,
    chatId: null,
    body: { no },
    ...more,
  };
}

/** An offline message of the n-th visitor. */
export function offline(no: number, more: Partial<OfflineMessage> = {}): OfflineMessage {
  return {
    siteId: acme,
    messageId: `offline-${no}`,
    visitorId: visitorOf(no),
    sessionId: `visit-${no}`,
    campaignId: null,
    departmentId: null,
    name: `Visitor ${no}`,
    email: null,
    subject: null,
    content: `Call me back, ${no}`,
    fields: {},
    at: epoch + no * 1_000,
    ...more,
  };
}

/** The effect of a message that has the record's own id. */
export function write(record: ArchiveRecord, uniqueId = idOf(record)): ArchiveWrite {
  return { queueName: `test.${record.type}`, uniqueId, record };
}

function idOf(record: ArchiveRecord): string {
  switch (record.type) {
    case "entry": {
      const { chatId, tenure, stream, n } = record.entry;
      return `${chatId}/${tenure}/${stream}/${n}`;
    }
    case "chat":
      return record.chat.chatId;
    case "offline_message":
      return record.message.messageId;
    case "log":
      return `${record.row.log}/${record.row.rowId}`;
  }
}

export const chatWrite = (...args: Parameters<typeof chat>) =>
  write({ type: "chat", chat: chat(...args) });
export const entryWrite = (...args: Parameters<typeof entry>) =>
  write({ type: "entry", siteId: acme, entry: entry(...args) });
export const rowWrite = (...args: Parameters<typeof row>) =>
  write({ type: "log", row: row(...args) });
export const offlineWrite = (...args: Parameters<typeof offline>) =>
  write({ type: "offline_message", message: offline(...args) });
