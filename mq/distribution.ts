import type { SiteConfig } from "../core/site_config.ts";
import type { Distribution } from "./distributor.ts";

const always = (_: SiteConfig) => true;

function webhookFor(event: SiteConfig["integrations"]["webhooks"][number]["events"][number]) {
  return ({ integrations }: SiteConfig) =>
    integrations.webhooks.some(({ events }) => events.includes(event));
}

/**
 * Every consumer of a first-level event: the name of its queue, and which sites want it. What is
 * written into the archive is written for all. A new consumer is an entry here. [OB3]
 */
export const distribution = {
  "chat.end": [
    { queueName: "chat.end.persistence", wants: always },
    {
      queueName: "chat.end.email",
      wants: ({ integrations }) => integrations.email.chatEndTo.length > 0,
    },
    { queueName: "chat.end.ticket", wants: ({ integrations }) => integrations.ticket.onChatEnd },
    { queueName: "chat.end.webhook", wants: webhookFor("chat.end") },
    {
      queueName: "chat.end.salesforce",
      wants: ({ integrations }) => integrations.salesforce?.onChatEnd === true,
    },
    {
      queueName: "chat.end.zendesk",
      wants: ({ integrations }) => integrations.zendesk?.onChatEnd === true,
    },
  ],
  "offlineMessage.submit": [
    { queueName: "offlineMessage.submit.persistence", wants: always },
    {
      queueName: "offlineMessage.submit.email",
      wants: ({ integrations }) => integrations.email.offlineMessageTo.length > 0,
    },
    {
      queueName: "offlineMessage.submit.ticket",
      wants: ({ integrations }) => integrations.ticket.onOfflineMessage,
    },
    { queueName: "offlineMessage.submit.webhook", wants: webhookFor("offlineMessage.submit") },
    {
      queueName: "offlineMessage.submit.salesforce",
      wants: ({ integrations }) => integrations.salesforce?.onOfflineMessage === true,
    },
    {
      queueName: "offlineMessage.submit.zendesk",
      wants: ({ integrations }) => integrations.zendesk?.onOfflineMessage === true,
    },
  ],
  "agent.wrapup": [
    { queueName: "agent.wrapup.persistence", wants: always },
    { queueName: "agent.wrapup.webhook", wants: webhookFor("agent.wrapup") },
  ],
  "agent.ban": [
    { queueName: "agent.ban.persistence", wants: always },
    { queueName: "agent.ban.configuration", wants: always },
  ],
} as const satisfies Distribution;

/** The table with an installation's prefix before every name. */
export function prefixedDistribution(prefix: string): Distribution {
  return Object.fromEntries(
    Object.entries(distribution).map(([first, seconds]) => [
      prefix + first,
      seconds.map(({ queueName, wants }) => ({ queueName: prefix + queueName, wants })),
    ]),
  );
}
