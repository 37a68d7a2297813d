import { z } from "zod";
import { vectorSchema } from "./cursor.ts";
import { authorSchema, signedEntrySchema, streamSchema } from "./entry.ts";
import {
  agentIdSchema,
  chatIdSchema,
  commandIdSchema,
  invitationIdSchema,
  tenureIdSchema,
  visitorIdSchema,
} from "./ids.ts";
import { refusalCodes } from "./refusal.ts";
import {
  agentStatusSchema,
  agentViewSchema,
  availabilitySchema,
  chatSummarySchema,
  chatViewSchema,
  selfSchema,
  visitorViewSchema,
  waitingChatSchema,
} from "./views.ts";

// What a server sends. One WebSocket message holds one or several frames, each a line of JSON.

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
  /** Agents only: the vectors of their private threads. */
  threads: z.record(chatIdSchema, vectorSchema).optional(),
  /** Agents only: the head of the waiting queue and its length. */
  waiting: z.strictObject({ chats: z.array(waitingChatSchema), total: z.int() }).optional(),
  /** Visitors only: what the button shows. */
  availability: availabilitySchema.optional(),
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

/**
 * How the waiting queue changed since the last one; at most once a second. A chat that is listed
 * already replaces its row. With `snapshot` this is the whole list.
 */
const waitingSchema = z.strictObject({
  type: z.literal("waiting"),
  snapshot: z.literal(true).optional(),
  added: z.array(waitingChatSchema),
  removed: z.array(chatIdSchema),
  total: z.int(),
});

/**
 * Visitors on the site that changed, at most once a second. `total` counts all of them, `listed`
 * those that agents can see. With `snapshot` the list begins anew with these; with `more` the rest
 * of it comes by get_rows, page by page, while changes go on.
 */
const visitorsSchema = z.strictObject({
  type: z.literal("visitors"),
  snapshot: z.boolean(),
  more: z.literal(true).optional(),
  changed: z.array(visitorViewSchema),
  removed: z.array(visitorIdSchema),
  listed: z.int(),
  total: z.int(),
});

/** Running chats that you may join or monitor and that changed; as `visitors`. */
const chatsSchema = z.strictObject({
  type: z.literal("chats"),
  snapshot: z.boolean(),
  more: z.literal(true).optional(),
  changed: z.array(chatSummarySchema),
  removed: z.array(chatIdSchema),
});

/** Agents that changed; as `visitors`. */
const agentsSchema = z.strictObject({
  type: z.literal("agents"),
  snapshot: z.boolean(),
  more: z.literal(true).optional(),
  changed: z.array(agentViewSchema),
  removed: z.array(agentIdSchema),
});

/** Answer to get_visitor: all that is known of a visitor that is on the site. */
const visitorSchema = z.strictObject({
  type: z.literal("visitor"),
  visitor: visitorViewSchema,
  email: z.string().optional(),
  fields: z.record(z.string(), z.string()),
  variables: z.record(z.string(), z.string()),
  address: z.string().optional(),
  /** The pages of this visit, latest last. */
  pages: z.array(z.strictObject({ url: z.string(), title: z.string(), at: z.int() })),
});

/** A chat is offered to you until then; accept or refuse it. */
const offerSchema = z.strictObject({
  type: z.literal("offer"),
  chat: waitingChatSchema,
  until: z.int(),
});

/** You have this chat no more: it was transferred, given to somebody else, or left. */
const chatLeftSchema = z.strictObject({ type: z.literal("chat_left"), chatId: chatIdSchema });

/** The offer stands no more: you missed it, or the chat was taken or ended. */
const offerEndedSchema = z.strictObject({ type: z.literal("offer_ended"), chatId: chatIdSchema });

/** You are invited to chat. Answer with answer_invitation. */
const invitationSchema = z.strictObject({
  type: z.literal("invitation"),
  invitationId: invitationIdSchema,
  text: z.string(),
  /** Of a manual invitation. */
  agentName: z.string().optional(),
});

/** The invitation stands no more: it was answered in another tab, or a chat began. */
const invitationEndedSchema = z.strictObject({
  type: z.literal("invitation_ended"),
  invitationId: invitationIdSchema,
});

/** What the chat button shows now. */
const availabilityFrameSchema = z.strictObject({
  type: z.literal("availability"),
  availability: availabilitySchema,
});

/** The visitor's sign-in is not known here (any more): sign in again for what needs it. */
const signInWantedSchema = z.strictObject({
  type: z.literal("sign_in_wanted"),
  chatId: chatIdSchema.optional(),
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
const statusSchema = z.strictObject({
  type: z.literal("status"),
  status: agentStatusSchema,
  reason: z.string().optional(),
});

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
  visitorsSchema,
  chatsSchema,
  agentsSchema,
  visitorSchema,
  chatLeftSchema,
  offerSchema,
  offerEndedSchema,
  invitationSchema,
  invitationEndedSchema,
  availabilityFrameSchema,
  signInWantedSchema,
  heartbeatAnswerSchema,
  statusSchema,
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;
