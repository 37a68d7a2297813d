import { z } from "zod";
import { banTargetSchema } from "./ban.ts";
import { answersSchema, messageTextSchema } from "./client_frames.ts";
import {
  agentIdSchema,
  chatIdSchema,
  commandIdSchema,
  departmentIdSchema,
  messageIdSchema,
  visitorIdSchema,
} from "./ids.ts";
import { limits } from "./limits.ts";
import { utf8Bytes } from "./utf8.ts";
import { agentStatusSchema } from "./views.ts";

// What only an agent's console may send.

/** Sets the agent's own status. It stays over reconnects and restarts. */
export const setStatusSchema = z.strictObject({
  type: z.literal("set_status"),
  commandId: commandIdSchema,
  status: agentStatusSchema,
  /** One of the site's reasons to be away. */
  reason: z.string().max(64).optional(),
});

/** Ends the session: the agent is offline, its chats go by the site's policy. */
export const logOutSchema = z.strictObject({
  type: z.literal("log_out"),
  commandId: commandIdSchema,
});

/** Takes a waiting chat, or one that was offered. */
export const acceptChatSchema = z.strictObject({
  type: z.literal("accept_chat"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
});

/** Does not want this waiting chat; it is not offered to this agent again. */
export const refuseChatSchema = z.strictObject({
  type: z.literal("refuse_chat"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
});

/** Where a chat can be given. */
export const transferTargetSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("agent"), agentId: agentIdSchema }),
  z.strictObject({ type: z.literal("department"), departmentId: departmentIdSchema }),
]);

/** Gives a chat to another agent at once, or to a department's waiting queue. */
export const transferChatSchema = z.strictObject({
  type: z.literal("transfer_chat"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
  to: transferTargetSchema,
});

/** Enters a chat that somebody else has: to write in it, or to read it unseen by the visitor. */
export const joinChatSchema = z.strictObject({
  type: z.literal("join_chat"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
  mode: z.enum(["joined", "monitoring"]),
});

/** Leaves a chat; the assigned agent only when somebody else who joined can go on. */
export const leaveChatSchema = z.strictObject({
  type: z.literal("leave_chat"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
});

/** Makes a chat that somebody else has one's own. */
export const takeOverChatSchema = z.strictObject({
  type: z.literal("take_over_chat"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
});

/** Posts a note that only agents see. Answered like post_message. */
export const postNoteSchema = z.strictObject({
  type: z.literal("post_note"),
  chatId: chatIdSchema,
  messageId: messageIdSchema,
  text: messageTextSchema,
});

/** Writes to another agent. Answered like post_message; its chatId is the thread's. */
export const postPrivateSchema = z.strictObject({
  type: z.literal("post_private"),
  to: agentIdSchema,
  messageId: messageIdSchema,
  text: messageTextSchema,
});

/** Closing notes about a chat that this agent had; once. */
export const wrapUpChatSchema = z.strictObject({
  type: z.literal("wrap_up_chat"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
  category: z.string().max(128).optional(),
  comment: z.string().max(limits.commentCharsMax).optional(),
});

/** What is known of a visitor; unnamed fields stay, an empty value removes one. */
export const setVisitorSchema = z.strictObject({
  type: z.literal("set_visitor"),
  commandId: commandIdSchema,
  visitorId: visitorIdSchema,
  name: z.string().max(limits.nameCharsMax).optional(),
  email: z.string().max(limits.emailCharsMax).optional(),
  fields: answersSchema.optional(),
});

/** Has the chat's messages translated for the agent from this language on; null: no more. */
export const setTranslationSchema = z.strictObject({
  type: z.literal("set_translation"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
  visitorLanguage: z.string().min(2).max(16).nullable(),
});

/** Bans a visitor, an address or a range: its chat ends and its pages are closed at once. */
export const banVisitorSchema = z.strictObject({
  type: z.literal("ban"),
  commandId: commandIdSchema,
  target: banTargetSchema,
  /** When the ban ends by itself, milliseconds since 1970. */
  until: z.int().min(1).optional(),
  comment: z.string().max(limits.commentCharsMax).optional(),
});

/** Lifts a ban; banId is the commandId that made it. */
export const liftBanSchema = z.strictObject({
  type: z.literal("lift_ban"),
  commandId: commandIdSchema,
  banId: z.string().min(1).max(64),
});

/** Invites a visitor who is on the site and not chatting. */
export const inviteVisitorSchema = z.strictObject({
  type: z.literal("invite_visitor"),
  commandId: commandIdSchema,
  visitorId: visitorIdSchema,
  text: z.string().min(1).max(1_024),
});

/** The agent's own settings, as the console wrote them; the latest wins. */
export const savePreferencesSchema = z.strictObject({
  type: z.literal("save_preferences"),
  commandId: commandIdSchema,
  preferences: z.string().refine(
    (value) => utf8Bytes(value) <= limits.preferencesBytesMax,
    `at most ${limits.preferencesBytesMax} bytes of UTF-8`,
  ),
});

/** A canned message was used in a chat. */
export const useCannedSchema = z.strictObject({
  type: z.literal("use_canned"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
  cannedId: z.string().min(1).max(64),
});

/** The lists that this console wants to be told of; replaces the former choice. */
export const subscribeSchema = z.strictObject({
  type: z.literal("subscribe"),
  lists: z.array(z.enum(["waiting", "visitors", "chats", "agents"])).max(4),
});

/** Asks for the next page of a list that said `more`. Answered by that list's frame. */
export const getRowsSchema = z.strictObject({
  type: z.literal("get_rows"),
  list: z.enum(["visitors", "chats", "agents"]),
});

/** Asks for a visitor's details: its pages, variables and fields. Answered by `visitor`. */
export const getVisitorSchema = z.strictObject({
  type: z.literal("get_visitor"),
  visitorId: visitorIdSchema,
});

/** Something that the site wants visitors to do was done, as the agent says. */
export const captureAgentConversionSchema = z.strictObject({
  type: z.literal("capture_chat_conversion"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
  goal: z.string().min(1).max(128),
  value: z.string().max(128).optional(),
});
