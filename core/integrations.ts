import { z } from "zod";
import { limits } from "./limits.ts";

const addressesSchema = z.array(z.email().max(limits.emailCharsMax)).max(20).default([]);

/** Events that a webhook may be sent: the first-level queues that have a webhook consumer. */
export const webhookEventSchema = z.enum(["chat.end", "offlineMessage.submit", "agent.wrapup"]);

const webhookSchema = z.strictObject({
  webhookId: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "1 to 64 of a-z 0-9 _ -"),
  url: z.url({ protocol: /^https?$/ }).max(limits.urlCharsMax),
  /** Signs what is sent (Standard Webhooks): whsec_ and base64 of 24 to 64 bytes. */
  secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, "whsec_ and base64"),
  events: z.array(webhookEventSchema).min(1).max(webhookEventSchema.options.length),
});

/**
 * What leaves the chat for elsewhere. The distributor sends a second-level message only where a
 * site has the integration; who consumes them are the adapters. [MQ5]
 */
export const integrationsSchema = z.strictObject({
  email: z.strictObject({
    /** Who gets every chat's transcript. */
    chatEndTo: addressesSchema,
    offlineMessageTo: addressesSchema,
  }).prefault({}),
  ticket: z.strictObject({
    onChatEnd: z.boolean().default(false),
    onOfflineMessage: z.boolean().default(false),
  }).prefault({}),
  webhooks: z.array(webhookSchema).max(20).default([]),
  salesforce: z.strictObject({
    instanceUrl: z.url({ protocol: /^https$/ }).max(limits.urlCharsMax),
    onChatEnd: z.boolean().default(true),
    onOfflineMessage: z.boolean().default(true),
  }).optional(),
  zendesk: z.strictObject({
    subdomain: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "1 to 63 of a-z 0-9 -"),
    onChatEnd: z.boolean().default(true),
    onOfflineMessage: z.boolean().default(true),
  }).optional(),
});
/** What leaves the chat for elsewhere. */
export type Integrations = z.infer<typeof integrationsSchema>;
