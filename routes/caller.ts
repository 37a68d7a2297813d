import type { Context } from "hono";
import { type Permission, permissionTable, type Scope } from "../core/permission.ts";
import type { AgentConfig } from "../core/agent_config.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { type Claims, sessionOf, type TokenFault } from "../server/session_token.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { bearerOf, isOperator } from "./operator.ts";
import { problem } from "./problem.ts";

/** Who asks for something of a site: whoever runs the deployment, or an agent of the site. */
export type Caller =
  | { readonly type: "operator" }
  | { readonly type: "agent"; readonly agent: AgentConfig };

/** Why a token lets nobody in here, as the problem's `code`. */
const faults = {
  no_token: [401, "A token is needed: Authorization: Bearer"],
  bad_token: [401, "The token is not one of this deployment"],
  token_expired: [401, "The session has expired: log in again"],
  session_revoked: [401, "The session was ended, or its agent is gone or disabled: log in again"],
  not_an_agent: [403, "Visitors may not do this"],
  other_site: [403, "The token is for another site"],
} as const;

/** What a request's token says, whichever site is asked: its claims, or why it has none. */
export type Bearer = "operator" | "no_token" | TokenFault | Claims;

/** Reads the request's token. */
export async function readBearer(deps: AppDeps, c: Context<AppEnv>): Promise<Bearer> {
  const token = bearerOf(c);
  if (token === undefined) return "no_token";
  return isOperator(deps, c) ? "operator" : await deps.tokens.read(token);
}

/** Who a token says at this site as it is, or the answer that turns it away. [AM2, AM11] */
export function callerOf(
  deps: AppDeps,
  c: Context<AppEnv>,
  config: SiteConfig,
  claims: Bearer,
): Caller | Response {
  if (claims === "operator") return { type: "operator" };
  if (typeof claims === "string") return turnedAway(c, claims);
  if (claims.site !== config.siteId) return turnedAway(c, "other_site");
  if (claims.kind === "visitor") return turnedAway(c, "not_an_agent");
  const session = sessionOf(claims, config, deps.clock.now());
  const agent = config.agents.find(({ agentId }) => agentId === claims.sub);
  if (session === undefined || agent === undefined || agent.disabled) {
    return turnedAway(c, "session_revoked");
  }
  return { type: "agent", agent };
}

/** The answer that turns a token away. */
export function turnedAway(c: Context<AppEnv>, code: keyof typeof faults): Response {
  const [status, detail] = faults[code];
  if (status === 401) c.header("WWW-Authenticate", "Bearer");
  return problem(c, status, status === 401 ? "Unauthorized" : "Forbidden", detail, { code });
}

/** How far the caller's permission reaches; the operator's reaches everywhere. */
export function scopeOf(caller: Caller, permission: Permission): Scope {
  return caller.type === "operator" ? "site" : permissionTable[caller.agent.role][permission];
}

/** The caller as logs name it: "operator", "agent:ana". */
export function callerName(caller: Caller): string {
  return caller.type === "operator" ? "operator" : `agent:${caller.agent.agentId}`;
}

/** 403: the caller is known, and may not. */
export function forbidden(c: Context<AppEnv>, detail: string, code = "forbidden"): Response {
  return problem(c, 403, "Forbidden", detail, { code });
}
