import { z } from "zod";
import { agentIdSchema, departmentIdSchema } from "./ids.ts";

/** One agent of a site, as configured. */
export const agentConfigSchema = z.strictObject({
  agentId: agentIdSchema.describe("The agent's name within the site; it logs in with it."),
  name: z.string().min(1).max(128).describe("What visitors and other agents see."),
  passwordHash: z.string().regex(
    /^scrypt\$\d+\$\d+\$\d+\$[A-Za-z0-9_-]+\$[A-Za-z0-9_-]+$/,
    "scrypt$N$r$p$salt$hash",
  ).max(512).describe("`scrypt$N$r$p$salt$hash`, the last two in base64url.").meta({
    writeOnly: true,
  }),
  chatLimit: z.int().min(1).max(100).default(3).describe("Chats at once; offers count."),
  tokenVersion: z.int().min(1).default(1).describe(
    "Raised to end every session of the agent at once.",
  ),
  role: z.enum(["admin", "supervisor", "agent"]).default("agent").describe(
    "What it may do, by the table in core/permission.ts.",
  ),
  departmentIds: z.array(departmentIdSchema.describe("A department of the site.")).max(100)
    .default([]).describe("Departments whose chats it takes; a supervisor's scope."),
  disabled: z.boolean().default(false).describe(
    "Cannot log in; its console is closed and its chats go by the site's policy at once.",
  ),
}).describe("An agent.");
/** One agent of a site, as configured. */
export type AgentConfig = z.infer<typeof agentConfigSchema>;
