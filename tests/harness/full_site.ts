import type { SiteConfigInput } from "../../core/site_config.ts";

const hours = {
  timeZone: "Europe/Oslo",
  weekly: [{ day: 1, from: "08:00", to: "12:00" }, { day: 1, from: "13:00", to: "16:00" }],
  holidays: ["2026-12-25"],
};
const fields = [
  { fieldId: "email", label: "E-mail", type: "email", required: true },
  { fieldId: "topic", label: "Topic", type: "select", options: ["sales", "help"] },
] as const;

/** A configuration in which every field is given. The ids are what their schemas take. */
export const fullSite = {
  siteId: "acme",
  name: "Acme",
  version: 7,
  language: "nb",
  texts: { de: { position: "Sie sind Nummer {position}." } },
  agents: [{
    agentId: "ana",
    name: "Ana",
    passwordHash: "scrypt$16384$8$1$c2FsdA$aGFzaA",
    chatLimit: 3,
    tokenVersion: 2,
    role: "supervisor",
    departmentIds: ["sales", "help"],
    disabled: false,
  }, {
    agentId: "ben",
    name: "Ben",
    passwordHash: "scrypt$16384$8$1$c2FsdA$aGFzaA",
  }],
  departments: [
    { departmentId: "sales", name: "Sales", backupDepartmentId: "help", hours },
    { departmentId: "help", name: "Help", backupDepartmentId: "desk" },
    { departmentId: "desk", name: "Desk" },
  ],
  campaigns: [{
    campaignId: "main",
    name: "Main",
    departmentId: "sales",
    departmentChoice: ["sales", "help"],
    button: {
      position: "left",
      colour: "#102030",
      onlineText: "Chat",
      offlineText: "Write",
      onlineImageUrl: "https://acme.example/on.png",
      offlineImageUrl: "https://acme.example/off.png",
      hiddenWhenOffline: false,
    },
    window: {
      title: "Acme",
      greeting: "Hello",
      colour: "#102030",
      logoUrl: "https://acme.example/logo.png",
      asksForRating: true,
      offersTranscript: true,
      offersFiles: true,
    },
    preChat: { fields },
    offlineForm: { fields },
    invitations: [{
      invitationId: "hello",
      text: "May we help?",
      conditions: {
        urlContains: "/prices",
        referrerContains: "search",
        secondsOnPageMin: 10,
        secondsOnSiteMin: 20,
        visitsMin: 2,
        pagesMin: 3,
        variables: { plan: "free" },
      },
    }],
    texts: { de: { greeting: "Hallo" } },
  }, { campaignId: "other", name: "Other" }],
  routing: { mode: "round_robin", lastChattedFirst: true, acceptWithinMs: 20_000 },
  queue: {
    lengthMax: 10,
    estimatedWaitMsMax: 60_000,
    waitMsMax: 120_000,
    whileNobodyOnline: false,
  },
  hours,
  inactivity: { warnAfterMs: 60_000, endAfterMs: 60_000, agentSilentMs: 30_000 },
  absence: { afterGrace: "requeue", atLogout: "transfer", departmentId: "help" },
  customVariables: [{ name: "plan", label: "Plan" }, { name: "cart" }],
  awayReasons: ["lunch", "break"],
  wrapUpCategories: ["sale", "question"],
  cannedMessages: [
    { cannedId: "hi", title: "Hi", shortcut: "hi", text: "Hello", departmentId: "sales" },
    { cannedId: "bye", title: "Bye", shortcut: "bye", text: "Goodbye", departmentId: "sales" },
    { cannedId: "hi-all", title: "Hi", shortcut: "hi", text: "Hello there" },
  ],
  bans: [
    { banId: "b1", target: { type: "address", address: "192.0.2.0/24" } },
    {
      banId: "b2",
      target: { type: "visitor", visitorId: "01JZZZZZZZZZZZZZZZZZZZZZZZ" },
      until: 1_900_000_000_000,
      agentId: "zoe",
      comment: "spam",
    },
  ],
  trackedVisitorsMax: 100,
  signIn: { keys: ["k".repeat(32), "l".repeat(32)], audience: "acme", enforce: true },
  bot: { name: "Bot" },
  translation: { agentLanguage: "en" },
  retention: { chats: 30, offlineMessages: 30, logs: 30, visits: 30 },
  integrations: {
    email: { chatEndTo: ["a@acme.example"], offlineMessageTo: ["a@acme.example"] },
    ticket: { onChatEnd: true, onOfflineMessage: true },
    webhooks: [{
      webhookId: "crm",
      url: "https://acme.example/hook",
      secret: `whsec_${btoa("s".repeat(24))}`,
      events: ["chat.end", "agent.wrapup"],
    }],
    salesforce: {
      instanceUrl: "https://acme.my.salesforce.com",
      onChatEnd: true,
      onOfflineMessage: false,
    },
    zendesk: { subdomain: "acme", onChatEnd: false, onOfflineMessage: true },
  },
  allowedDomains: ["acme.example", ".shop.example"],
} as unknown as SiteConfigInput & Record<string, unknown>; // branded ids as plain strings
