import { z } from "zod";
import { closeCodes } from "./close_code.ts";
import { vectorSchema } from "./cursor.ts";
import { authorSchema, signedEntrySchema, streamSchema } from "./entry.ts";
import {
  agentIdSchema,
  chatIdSchema,
  commandIdSchema,
  connectionIdSchema,
  messageIdSchema,
  tenureIdSchema,
  visitorIdSchema,
} from "./ids.ts";
import { limits } from "./limits.ts";
import { refusalCodes } from "./refusal.ts";

/** The wire's version. A node speaks this one and refuses others with close code bad_protocol. */
export const protocolVersion = 1;

/** Length in bytes once encoded as UTF-8; a lone surrogate counts as the three bytes it becomes. */
export function utf8Bytes(value: string): number {
  let bytes = value.length;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit > 0x7ff) bytes += 2;
    else if (unit > 0x7f) bytes += 1;
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = value.charCodeAt(i + 1);
      if (next >= 0xdc00 && next <= 0xdfff) i += 1;
    }
  }
  return bytes;
}

// ---- Client frames: commands. One JSON object per WebSocket text message. ----

const chatVectors = z.record(chatIdSchema, vectorSchema).refine(
  (chats) => Object.keys(chats).length <= limits.chatsPerHelloMax,
  `at most ${limits.chatsPerHelloMax} chats`,
);

/** First frame of a connection: who, which page, and how far every chat is known. Never content. */
export const helloSchema = z.strictObject({
  type: z.literal("hello"),
  protocol: z.int(),
  token: z.string().min(1).max(4096),
  connectionId: connectionIdSchema,
  /**
   * When somebody last told this page to connect, by the page's clock, in milliseconds since 1970.
   * By it a console that comes back by itself is told from a newer one; without it whoever comes
   * last counts as the newer.
   */
  startedAt: z.int().min(0).optional(),
  /** Which of the page's sockets since startedAt this is, from 1 on: an older one may come late. */
  attempt: z.int().min(1).optional(),
  /** Highest deployment term seen; 0 when none. */
  term: z.int().min(0),
  chats: chatVectors,
  /** Messages and commands that wait for their ack at this client. */
  unacked: z.int().min(0),
});

/** Every 25 s: alive, and how far every running chat is known. Answered by a heartbeat. */
const heartbeatSchema = z.strictObject({ type: z.literal("heartbeat"), chats: chatVectors });

const text = z.string().min(1).refine(
  (value) => value.length * 3 <= limits.textBytesMax || utf8Bytes(value) <= limits.textBytesMax,
  `at most ${limits.textBytesMax} bytes of UTF-8`,
).refine(
  (value) =>
    value.length * 6 <= limits.escapedTextBytesMax ||
    utf8Bytes(JSON.stringify(value)) <= limits.escapedTextBytesMax + 2,
  `at most ${limits.escapedTextBytesMax} bytes as JSON, where a control character takes six`,
);

/**
 * Posts a public message. Answered by ack or refused; a repeat of the same messageId by the same
 * ack.
 */
const postMessageSchema = z.strictObject({
  type: z.literal("post_message"),
  chatId: chatIdSchema,
  messageId: messageIdSchema,
  text,
});

/**
 * Tells the others that this side is typing, or stopped. Best effort, not answered unless refused.
 */
const typingSchema = z.strictObject({
  type: z.literal("typing"),
  chatId: chatIdSchema,
  on: z.boolean(),
});

