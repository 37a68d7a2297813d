import type { Context } from "hono";
import type { AgentId } from "../core/ids.ts";
import type { AgentConfig } from "../core/agent_config.ts";
import type { SiteConfig } from "../core/site_config.ts";
import type { LoginLock } from "../server/login_lock.ts";
import type { AttemptEnd } from "../server/login_tally.ts";
import { verifyPassword } from "../server/password.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { noteAct } from "./audit.ts";
import { problem } from "./problem.ts";

/** Compared when there is no such agent, so that both answers take as long. */
const nobodysHash =
  "scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** A password that somebody gives for a name. */
export interface GivenPassword {
  readonly agentId: AgentId;
  readonly password: string;
  /** An address; or "session": from who is logged in under the name. */
  readonly from: string;
}

/**
 * The agent whose password this is, or the answer that turns it away: 401, and 429 while the name
 * is locked, also to the right password. Unknown and disabled agents are answered as a wrong
 * password is. [AM7]
 */
export async function checkPassword(
  { deps, logins }: { readonly deps: AppDeps; readonly logins: LoginLock },
  c: Context<AppEnv>,
  config: SiteConfig,
  { agentId, password, from }: GivenPassword,
): Promise<AgentConfig | Response> {
  const { siteId } = config;
  const agent = config.agents.find((one) => one.agentId === agentId);
  const isAgent = agent !== undefined;
  const attempt = await logins.attempt({ siteId, agentId, isAgent, from });
  if (attempt.type === "locked") {
    c.header("Retry-After", String(Math.ceil(attempt.waitMs / 1_000)));
    const detail = "Too many wrong passwords for this name: wait, or have an admin unlock it";
    return problem(c, 429, "Locked", detail, { code: "locked" });
  }
  let how: AttemptEnd = "neither";
  let locks = false;
  try {
    const isRight = await verifyPassword(password, agent?.passwordHash ?? nobodysHash);
    how = isAgent && isRight && !agent.disabled ? "right" : "wrong";
  } finally {
    locks = attempt.end(how);
  }
  if (how === "right" && isAgent) return agent;
  if (locks && isAgent) {
    // Not waited for: names that no agent has are answered as fast.
    void noteAct(deps, c, { siteId, by: "unknown", what: `logins.lock ${agentId}` });
  }
  return problem(c, 401, "Wrong name or password", "No agent of this site logs in with these", {
    code: "wrong_password",
  });
}
