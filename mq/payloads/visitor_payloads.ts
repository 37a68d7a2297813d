import { z } from "zod";
import {
  agentIdSchema,
  campaignIdSchema,
  chatIdSchema,
  commandIdSchema,
  departmentIdSchema,
  invitationIdSchema,
  siteIdSchema,
  visitorIdSchema,
} from "../../core/ids.ts";
import { timeSchema } from "./time_field.ts";

// Visitors: what they leave, say and do.

const answersSchema = z.record(z.string(), z.string());

/** A message left while nobody was there. */
export const offlineMessageSchema = z.strictObject({
  id: commandIdSchema,
  siteId: siteIdSchema,
  visitorId: visitorIdSchema,
  /** The visit. */
  sessionId: z.string().min(1),
  campaignId: campaignIdSchema.nullable(),
  departmentId: departmentIdSchema.nullable(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  subject: z.string().nullable(),
  content: z.string(),
  fields: answersSchema,
  time: timeSchema,
});
/** A message left while nobody was there. */
export type OfflineMessagePayload = z.infer<typeof offlineMessageSchema>;

/** A visitor's judgement of a chat. */
export const visitorRatingSchema = z.strictObject({
  siteId: siteIdSchema,
  chatId: chatIdSchema,
  visitorId: visitorIdSchema,
  agentIds: z.array(agentIdSchema),
  score: z.int().min(1).max(5),
  comment: z.string().nullable(),
  time: timeSchema,
});

/** What an agent set of a visitor; what is absent stays as it was, an empty value removes one. */
export const visitorSaveSchema = z.strictObject({
  siteId: siteIdSchema,
  visitorId: visitorIdSchema,
  agentId: agentIdSchema,
  name: z.string().optional(),
  email: z.string().optional(),
  fields: answersSchema.optional(),
  time: timeSchema,
});

/** What became of an invitation. */
export const invitationLogSchema = z.strictObject({
  siteId: siteIdSchema,
  visitorId: visitorIdSchema,
  sessionId: z.string().min(1),
  invitationId: invitationIdSchema,
  /** Who invited; null: the site did by itself. */
  agentId: agentIdSchema.nullable(),
  outcome: z.enum(["sent", "shown", "accepted", "refused"]),
  time: timeSchema,
});

/** Visits of one site in the period that began at `time`, as one tenure counted them. */
export const visitLogSchema = z.strictObject({
  siteId: siteIdSchema,
  time: timeSchema,
  periodMs: z.int().min(1),
  visits: z.int().min(1),
});

/** A visitor did what its site wants; agentId: an agent said so. */
export const conversionLogSchema = z.strictObject({
  siteId: siteIdSchema,
  goal: z.string().min(1),
  value: z.string().nullable(),
  visitorId: visitorIdSchema,
  sessionId: z.string().min(1),
  chatId: chatIdSchema.nullable(),
  agentId: agentIdSchema.nullable(),
  time: timeSchema,
});
