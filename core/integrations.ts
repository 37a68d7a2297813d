import { z } from "zod";
import { limits } from "./limits.ts";
import { refuseTwice } from "./repeated_name.ts";

const addressesSchema = z.array(
  z.email().max(limits.emailCharsMax).describe("An e-mail address, each once."),
).max(20).default([]);

/** Events that a webhook may be sent: the first-level queues that have a webhook consumer. */
export const webhookEventSchema = z.enum(["chat.end", "offlineMessage.submit", "agent.wrapup"]);

const secretBytes = { min: 24, max: 64 };

const webhookSchema = z.strictObject({
  webhookId: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "1 to 64 of a-z 0-9 _ -").describe(
    "Its name within the site.",
  ),
  url: z.url({ protocol: /^https?$/ }).max(limits.urlCharsMax).refine(
    (url) => !hasLogin(url),
    "an address without a name and password in it",
  ).describe(
    "Where it is sent: https, to a host of the public net, without a name and password in it.",
  ),
  secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, "whsec_ and base64").refine(
    isSecret,
    `whsec_ and base64 of ${secretBytes.min} to ${secretBytes.max} bytes`,
  ).describe("Signs what is sent (Standard Webhooks): whsec_ and base64 of 24 to 64 bytes.").meta({
    writeOnly: true,
  }),
  events: z.array(webhookEventSchema.describe("An event.")).min(1)
    .max(webhookEventSchema.options.length).describe("What it is told of."),
}).describe("A webhook.");

const onChatEndSchema = z.boolean().describe("It gets chats that end.");
const onOfflineMessageSchema = z.boolean().describe("It gets offline messages.");

const salesforceSchema = z.strictObject({
  instanceUrl: z.url({ protocol: /^https$/ }).max(limits.urlCharsMax).refine(
    (url) => URL.parse(url)?.origin === url.replace(/\/$/, ""),
    "https:// and a host, no path",
  ).describe("The instance: https:// and a host of the public net, no path."),
  onChatEnd: onChatEndSchema.default(true),
  onOfflineMessage: onOfflineMessageSchema.default(true),
});

const zendeskSchema = z.strictObject({
  subdomain: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "1 to 63 of a-z 0-9 -")
    .describe("The part of its address before .zendesk.com."),
  onChatEnd: onChatEndSchema.default(true),
  onOfflineMessage: onOfflineMessageSchema.default(true),
});

/** An integration that gets nothing is a mistake. */
const getsSomething = {
  check: (one: { readonly onChatEnd: boolean; readonly onOfflineMessage: boolean }) =>
    one.onChatEnd || one.onOfflineMessage,
  fault: {
    path: ["onChatEnd"],
    message: "it gets neither chats nor offline messages: leave it out",
  },
};

/**
 * What leaves the chat for elsewhere. The distributor sends a second-level message only where a
 * site has the integration; who consumes them are the adapters. [MQ5]
 */
export const integrationsSchema = z.strictObject({
  email: z.strictObject({
    chatEndTo: addressesSchema.describe("Who gets every chat's transcript."),
    offlineMessageTo: addressesSchema.describe("Who gets every offline message."),
  }).prefault({}).describe("Mail to the site's own people."),
  ticket: z.strictObject({
    onChatEnd: z.boolean().default(false).describe("A chat that ends becomes a ticket."),
    onOfflineMessage: z.boolean().default(false).describe("An offline message becomes a ticket."),
  }).prefault({}).describe("Our own tickets."),
  webhooks: z.array(webhookSchema).max(20).default([]).describe("Webhooks."),
  salesforce: salesforceSchema.refine(getsSomething.check, getsSomething.fault).optional().describe(
    "Salesforce.",
  ),
  zendesk: zendeskSchema.refine(getsSomething.check, getsSomething.fault).optional().describe(
    "Zendesk.",
  ),
}).superRefine(({ email, webhooks }, context) => {
  refuseTwice(webhooks.map((one) => one.webhookId), (at) => ["webhooks", at, "webhookId"], context);
  webhooks.forEach(({ events }, at) =>
    refuseTwice(events, (place) => ["webhooks", at, "events", place], context)
  );
  for (const key of ["chatEndTo", "offlineMessageTo"] as const) {
    const addresses = email[key].map((address) => address.toLowerCase());
    refuseTwice(addresses, (place) => ["email", key, place], context);
  }
}).describe("What leaves the chat for elsewhere.");
/** What leaves the chat for elsewhere. */
export type Integrations = z.infer<typeof integrationsSchema>;

/** Nothing can be sent to an address with a log-in in it. */
function hasLogin(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed === null || parsed.username !== "" || parsed.password !== "";
}

function isSecret(secret: string): boolean {
  try {
    const { length } = atob(secret.replace("whsec_", ""));
    return length >= secretBytes.min && length <= secretBytes.max;
  } catch {
    return false;
  }
}