/** Everything up to `order` was seen. Only ever moves forward. */
const markReadSchema = z.strictObject({
  type: z.literal("mark_read"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
  order: z.int().min(1),
});

/** Ends the chat for everybody. */
const endChatSchema = z.strictObject({
  type: z.literal("end_chat"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
});

/**
 * Asks for entries that `have` lacks, newest first by pages: at most 50 entries and 48 KiB, those
 * before `before` when given. One in flight per chat.
 */
const getEntriesSchema = z.strictObject({
  type: z.literal("get_entries"),
  chatId: chatIdSchema,
  have: vectorSchema,
  before: z.int().min(1).optional(),
});

/** What the server asked for with want_entries. Each entry is checked alone. */
const uploadEntriesSchema = z.strictObject({
  type: z.literal("upload_entries"),
  chatId: chatIdSchema,
  entries: z.array(signedEntrySchema).min(1).max(limits.pageEntriesMax),
});

/** Asks for a chat; its commandId becomes the chatId. */
const requestChatSchema = z.strictObject({
  type: z.literal("request_chat"),
  commandId: commandIdSchema,
  name: z.string().max(limits.nameCharsMax).optional(),
  email: z.string().max(limits.emailCharsMax).optional(),
});

/** The page the visitor is on. Kept in memory only. */
const viewPageSchema = z.strictObject({
  type: z.literal("view_page"),
  url: z.string().max(limits.urlCharsMax),
  title: z.string().max(limits.titleCharsMax),
});

/** What an agent chose to be; only online agents are given chats. */
export const agentStatusSchema = z.enum(["online", "away", "offline"]);
/** See agentStatusSchema. */
export type AgentStatus = z.infer<typeof agentStatusSchema>;

/** Sets the agent's own status. It stays over reconnects and restarts. */
const setStatusSchema = z.strictObject({
  type: z.literal("set_status"),
  commandId: commandIdSchema,
  status: agentStatusSchema,
});

/** Takes a waiting chat. */
const acceptChatSchema = z.strictObject({
  type: z.literal("accept_chat"),
  commandId: commandIdSchema,
  chatId: chatIdSchema,
});

/** Posts a note that only agents see. Answered like post_message. */
const postNoteSchema = z.strictObject({
  type: z.literal("post_note"),
  chatId: chatIdSchema,
  messageId: messageIdSchema,
  text,
});

const common = [
  helloSchema,
  heartbeatSchema,
  postMessageSchema,
  typingSchema,
  markReadSchema,
  endChatSchema,
  getEntriesSchema,
  uploadEntriesSchema,
] as const;

/** Everything a visitor's page may send. */
export const visitorFrameSchema = z.discriminatedUnion("type", [
  ...common,
  requestChatSchema,
  viewPageSchema,
]);
export type VisitorFrame = z.infer<typeof visitorFrameSchema>;

/** Everything an agent's console may send. */
export const agentFrameSchema = z.discriminatedUnion("type", [
  ...common,
  setStatusSchema,
  acceptChatSchema,
  postNoteSchema,
]);
export type AgentFrame = z.infer<typeof agentFrameSchema>;
/** Everything that a client may send. */
export type ClientFrame = VisitorFrame | AgentFrame;
/** The first frame of a connection. */
export type Hello = z.infer<typeof helloSchema>;

// ---- Server frames. One WebSocket message holds one or several, each a line of JSON. ----

/** Who is connected here. */
export const selfSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("visitor"), id: visitorIdSchema }),
  z.strictObject({
    type: z.literal("agent"),
    id: agentIdSchema,
    name: z.string(),
    status: agentStatusSchema,
  }),
]);

/** Where a chat stands. Times in milliseconds since 1970. */
export const chatStateSchema = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("waiting"), since: z.int(), position: z.int().optional() }),
  z.strictObject({
    state: z.literal("active"),
    since: z.int(),
    agentId: agentIdSchema,
    agentName: z.string(),
  }),
  z.strictObject({
    state: z.literal("ended"),
    at: z.int(),
    by: authorSchema,
    reason: z.enum(["visitor_ended", "agent_ended", "inactive", "visitor_left"]),
  }),
]);
export type ChatStateView = z.infer<typeof chatStateSchema>;

/**
 * A chat's registers and its vector: all but its entries. A visitor's vector names public streams
 * only.
 */
export const chatViewSchema = z.strictObject({
  chatId: chatIdSchema,
  state: chatStateSchema,
  requestedAt: z.int(),
  visitor: z.strictObject({
    id: visitorIdSchema,
    name: z.string().optional(),
    email: z.string().optional(),
  }),
  /** Highest order each side has seen, 0 when none. */
  read: z.strictObject({ visitor: z.int(), agent: z.int() }),
  vector: vectorSchema,
});
export type ChatView = z.infer<typeof chatViewSchema>;

/** A chat in the waiting queue, as agents see it. */
export const waitingChatSchema = z.strictObject({
  chatId: chatIdSchema,
  visitorId: visitorIdSchema,
  name: z.string().optional(),
  since: z.int(),
});
export type WaitingChat = z.infer<typeof waitingChatSchema>;

