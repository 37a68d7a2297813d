import { z } from "zod";
import { vectorSchema } from "./cursor.ts";
import { signedEntrySchema } from "./entry.ts";
import { chatIdSchema, commandIdSchema, connectionIdSchema, messageIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";
import { utf8Bytes } from "./utf8.ts";

// What both sides may send: commands, one JSON object per WebSocket text message.

const chatVectors = z.record(chatIdSchema, vectorSchema).refine(
  (chats) => Object.keys(chats).length <= limits.chatsPerHelloMax,
  `at most ${limits.chatsPerHelloMax} chats`,
);

/** First frame of a connection: who, which page, and how far every chat is known. Never content. */
export const helloSchema = z.strictObject({
  type: z.literal("hello"),
  protocol: z.int(),
  token: z.string().min(1).max(limits.sessionTokenCharsMax),
  connectionId: connectionIdSchema,
  /** Highest deployment term seen; 0 when none. */
  term: z.int().min(0),
  chats: chatVectors,
  /** Messages and commands that wait for their ack at this client. */
  unacked: z.int().min(0),
  /**
   * When somebody last told this page to connect, by the page's clock, in milliseconds since 1970.
   * By it a console that comes back by itself is told from a newer one; without it whoever comes
   * last counts as the newer.
   */
  startedAt: z.int().min(0).optional(),
  /** Which of the page's sockets since startedAt this is, from 1 on: an older one may come late. */
  attempt: z.int().min(1).optional(),
});
/** The first frame of a connection. */
export type Hello = z.infer<typeof helloSchema>;

/** Every 25 s: alive, and how far every running chat is known. Answered by a heartbeat. */
export const heartbeatSchema = z.strictObject({
  type: z.literal("heartbeat"),
  chats: chatVectors,
});

const text = z.string().min(1).refine(
  fitsAsBytes,
  `at most ${limits.textBytesMax} bytes of UTF-8`,
).refine(
  fitsAsJson,
  `at most ${limits.escapedTextBytesMax} bytes as JSON, where a control character takes six`,
);

/** Whether a text that comes from elsewhere is no longer than a message may be. */
export function fitsMessage(value: string): boolean {
  return fitsAsBytes(value) && fitsAsJson(value);
}

function fitsAsBytes(value: string): boolean {
  return value.length * 3 <= limits.textBytesMax || utf8Bytes(value) <= limits.textBytesMax;
}

function fitsAsJson(value: string): boolean {
  return value.length * 6 <= limits.escapedTextBytesMax ||
    utf8Bytes(JSON.stringify(value)) <= limits.escapedTextBytesMax + 2;
}

/** What somebody wrote: at least one character. */
export const messageTextSchema = text;

/**
 * Posts a public message. Answered by ack or refused; a repeat of the same messageId by the same
 * ack.
 */
export const postMessageSchema = z.strictObject({
  type: z.literal("post_message"),
  chatId: chatIdSchema,
  messageId: messageIdSchema,
  text: messageTextSchema,
});

/**
 * Tells the others that this side is typing, or stopped. Best effort, not answered unless refused.
 */
export const typingSchema = z.strictObject({
  type: z.literal("typing"),
  chatId: chatIdSchema,
  on: z.boolean(),
});

/** Everything up to `order` was seen. Only ever moves forward. */
export const markReadSchema = z.strictObject({
  type: z.literal("mark_read"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
  order: z.int().min(1),
});

/** Ends the chat for everybody. */
export const endChatSchema = z.strictObject({
  type: z.literal("end_chat"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
});

/**
 * Asks for entries that `have` lacks, newest first by pages: at most 50 entries and 48 KiB, those
 * before `before` when given. One in flight per chat.
 */
export const getEntriesSchema = z.strictObject({
  type: z.literal("get_entries"),
  chatId: chatIdSchema,
  have: vectorSchema,
  before: z.int().min(1).optional(),
});

/** What the server asked for with want_entries. Each entry is checked alone. */
export const uploadEntriesSchema = z.strictObject({
  type: z.literal("upload_entries"),
  chatId: chatIdSchema,
  entries: z.array(signedEntrySchema).min(1).max(limits.pageEntriesMax),
});

/** Asks that the transcript be mailed there, at the chat's end. */
export const requestTranscriptSchema = z.strictObject({
  type: z.literal("request_transcript"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
  email: z.string().max(limits.emailCharsMax).regex(
    /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
    "an e-mail address",
  ),
});

/** Answers by field, custom variables by name. */
export const answersSchema = z.record(
  z.string().min(1).max(64),
  z.string().max(limits.fieldCharsMax),
).refine(
  (answers) => Object.keys(answers).length <= limits.fieldsMax,
  `at most ${limits.fieldsMax} fields`,
).refine(
  (answers) => Object.values(answers).join("").length <= limits.answersCharsMax,
  `at most ${limits.answersCharsMax} characters in all`,
);
