import { passwordHash } from "./node_process.ts";

/** One site of the run, and the second-level queues that its configuration asks for. */
export interface ArchiveSite {
  readonly siteId: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Consumers besides persistence, by first-level queue. */
  readonly wants: Readonly<Record<FirstLevel, readonly string[]>>;
}

/** The first-level queues that are distributed by integration. */
export type FirstLevel = "chat.end" | "offlineMessage.submit" | "agent.wrapup";

/** Agents of every site, and how many chats each takes. */
export const agentsPerSite = 2;
export const chatsPerAgent = 8;

function siteOf(
  siteId: string,
  integrations: Readonly<Record<string, unknown>>,
  wants: ArchiveSite["wants"],
): ArchiveSite {
  const agents = Array.from({ length: agentsPerSite }, (_, index) => ({
    agentId: `agent${index}`,
    name: `Agent ${index}`,
    passwordHash: passwordHash(),
    chatLimit: chatsPerAgent,
  }));
  const config = { siteId, name: siteId, agents, integrations, wrapUpCategories: ["sales"] };
  return { siteId, config, wants };
}

const webhook = (events: readonly string[]) => ({
  webhookId: "hook",
  url: "https://hooks.example.com/chat",
  secret: `whsec_${"A".repeat(32)}`,
  events,
});

/** Four sites, each with other integrations. */
export const archiveSites: readonly ArchiveSite[] = [
  siteOf("plain", {}, { "chat.end": [], "offlineMessage.submit": [], "agent.wrapup": [] }),
  siteOf("mail", { email: { chatEndTo: ["desk@example.com"] } }, {
    "chat.end": ["email"],
    "offlineMessage.submit": [],
    "agent.wrapup": [],
  }),
  siteOf("hooks", { webhooks: [webhook(["agent.wrapup", "offlineMessage.submit"])] }, {
    "chat.end": [],
    "offlineMessage.submit": ["webhook"],
    "agent.wrapup": ["webhook"],
  }),
  siteOf(
    "all",
    {
      email: { chatEndTo: ["desk@example.com"], offlineMessageTo: ["desk@example.com"] },
      ticket: { onChatEnd: true, onOfflineMessage: true },
      webhooks: [webhook(["chat.end", "offlineMessage.submit", "agent.wrapup"])],
      salesforce: { instanceUrl: "https://example.my.salesforce.com" },
      zendesk: { subdomain: "example", onOfflineMessage: false },
    },
    {
      "chat.end": ["email", "ticket", "webhook", "salesforce", "zendesk"],
      "offlineMessage.submit": ["email", "ticket", "webhook", "salesforce"],
      "agent.wrapup": ["webhook"],
    },
  ),
];
