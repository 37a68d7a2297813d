import { z } from "zod";
import type {
  ArchivedChat,
  ArchivedEntry,
  ArchivePage,
  LogRow,
  OfflineMessage,
} from "../archive/archive.ts";
import { entrySchema } from "../core/entry.ts";
import {
  agentIdSchema,
  campaignIdSchema,
  chatIdSchema,
  departmentIdSchema,
  visitorIdSchema,
} from "../core/ids.ts";
import { isoTime } from "./history_query.ts";

const texts = z.record(z.string(), z.string());
const time = z.iso.datetime();

/** An ended chat as the API shows it. */
export const chatViewSchema = z.object({
  chatId: chatIdSchema,
  visitorId: visitorIdSchema,
  /** The visit in which it was asked for. */
  sessionId: z.string(),
  visitor: z.object({
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    fields: texts,
    variables: texts,
  }),
  campaignId: campaignIdSchema.nullable(),
  departmentId: departmentIdSchema.nullable(),
  agentIds: z.array(agentIdSchema),
  hasWaited: z.boolean(),
  requestedAt: time,
  startedAt: time.nullable(),
  endedAt: time,
  reason: z.string(),
  /** That was attached during the chat. */
  ticket: z.unknown().describe("The ticket that was attached; null: none."),
  rating: z.object({ score: z.number(), comment: z.string().nullable() }).nullable(),
  wrapUp: z.object({ category: z.string().nullable(), comment: z.string().nullable() }).nullable(),
  /** Entries had not all arrived when the archive gave up waiting for them. */
  isIncomplete: z.boolean(),
});

/** The chat as the API shows it. */
export function chatView(chat: ArchivedChat): z.infer<typeof chatViewSchema> {
  const { siteId: _, vector: _vector, ...rest } = chat;
  return {
    ...rest,
    visitor: {
      ...rest.visitor,
      fields: { ...rest.visitor.fields },
      variables: { ...rest.visitor.variables },
    },
    agentIds: [...rest.agentIds],
    requestedAt: isoTime(chat.requestedAt),
    startedAt: chat.startedAt === null ? null : isoTime(chat.startedAt),
    endedAt: isoTime(chat.endedAt),
  };
}

/** An entry as the API shows it: as it was sent, with its time spelled out. */
export const entryViewSchema = entrySchema.extend({ at: time, isLate: z.boolean() });

/** The entry as the API shows it. */
export function entryView(entry: ArchivedEntry): z.infer<typeof entryViewSchema> {
  return { ...entry, at: isoTime(entry.at) };
}

/** A message that was left while nobody was there. */
export const offlineViewSchema = z.object({
  messageId: z.string(),
  visitorId: visitorIdSchema,
  sessionId: z.string(),
  campaignId: campaignIdSchema.nullable(),
  departmentId: departmentIdSchema.nullable(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  subject: z.string().nullable(),
  content: z.string(),
  fields: texts,
  at: time,
});

/** The message as the API shows it. */
export function offlineView(message: OfflineMessage): z.infer<typeof offlineViewSchema> {
  const { siteId: _, ...rest } = message;
  return { ...rest, fields: { ...rest.fields }, at: isoTime(message.at) };
}

/** A row of a log. */
export const rowViewSchema = z.object({
  rowId: z.string(),
  at: time,
  agentId: agentIdSchema.nullable(),
  visitorId: visitorIdSchema.nullable(),
  chatId: chatIdSchema.nullable(),
  /** The fields of the message that it came with. */
  body: z.record(z.string(), z.unknown()),
});

/** The row as the API shows it. */
export function rowView(row: LogRow): z.infer<typeof rowViewSchema> {
  const { siteId: _, log: _log, ...rest } = row;
  return { ...rest, body: { ...rest.body }, at: isoTime(row.at) };
}

/** A page of the archive as the API shows it. */
export function pageView<Item, View>(
  { items, next }: ArchivePage<Item>,
  view: (item: Item) => View,
): { readonly items: readonly View[]; readonly next?: string } {
  return { items: items.map(view), ...(next === undefined ? {} : { next }) };
}
