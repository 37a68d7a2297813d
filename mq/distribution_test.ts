import assert from "node:assert/strict";
import { siteConfigSchema } from "../core/site_config.ts";
import { queueDefinitions, queueNames } from "./definitions.ts";
import { distribution, prefixedDistribution } from "./distribution.ts";

const webhook = (webhookId: string, ...events: string[]) => ({
  webhookId,
  url: "https://example.org/hook",
  secret: `whsec_${btoa("x".repeat(32))}`,
  events,
});
const salesforce = { instanceUrl: "https://acme.my.salesforce.com" };
const zendesk = { subdomain: "acme" };

// What a site has, and which consumers get the chats that end, offline messages and wrap-ups.
const table: readonly [string, Record<string, unknown>, string, string, string][] = [
  ["nothing", {}, "persistence", "persistence", "persistence"],
  [
    "chats mailed",
    { email: { chatEndTo: ["a@example.org"] } },
    "persistence email",
    "persistence",
    "persistence",
  ],
  [
    "offline messages mailed",
    { email: { offlineMessageTo: ["a@example.org"] } },
    "persistence",
    "persistence email",
    "persistence",
  ],
  [
    "tickets of chats",
    { ticket: { onChatEnd: true } },
    "persistence ticket",
    "persistence",
    "persistence",
  ],
  [
    "tickets of offline messages",
    { ticket: { onOfflineMessage: true } },
    "persistence",
    "persistence ticket",
    "persistence",
  ],
  [
    "a webhook of one event",
    { webhooks: [webhook("one", "agent.wrapup")] },
    "persistence",
    "persistence",
    "persistence webhook",
  ],
  [
    "two webhooks",
    { webhooks: [webhook("one", "chat.end"), webhook("two", "chat.end", "offlineMessage.submit")] },
    "persistence webhook",
    "persistence webhook",
    "persistence",
  ],
  [
    "Salesforce for chats",
    { salesforce: { ...salesforce, onOfflineMessage: false } },
    "persistence salesforce",
    "persistence",
    "persistence",
  ],
  [
    "Zendesk for offline messages",
    { zendesk: { ...zendesk, onChatEnd: false } },
    "persistence",
    "persistence zendesk",
    "persistence",
  ],
  [
    "everything",
    {
      email: { chatEndTo: ["a@example.org"], offlineMessageTo: ["a@example.org"] },
      ticket: { onChatEnd: true, onOfflineMessage: true },
      webhooks: [webhook("one", "chat.end", "offlineMessage.submit", "agent.wrapup")],
      salesforce,
      zendesk,
    },
    "persistence email ticket webhook salesforce zendesk",
    "persistence email ticket webhook salesforce zendesk",
    "persistence webhook",
  ],
];

for (const [name, integrations, ...wanted] of table) {
  Deno.test(`[OB3] a site with ${name}: exactly these consumers`, () => {
    const config = siteConfigSchema.parse({ siteId: "acme", name: "Acme", integrations });
    const events = ["chat.end", "offlineMessage.submit", "agent.wrapup"] as const;
    events.forEach((event, at) => {
      const names = distribution[event].filter(({ wants }) => wants(config));
      assert.deepEqual(
        names.map(({ queueName }) => queueName),
        wanted[at]?.split(" ").map((consumer) => `${event}.${consumer}`),
      );
    });
    assert.deepEqual(
      distribution["agent.ban"].filter(({ wants }) => wants(config)).map((one) => one.queueName),
      ["agent.ban.persistence", "agent.ban.configuration"],
    );
  });
}

Deno.test("[OB2] a second-level queue is named after its event and consumer", () => {
  for (const [event, seconds] of Object.entries(distribution)) {
    for (const { queueName } of seconds) {
      assert.match(queueName, new RegExp(`^${event.replaceAll(".", "\\.")}\\.[a-z]+$`));
    }
  }
});

Deno.test("[OB2] every queue is defined once, second levels with their event's schema", () => {
  const definitions = queueDefinitions();
  const names = definitions.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const seconds of Object.values(distribution)) {
    for (const { queueName } of seconds) assert.ok(names.includes(queueName), queueName);
  }
  for (const { name, check, leaseMs, attemptsMax } of definitions) {
    assert.ok(check({}) !== undefined, name);
    assert.ok(leaseMs >= 10_000 && attemptsMax >= 5, name);
  }
});

Deno.test("[OB2] a prefix stands before every name, of definitions and table alike", () => {
  const names = queueDefinitions("eu.").map(({ name }) => name);
  assert.deepEqual(names, queueNames().map(({ queueName }) => `eu.${queueName}`));
  const table = prefixedDistribution("eu.");
  assert.deepEqual(Object.keys(table), Object.keys(distribution).map((name) => `eu.${name}`));
  for (const seconds of Object.values(table)) {
    for (const { queueName } of seconds) assert.ok(names.includes(queueName), queueName);
  }
});
