import { z } from "zod";
import { agentIdSchema, type SiteId } from "../core/ids.ts";
import type { AgentConfig } from "../core/agent_config.ts";
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
  siteId: SiteId,
  { agentId, name, tokenVersion }: AgentConfig,
): Promise<AgentSession> {
  const exp = Math.floor(deps.clock.now() / 1_000) + agentSessionSeconds;
  const claims = { kind: "agent", site: siteId, sub: agentId, tokenVersion, exp } as const;
  return { agentId, name, token: await deps.tokens.issue(claims), expiresAt: exp * 1_000 };
}
