import { z } from "zod";
import type { SiteConfig } from "../core/site_config.ts";
import type { Caller } from "./caller.ts";
import type { Json } from "./config_secret.ts";

/** Of an agent that is about to be written; what else is wrong with it, its schema says. */
const staffSchema = z.object({
  agents: z.array(z.object({
    agentId: z.string(),
    role: z.string().default("agent"),
    disabled: z.boolean().default(false),
  })),
});

/** Of bans that are about to be written. */
const bansSchema = z.object({
  bans: z.array(z.object({ banId: z.string(), agentId: z.string().optional() })),
});

/** Bans that say they were set by somebody else than who writes them. The operator may. [AM29] */
export function forgedBans(
  before: SiteConfig,
  next: Json,
  caller: Caller,
): { readonly path: readonly (string | number)[]; readonly message: string }[] {
  const parsed = bansSchema.safeParse({ bans: [], ...next });
  if (caller.type === "operator" || !parsed.success) return [];
  const known = new Map<string, string | undefined>(
    before.bans.map(({ banId, agentId }) => [banId, agentId]),
  );
  const own = caller.agent.agentId;
  const message = `whoever set it: your own, "${own}", or as it was`;
  return parsed.data.bans.flatMap(({ banId, agentId }, place) =>
    agentId === undefined || agentId === own || agentId === known.get(banId)
      ? []
      : [{ path: ["bans", place, "agentId"], message }]
  );
}

const ranks = ["agent", "supervisor", "admin"];

/**
 * What agents may not do to themselves and their site, whatever their permissions: leave it without
 * an enabled admin, or rise. The operator may. [AM6]
 */
export function staffFault(
  before: SiteConfig,
  next: Json,
  caller: Caller,
): { readonly status: 403 | 409; readonly code: string; readonly detail: string } | undefined {
  if (caller.type === "operator") return undefined;
  const staff = staffSchema.safeParse({ agents: [], ...next });
  if (!staff.success) return undefined;
  const { agents } = staff.data;
  const self = agents.find(({ agentId }) => agentId === caller.agent.agentId);
  if (self !== undefined && ranks.indexOf(self.role) > ranks.indexOf(caller.agent.role)) {
    return { status: 403, code: "own_role", detail: "Nobody raises its own role" };
  }
  const isAdmin = (agent: { role: string; disabled: boolean }) =>
    agent.role === "admin" && !agent.disabled;
  if (!before.agents.some(isAdmin) || agents.some(isAdmin)) return undefined;
  const detail = "The site needs an enabled admin besides: make another one first";
  return { status: 409, code: "last_admin", detail };
}
