import { z } from "zod";
import { answersSchema, messageTextSchema } from "./client_frames.ts";
import {
  campaignIdSchema,
  chatIdSchema,
  commandIdSchema,
  departmentIdSchema,
  invitationIdSchema,
} from "./ids.ts";
import { limits } from "./limits.ts";

// What only a visitor's page may send.

/** Asks for a chat; its commandId becomes the chatId. `fields` answer the campaign's form. */
export const requestChatSchema = z.strictObject({
  type: z.literal("request_chat"),
  commandId: commandIdSchema,
  name: z.string().max(limits.nameCharsMax).optional(),
  email: z.string().max(limits.emailCharsMax).optional(),
  campaignId: campaignIdSchema.optional(),
  departmentId: departmentIdSchema.optional(),
  fields: answersSchema.optional(),
  /** The invitation that this accepts. */
  invitationId: invitationIdSchema.optional(),
});

/** The page the visitor is on. Kept in memory only. */
export const viewPageSchema = z.strictObject({
  type: z.literal("view_page"),
  url: z.string().max(limits.urlCharsMax),
  title: z.string().max(limits.titleCharsMax),
  referrer: z.string().max(limits.urlCharsMax).optional(),
  /** Visits to the site as the browser counts them, this one included. */
  visits: z.int().min(1).max(1_000_000).optional(),
});

/** Custom variables as the page sets them; unnamed ones stay, an empty value removes one. */
export const setVariablesSchema = z.strictObject({
  type: z.literal("set_variables"),
  commandId: commandIdSchema,
  variables: z.record(z.string().min(1).max(64), z.string().max(limits.variableCharsMax)).refine(
    (variables) => Object.keys(variables).length <= limits.variablesMax,
    `at most ${limits.variablesMax} variables`,
  ).refine(
    (variables) => Object.values(variables).join("").length <= limits.answersCharsMax,
    `at most ${limits.answersCharsMax} characters in all`,
  ),
});

/** Who the site's own pages say this visitor is: a JWT under the site's key. */
export const signInSchema = z.strictObject({
  type: z.literal("sign_in"),
  commandId: commandIdSchema,
  token: z.string().min(1).max(limits.signInTokenCharsMax),
});

/** Leaves a message while nobody is there. `fields` answer the campaign's offline form. */
export const submitOfflineMessageSchema = z.strictObject({
  type: z.literal("submit_offline_message"),
  commandId: commandIdSchema,
  campaignId: campaignIdSchema.optional(),
  departmentId: departmentIdSchema.optional(),
  name: z.string().max(limits.nameCharsMax).optional(),
  email: z.string().max(limits.emailCharsMax).optional(),
  subject: z.string().max(256).optional(),
  text: messageTextSchema,
  fields: answersSchema.optional(),
});

/** Rates a chat of one's own, also after its end; a later rating replaces it. */
export const rateChatSchema = z.strictObject({
  type: z.literal("rate_chat"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
  score: z.int().min(1).max(5),
  comment: z.string().max(limits.commentCharsMax).optional(),
});

/** What became of an invitation at the visitor. Accepting is followed by request_chat. */
export const answerInvitationSchema = z.strictObject({
  type: z.literal("answer_invitation"),
  commandId: commandIdSchema,
  invitationId: invitationIdSchema,
  answer: z.enum(["shown", "accepted", "refused"]),
});

/** Something that the site wants visitors to do was done, as the page says. */
export const captureConversionSchema = z.strictObject({
  type: z.literal("capture_conversion"),
  commandId: commandIdSchema,
  goal: z.string().min(1).max(128),
  value: z.string().max(128).optional(),
});
