import assert from "node:assert/strict";
import { siteConfigSchema } from "./site_config.ts";

const agent = { agentId: "ana", name: "Ana", passwordHash: "scrypt$16384$8$1$c2FsdA$aGFzaA" };
const site = { siteId: "acme", name: "Acme", agents: [agent] };

Deno.test("[RT3] a site needs a name only: three chats an agent, load balancing, 10 + 5 minutes", () => {
  const config = siteConfigSchema.parse(site);
  assert.equal(config.agents[0]?.chatLimit, 3);
  assert.equal(config.routing.mode, "load_balancing");
  assert.deepEqual(config.inactivity, { warnAfterMs: 600_000, endAfterMs: 300_000 });
  assert.deepEqual(config.allowedDomains, []);
});

const faults: readonly [string, Record<string, unknown>, string][] = [
  ["an agent twice", { agents: [agent, agent] }, "agents.1.agentId"],
  ["an upper-case id", { siteId: "Acme" }, "siteId"],
  ["a slash in its id", { siteId: "a/b" }, "siteId"],
  [
    "a password in clear",
    { agents: [{ ...agent, passwordHash: "secret" }] },
    "agents.0.passwordHash",
  ],
  ["a limit of none", { agents: [{ ...agent, chatLimit: 0 }] }, "agents.0.chatLimit"],
  ["an unknown routing", { routing: { mode: "lottery" } }, "routing.mode"],
  ["an unknown field", { colour: "red" }, ""],
];
for (const [what, change, field] of faults) {
  Deno.test(`[SE1] a configuration with ${what} is refused with the field`, () => {
    const parsed = siteConfigSchema.safeParse({ ...site, ...change });
    assert.equal(parsed.error?.issues[0]?.path.join("."), field);
  });
}
