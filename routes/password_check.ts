import type { Context } from "hono";
import type { AgentId } from "../core/ids.ts";
import type { AgentConfig } from "../core/agent_config.ts";
import type { SiteConfig } from "../core/site_config.ts";
import type { LoginLock } from "../server/login_lock.ts";
import { verifyPassword } from "../server/password.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { noteAct } from "./audit.ts";
import { problem } from "./problem.ts";

/** Compared when there is no such agent, so that both answers take as long. */
const nobodysHash =
  "scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/**
 * The agent whose password this is, or the answer that turns it away: 401, and 429 while the name
 * is locked, also to the right password. Unknown and disabled agents are answered as a wrong
 * password is. [AM7]
 */
export async function checkPassword(
  { deps, logins }: { readonly deps: AppDeps; readonly logins: LoginLock },
  c: Context<AppEnv>,
  config: SiteConfig,
  given: { readonly agentId: AgentId; readonly password: string },
): Promise<AgentConfig | Response> {
  const { siteId } = config;
  const { agentId } = given;
  const agent = config.agents.find((one) => one.agentId === agentId);
  const attempt = logins.attempt({ siteId, agentId, isAgent: agent !== undefined });
  if (attempt.waitMs > 0) {
    c.header("Retry-After", String(Math.ceil(attempt.waitMs / 1_000)));
    const detail = "Too many wrong passwords for this name: wait, or have an admin unlock it";
    return problem(c, 429, "Locked", detail, { code: "locked" });
  }
  const right = await verifyPassword(given.password, agent?.passwordHash ?? nobodysHash);
  if (agent !== undefined && right && !agent.disabled) {
    logins.clear({ siteId, agentId });
    return agent;
  }
  if (attempt.locks && agent !== undefined) {
    await noteAct(deps, c, { siteId, by: "unknown", what: `logins.lock ${agentId}` });
  }
  return problem(c, 401, "Wrong name or password", "No agent of this site logs in with these", {
    code: "wrong_password",
  });
}
