import { z } from "zod";
import { type AgentId, agentIdSchema, siteIdSchema } from "./ids.ts";

/** One agent of a site, as configured. */
export const agentConfigSchema = z.strictObject({
  agentId: agentIdSchema,
  name: z.string().min(1).max(128),
  /** scrypt$N$r$p$salt$hash, the last two base64url. */
  passwordHash: z.string().regex(
    /^scrypt\$\d+\$\d+\$\d+\$[A-Za-z0-9_-]+\$[A-Za-z0-9_-]+$/,
    "scrypt$N$r$p$salt$hash",
  ),
  /** Chats at once. */
  chatLimit: z.int().min(1).max(100).default(3),
  /** Raised to end every session of the agent at once. */
  tokenVersion: z.int().min(1).default(1),
});
export type AgentConfig = z.infer<typeof agentConfigSchema>;

/**
 * How waiting chats reach agents. manual: they accept. load_balancing: fewest ongoing chats first.
 */
const routingSchema = z.strictObject({
  mode: z.enum(["manual", "load_balancing"]).default("load_balancing"),
});

/** A chat in which nobody writes is warned about, then ended. [EN12] */
const inactivitySchema = z.strictObject({
  warnAfterMs: z.int().min(1_000).max(86_400_000).default(600_000),
  endAfterMs: z.int().min(1_000).max(86_400_000).default(300_000),
});

/** Everything a site is configured with. One schema, read by all roles. */
export const siteConfigSchema = z.strictObject({
  siteId: siteIdSchema,
  name: z.string().min(1).max(128),
  version: z.int().min(1).default(1),
  agents: z.array(agentConfigSchema).max(1_000).default([]),
  routing: routingSchema.prefault({}),
  inactivity: inactivitySchema.prefault({}),
  /**
   * Hosts whose pages may connect besides our own: "example.com" exactly, ".example.com" below it
   * too.
   */
  allowedDomains: z.array(z.string().min(1).max(253)).max(100).default([]),
}).superRefine((config, context) => {
  const seen = new Set<AgentId>();
  config.agents.forEach((agent, index) => {
    if (seen.has(agent.agentId)) {
      context.addIssue({
        code: "custom",
        path: ["agents", index, "agentId"],
        message: `"${agent.agentId}" stands twice`,
      });
    }
    seen.add(agent.agentId);
  });
});
export type SiteConfig = z.infer<typeof siteConfigSchema>;
