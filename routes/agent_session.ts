import { z } from "zod";
import type { AgentConfig } from "../core/agent_config.ts";
import { agentIdSchema } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import type { AppDeps } from "./app_deps.ts";

/** An agent's session: a working day and its night. */
const agentSessionSeconds = 24 * 3600;

/** A session as its agent gets it; `expiresAt` in milliseconds since 1970. */
export const agentSessionSchema = z.object({
  agentId: agentIdSchema,
  name: z.string(),
  token: z.string(),
  expiresAt: z.int(),
});
export type AgentSession = z.infer<typeof agentSessionSchema>;

/** Begins a session of the agent, as it is configured now. */
export async function beginSession(
  deps: AppDeps,
  { siteId, madeAt }: SiteConfig,
  { agentId, name, tokenVersion }: AgentConfig,
): Promise<AgentSession> {
  const exp = Math.floor(deps.clock.now() / 1_000) + agentSessionSeconds;
  const site = { site: siteId, made: madeAt };
  const claims = { kind: "agent", ...site, sub: agentId, tokenVersion, exp } as const;
  return { agentId, name, token: await deps.tokens.issue(claims), expiresAt: exp * 1_000 };
}
