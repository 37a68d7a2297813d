import { passwordHash } from "./node_process.ts";

/** What happens in chats that has consumers elsewhere. */
export type Event = "chat.end" | "offlineMessage.submit" | "agent.wrapup" | "chat.transcript";

/** One site of the run. */
export interface ArchiveSite {
  readonly siteId: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Queues that nobody consumes here and that its configuration asks for, with their event. */
  readonly wants: readonly (readonly [queueName: string, event: Event])[];
}

/** Agents of every site. */
export const agentsPerSite = 2;
/** How many chats each takes. */
export const chatsPerAgent = 8;

function siteOf(
  siteId: string,
  integrations: Readonly<Record<string, unknown>>,
  wants: Readonly<Partial<Record<Event, readonly string[]>>>,
): ArchiveSite {
  const agents = Array.from({ length: agentsPerSite }, (_, index) => ({
    agentId: `agent${index}`,
    name: `Agent ${index}`,
    passwordHash: passwordHash(),
    chatLimit: chatsPerAgent,
  }));
  const config = { siteId, name: siteId, agents, integrations, wrapUpCategories: ["sales"] };
  const seconds = Object.entries(wants).flatMap(([event, consumers]) =>
    // The keys of `wants` are events.
    consumers.map((consumer) => [`${event}.${consumer}`, event as Event] as const)
  );
  // Whoever asked for a transcript gets it, on every site.
  return { siteId, config, wants: [...seconds, ["chat.transcript", "chat.transcript"]] };
}

const webhook = (events: readonly string[]) => ({
  webhookId: "hook",
  url: "https://hooks.example.com/chat",
  secret: `whsec_${"A".repeat(32)}`,
  events,
});

/** Four sites, each with other integrations: none, one, some for some events, all. */
export const archiveSites: readonly ArchiveSite[] = [
  siteOf("plain", {}, {}),
  siteOf("mail", { email: { chatEndTo: ["desk@example.com"] } }, { "chat.end": ["email"] }),
  siteOf("hooks", { webhooks: [webhook(["agent.wrapup", "offlineMessage.submit"])] }, {
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
