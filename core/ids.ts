import { z } from "zod";

/** Milliseconds since 1970 (UTC), an integer. */
export type Millis = number;

/** What ulidSchema takes. */
export const ulidPattern = /^[0-9A-HJKMNP-TV-Z]{26}$/;
/** What a canned message or a ban is called: a ULID of ours, or a name. */
export const itemIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** What itemIdPattern takes, in words. */
export const itemIdAllowed = "a letter or digit, then up to 63 of A-Z a-z 0-9 _ -";
const namePattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** A ULID: 26 characters of Crockford's base 32, upper case. */
export const ulidSchema = z.string().regex(ulidPattern, "a ULID: 26 upper-case characters");

/** A tenant's name, as it stands in URLs: 1 to 64 of a-z 0-9 _ - */
export const siteIdSchema = z.string().regex(namePattern, "1 to 64 of a-z 0-9 _ -").brand("SiteId");
export type SiteId = z.infer<typeof siteIdSchema>;

/** An agent's name within its site: 1 to 64 of a-z 0-9 _ - */
export const agentIdSchema = z.string().regex(namePattern, "1 to 64 of a-z 0-9 _ -").brand(
  "AgentId",
);
export type AgentId = z.infer<typeof agentIdSchema>;

/** A visitor: a ULID made by the node that first saw it, without any database. [DB1] */
export const visitorIdSchema = ulidSchema.brand("VisitorId");
export type VisitorId = z.infer<typeof visitorIdSchema>;

/** A department's name within its site: 1 to 64 of a-z 0-9 _ - */
export const departmentIdSchema = z.string().regex(namePattern, "1 to 64 of a-z 0-9 _ -").brand(
  "DepartmentId",
);
export type DepartmentId = z.infer<typeof departmentIdSchema>;

/** A campaign's name within its site (the seed's planId): 1 to 64 of a-z 0-9 _ - */
export const campaignIdSchema = z.string().regex(namePattern, "1 to 64 of a-z 0-9 _ -").brand(
  "CampaignId",
);
export type CampaignId = z.infer<typeof campaignIdSchema>;

/**
 * A chat: the commandId of the request_chat that began it, so a repeat on another node is the same
 * chat. Or the private thread of two agents: ~ and the agents' names in order, as in ~ana~ben.
 */
export const chatIdSchema = z.string().regex(
  /^(?:[0-9A-HJKMNP-TV-Z]{26}|~[a-z0-9_-]{1,64}~[a-z0-9_-]{1,64})$/,
  "a ULID, or ~ and two agents' names in order",
).brand("ChatId");
export type ChatId = z.infer<typeof chatIdSchema>;

/** A message: chosen by its sender before the first send and reused on every retry. */
export const messageIdSchema = ulidSchema.brand("MessageId");
export type MessageId = z.infer<typeof messageIdSchema>;

/**
 * A command that is not a message: chosen by its sender, reused on every retry, its result
 * remembered.
 */
export const commandIdSchema = ulidSchema.brand("CommandId");
export type CommandId = z.infer<typeof commandIdSchema>;

/**
 * An invitation that one visitor was shown: of a manual one the commandId of invite_visitor; of an
 * automatic one the configured name.
 */
export const invitationIdSchema = z.string().regex(
  /^(?:[0-9A-HJKMNP-TV-Z]{26}|[a-z0-9][a-z0-9_-]{0,63})$/,
  "a ULID, or 1 to 64 of a-z 0-9 _ -",
).brand("InvitationId");
export type InvitationId = z.infer<typeof invitationIdSchema>;

/**
 * A page: made in memory at page load, kept over its reconnects, never stored or shared by tabs.
 */
export const connectionIdSchema = ulidSchema.brand("ConnectionId");
export type ConnectionId = z.infer<typeof connectionIdSchema>;

/** A node's turn to own one site: minted at every activation, never reused. */
export const tenureIdSchema = ulidSchema.brand("TenureId");
export type TenureId = z.infer<typeof tenureIdSchema>;

/** One live socket on this node: a small integer of the session hub, never sent to anyone. */
export type ConnectionNo = number & { readonly __brand: "ConnectionNo" };

const ulidDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** When a ULID was made, as its maker's clock said. */
export function timeOfUlid(ulid: string): Millis {
  let time = 0;
  for (const digit of ulid.slice(0, 10)) time = time * 32 + ulidDigits.indexOf(digit);
  return time;
}

/** The thread of two agents; the same whichever of them asks. */
export function threadIdOf(one: AgentId, other: AgentId): ChatId {
  const [first, second] = one < other ? [one, other] : [other, one];
  return `~${first}~${second}` as ChatId; // the second form of a ChatId
}

/** Whether the id is that of a private thread. */
export function isThreadId(chatId: ChatId): boolean {
  return chatId.charCodeAt(0) === 0x7e;
}

/** The agents of a thread's id. */
export function agentsOfThread(threadId: ChatId): readonly [AgentId, AgentId] {
  const [, first = "", second = ""] = threadId.split("~");
  return [first as AgentId, second as AgentId]; // the id was made from theirs
}