/** Answer to hello: who you are and where everything stands; content follows on request. */
const welcomeSchema = z.strictObject({
  type: z.literal("welcome"),
  protocol: z.int(),
  term: z.int(),
  tenure: tenureIdSchema,
  /** The node's clock, milliseconds since 1970. */
  at: z.int(),
  self: selfSchema,
  chats: z.array(chatViewSchema),
  /** Agents only: the head of the waiting queue and its length. */
  waiting: z.strictObject({ chats: z.array(waitingChatSchema), total: z.int() }).optional(),
});

/** A chat of yours began or changed. */
const chatSchema = z.strictObject({ type: z.literal("chat"), chat: chatViewSchema });

/** Somebody else's entry, in its stream's order. */
const entryFrameSchema = z.strictObject({ type: z.literal("entry"), entry: signedEntrySchema });

/** Your message is committed and on disk; its stamp, order, time and signature. */
const ackSchema = z.strictObject({
  type: z.literal("ack"),
  chatId: chatIdSchema,
  messageId: z.string(),
  tenure: tenureIdSchema,
  stream: streamSchema,
  n: z.int(),
  order: z.int(),
  at: z.int(),
  sig: z.string(),
});

/** Your command took effect and is on disk (chatId: the chat it was about). */
const doneSchema = z.strictObject({
  type: z.literal("done"),
  commandId: commandIdSchema,
  chatId: chatIdSchema.optional(),
});

/**
 * Your frame changed nothing. `re` is its messageId or commandId, or its type when it has neither.
 */
const refusedSchema = z.strictObject({
  type: z.literal("refused"),
  re: z.string(),
  // The keys of the table are the codes.
  code: z.enum(Object.keys(refusalCodes) as [keyof typeof refusalCodes]),
  retryable: z.boolean(),
  field: z.string().optional(),
  message: z.string(),
  retryAfterMs: z.int().optional(),
});

/** Somebody types in a chat of yours. */
const typingNoticeSchema = z.strictObject({
  type: z.literal("typing"),
  chatId: chatIdSchema,
  from: authorSchema,
  on: z.boolean(),
});

/**
 * A page: entries in ascending order; `more` when older ones are missing too, ask with this
 * `before`.
 */
const entriesSchema = z.strictObject({
  type: z.literal("entries"),
  chatId: chatIdSchema,
  entries: z.array(signedEntrySchema),
  vector: vectorSchema,
  more: z.boolean(),
  before: z.int().optional(),
});

/** You hold entries that the server lacks: upload those that `have` does not cover. */
const wantEntriesSchema = z.strictObject({
  type: z.literal("want_entries"),
  chatId: chatIdSchema,
  have: vectorSchema,
});

/** Answer to upload_entries: the vector is now this; entries refused alone, by id. */
const uploadedSchema = z.strictObject({
  type: z.literal("uploaded"),
  chatId: chatIdSchema,
  vector: vectorSchema,
  accepted: z.int(),
  refused: z.array(z.strictObject({ id: z.string(), code: z.string() })),
});

/** How the waiting queue changed since the last one; at most once a second. */
const waitingSchema = z.strictObject({
  type: z.literal("waiting"),
  added: z.array(waitingChatSchema),
  removed: z.array(chatIdSchema),
  total: z.int(),
});

/**
 * Answer to a heartbeat: the node's clock and its vectors of the chats named and of your running
 * ones.
 */
const heartbeatAnswerSchema = z.strictObject({
  type: z.literal("heartbeat"),
  at: z.int(),
  chats: z.record(chatIdSchema, vectorSchema),
});

/** Your status as committed. */
const statusSchema = z.strictObject({ type: z.literal("status"), status: agentStatusSchema });

/** Everything a server sends. */
export const serverFrameSchema = z.discriminatedUnion("type", [
  welcomeSchema,
  chatSchema,
  entryFrameSchema,
  ackSchema,
  doneSchema,
  refusedSchema,
  typingNoticeSchema,
  entriesSchema,
  wantEntriesSchema,
  uploadedSchema,
  waitingSchema,
  heartbeatAnswerSchema,
  statusSchema,
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;

/** The close codes are part of the protocol. */
export { closeCodes, refusalCodes };
