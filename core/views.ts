import { z } from "zod";
import { vectorSchema } from "./cursor.ts";
import { authorSchema } from "./entry.ts";
import {
  agentIdSchema,
  campaignIdSchema,
  chatIdSchema,
  departmentIdSchema,
  visitorIdSchema,
} from "./ids.ts";

// How the site's nouns look on the wire. Times in milliseconds since 1970.

/** What an agent chose to be; only online agents are given chats. */
export const agentStatusSchema = z.enum(["online", "away", "offline"]);
/** See agentStatusSchema. */
export type AgentStatus = z.infer<typeof agentStatusSchema>;

/** Who is connected here. */
export const selfSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("visitor"),
    id: visitorIdSchema,
    /** Whether the site's pages signed the visitor in. */
    signedIn: z.boolean(),
  }),
  z.strictObject({
    type: z.literal("agent"),
    id: agentIdSchema,
    name: z.string(),
    status: agentStatusSchema,
    reason: z.string().optional(),
    preferences: z.string().optional(),
  }),
]);

/** Where a chat stands. */
export const chatStateSchema = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("bot"), since: z.int() }),
  z.strictObject({
    state: z.literal("waiting"),
    since: z.int(),
    /** In its department's queue, counted from 1. */
    position: z.int().optional(),
    /** The estimated wait; absent while it cannot be known. */
    estimateMs: z.int().optional(),
  }),
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
    reason: z.enum([
      "visitor_ended",
      "agent_ended",
      "inactive",
      "visitor_left",
      "agent_left",
      "wait_too_long",
      "banned",
    ]),
  }),
]);
export type ChatStateView = z.infer<typeof chatStateSchema>;

/** A person in a chat besides its visitor and its assigned agent. */
const participantSchema = z.strictObject({
  agentId: agentIdSchema,
  name: z.string(),
  mode: z.enum(["joined", "monitoring"]),
});

const texts = z.record(z.string(), z.string());

/**
 * A chat's registers and its vector: all but its entries. A visitor's vector names public streams
 * only, and what is the staff's is left out of its view.
 */
export const chatViewSchema = z.strictObject({
  chatId: chatIdSchema,
  state: chatStateSchema,
  requestedAt: z.int(),
  campaignId: campaignIdSchema.optional(),
  departmentId: departmentIdSchema.optional(),
  visitor: z.strictObject({
    id: visitorIdSchema,
    name: z.string().optional(),
    email: z.string().optional(),
    fields: texts.optional(),
    /** Staff only. */
    variables: texts.optional(),
    /** The site's own pages vouch for who this is; staff only. */
    signedInAs: z.string().optional(),
  }),
  /** Those who joined; to the staff also those who monitor. */
  participants: z.array(participantSchema),
  rating: z.strictObject({ score: z.int(), comment: z.string().optional() }).optional(),
  /** Staff only. */
  wrapUp: z.strictObject({
    agentId: agentIdSchema,
    category: z.string().optional(),
    comment: z.string().optional(),
  }).optional(),
  /** The visitor's language, while messages are translated. */
  translating: z.string().optional(),
  /** The visitor must sign in before the bot goes on. */
  signInWanted: z.boolean().optional(),
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
  departmentId: departmentIdSchema.optional(),
  /** Every agent that could take it has refused or missed it. */
  refusedByAll: z.boolean().optional(),
  /** To whom it is offered just now. */
  offeredTo: agentIdSchema.optional(),
});
export type WaitingChat = z.infer<typeof waitingChatSchema>;

/** A running chat that this agent may join or monitor. */
export const chatSummarySchema = z.strictObject({
  chatId: chatIdSchema,
  visitorId: visitorIdSchema,
  name: z.string().optional(),
  agentId: agentIdSchema,
  departmentId: departmentIdSchema.optional(),
  since: z.int(),
  participants: z.array(agentIdSchema),
});
export type ChatSummary = z.infer<typeof chatSummarySchema>;

/** A visitor on the site, as agents see it. */
export const visitorViewSchema = z.strictObject({
  visitorId: visitorIdSchema,
  state: z.enum(["on_site", "invited", "with_bot", "waiting", "chatting"]),
  name: z.string().optional(),
  signedIn: z.boolean(),
  url: z.string().optional(),
  title: z.string().optional(),
  referrer: z.string().optional(),
  arrivedAt: z.int(),
  pages: z.int(),
  visits: z.int(),
  chatId: chatIdSchema.optional(),
});
export type VisitorView = z.infer<typeof visitorViewSchema>;

/** An agent, as the others see it. */
export const agentViewSchema = z.strictObject({
  agentId: agentIdSchema,
  name: z.string(),
  status: agentStatusSchema,
  reason: z.string().optional(),
  /** Connected, or lost for less than the grace. */
  present: z.boolean(),
  chats: z.int(),
  chatLimit: z.int(),
  departmentIds: z.array(departmentIdSchema),
});
export type AgentView = z.infer<typeof agentViewSchema>;

/** What the chat button shows. `away`: agents are there, none can take a chat; chats wait. */
export const availabilitySchema = z.enum(["online", "away", "offline", "closed"]);
export type Availability = z.infer<typeof availabilitySchema>;
