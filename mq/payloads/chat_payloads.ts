import { z } from "zod";
import { streamKeySchema } from "../../core/cursor.ts";
import { entrySchema } from "../../core/entry.ts";
import type { EndReason } from "../../core/fact.ts";
import {
  agentIdSchema,
  campaignIdSchema,
  chatIdSchema,
  departmentIdSchema,
  siteIdSchema,
  visitorIdSchema,
} from "../../core/ids.ts";
import { timeSchema } from "./time_field.ts";

// Chats: their ends, entries, transcripts and stays in the waiting queue. How long a text may be is
// the engine's to say: what it took must not be refused here, and a message is bounded as a whole.

const endReasons = [
  "visitor_ended",
  "agent_ended",
  "inactive",
  "visitor_left",
  "agent_left",
  "wait_too_long",
  "banned",
] as const satisfies readonly EndReason[];

/** A chat that lived through very many restarts has more streams than one frame may name. */
const vectorSchema = z.record(streamKeySchema, z.int().min(0));

const answersSchema = z.record(z.string(), z.string());

/** The end of a chat. `department` is the chat's, by its id; times of the seed's names. */
export const chatEndSchema = z.strictObject({
  id: chatIdSchema,
  siteId: siteIdSchema,
  visitorId: visitorIdSchema,
  /** The visit. */
  sessionId: z.string().min(1),
  /** The ticket that was attached during the chat. */
  ticket: z.strictObject({
    id: z.string().min(1).nullable(),
    ifNew: z.boolean(),
    title: z.string(),
  }).nullable(),
  prechat: z.strictObject({
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    productService: z.string().nullable(),
    department: departmentIdSchema.nullable(),
    fields: answersSchema,
  }),
  /** As known at the end. */
  wrapup: z.strictObject({
    comment: z.string().nullable(),
    category: z.string().nullable(),
  }).nullable(),
  rating: z.strictObject({
    score: z.int().min(1).max(5),
    comment: z.string().optional(),
  }).nullable(),
  campaignId: campaignIdSchema.nullable(),
  variables: answersSchema,
  agentIds: z.array(agentIdSchema),
  ifEnterQueue: z.boolean(),
  requestTime: timeSchema,
  /** When the first agent got it; null: none did. */
  startTime: timeSchema.nullable(),
  endTime: timeSchema,
  reason: z.enum(endReasons),
  /** What the transcript holds, and how many entries that are. */
  vector: vectorSchema,
  count: z.int().min(0),
  /** From here on a consumer waits for the entries, for a while. */
  publishTime: timeSchema,
});
/** The end of a chat. */
export type ChatEnd = z.infer<typeof chatEndSchema>;

/** One entry of a chat, or of two agents' private thread, with its stamp and order. */
export const entryPayloadSchema = entrySchema.extend({ siteId: siteIdSchema, at: timeSchema });
/** One entry of a chat or private thread. */
export type EntryPayload = z.infer<typeof entryPayloadSchema>;

/** An ended chat's public transcript is to be mailed. */
export const chatTranscriptSchema = z.strictObject({
  siteId: siteIdSchema,
  chatId: chatIdSchema,
  email: z.string().min(3),
  vector: vectorSchema,
  publishTime: timeSchema,
});

/** One row of the waiting queue's log. */
export const chatQueueLogSchema = z.strictObject({
  siteId: siteIdSchema,
  chatId: chatIdSchema,
  visitorId: visitorIdSchema,
  departmentId: departmentIdSchema.nullable(),
  enterTime: timeSchema,
  leaveTime: timeSchema,
  outcome: z.enum(["accepted", "left", "refused", "missed"]),
  agentId: agentIdSchema.nullable(),
});
