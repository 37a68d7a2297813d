import { z } from "zod";
import { banTargetSchema } from "./ban.ts";
import { businessHoursSchema } from "./business_hours.ts";
import { formSchema } from "./form.ts";
import { agentIdSchema, campaignIdSchema, departmentIdSchema, siteIdSchema } from "./ids.ts";
import { integrationsSchema } from "./integrations.ts";
import { invitationConfigSchema } from "./invitation.ts";
import { limits } from "./limits.ts";

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
  /** What it may do: core/permission.ts. */
  role: z.enum(["admin", "supervisor", "agent"]).default("agent"),
  departmentIds: z.array(departmentIdSchema).max(100).default([]),
  /** Cannot log in; its chats go by the site's policy at once. */
  disabled: z.boolean().default(false),
});
export type AgentConfig = z.infer<typeof agentConfigSchema>;

/** A department, as configured. */
export const departmentConfigSchema = z.strictObject({
  departmentId: departmentIdSchema,
  name: z.string().min(1).max(128),
  /** Takes this one's chats while nobody of it is online. */
  backupDepartmentId: departmentIdSchema.optional(),
  hours: businessHoursSchema.optional(),
});
export type DepartmentConfig = z.infer<typeof departmentConfigSchema>;

/**
 * How waiting chats reach agents. manual: they accept. load_balancing: fewest ongoing chats first.
 * round_robin: in the order of coming online. capability_weighted: lowest share of the limit first.
 */
const routingSchema = z.strictObject({
  mode: z.enum(["manual", "load_balancing", "round_robin", "capability_weighted"]).default(
    "load_balancing",
  ),
  /** The agent that the visitor chatted with last is tried first. */
  lastChattedFirst: z.boolean().default(false),
  /**
   * A chat is offered, and must be accepted within this time, or counts as missed; absent: it is
   * given.
   */
  acceptWithinMs: z.int().min(1_000).max(600_000).optional(),
});

/** What may wait. Beyond it a chat is refused, and the visitor can leave an offline message. */
const queueSchema = z.strictObject({
  lengthMax: z.int().min(0).max(limits.waitingChatsMax).default(limits.waitingChatsMax),
  estimatedWaitMsMax: z.int().min(1_000).max(86_400_000).optional(),
  /** A chat that waited for longer ends as wait_too_long. */
  waitMsMax: z.int().min(1_000).max(86_400_000).optional(),
  /** Whether chats may wait while no agent is online. */
  whileNobodyOnline: z.boolean().default(true),
});

/** A chat in which nobody writes is warned about, then ended. [EN12] */
const inactivitySchema = z.strictObject({
  warnAfterMs: z.int().min(1_000).max(86_400_000).default(600_000),
  endAfterMs: z.int().min(1_000).max(86_400_000).default(300_000),
  /** A visitor's message that stays unanswered this long gives the chat to somebody else. */
  agentSilentMs: z.int().min(1_000).max(86_400_000).optional(),
});

/**
 * What becomes of an agent's chats when it is gone for longer than the grace, and when it logs out,
 * is disabled or loses its role. keep at a log-out means: until the grace is over. [EN9]
 */
const absencePolicySchema = z.strictObject({
  afterGrace: z.enum(["keep", "requeue", "transfer", "end"]).default("keep"),
  atLogout: z.enum(["keep", "requeue", "transfer", "end"]).default("keep"),
  /** Where `transfer` goes. */
  departmentId: departmentIdSchema.optional(),
});

/** Button, window, forms and invitations of some of the site's pages: the seed's plan. [EN10] */
export const campaignConfigSchema = z.strictObject({
  campaignId: campaignIdSchema,
  name: z.string().min(1).max(128),
  /** Chats of this campaign go to this department when the visitor chose none. */
  departmentId: departmentIdSchema.optional(),
  preChat: formSchema.optional(),
  offlineForm: formSchema.optional(),
  invitations: z.array(invitationConfigSchema).max(100).default([]),
});
export type CampaignConfig = z.infer<typeof campaignConfigSchema>;

/** What a visitor's page may tell agents about it. */
const customVariableSchema = z.strictObject({
  name: z.string().min(1).max(64),
  label: z.string().max(128).optional(),
});

/** A text that agents write often. */
const cannedMessageSchema = z.strictObject({
  cannedId: z.string().min(1).max(64),
  title: z.string().min(1).max(128),
  shortcut: z.string().max(32).optional(),
  text: z.string().min(1).max(limits.textBytesMax / 4),
  departmentId: departmentIdSchema.optional(),
});

/** How the site's own pages sign their users in: JWTs (HS256) under one of these keys. [EN8] */
const signInSchema = z.strictObject({
  keys: z.array(z.string().min(32).max(256)).min(1).max(5),
  audience: z.string().min(1).max(128),
  /** A chat can be asked for only by who is signed in. */
  enforce: z.boolean().default(false),
});

/** Days that the archive keeps each kind; statistics are counts without anybody's name. [DB7] */
const retentionSchema = z.strictObject({
  chats: z.int().min(1).max(3_650).default(365),
  offlineMessages: z.int().min(1).max(3_650).default(365),
  /** Status changes, queue rows, invitations, uses of canned messages and the like. */
  logs: z.int().min(1).max(3_650).default(90),
  visits: z.int().min(1).max(3_650).default(730),
});

/** Everything a site is configured with. One schema, read by all roles. */
export const siteConfigSchema = z.strictObject({
  siteId: siteIdSchema,
  name: z.string().min(1).max(128),
  version: z.int().min(1).default(1),
  agents: z.array(agentConfigSchema).max(1_000).default([]),
  departments: z.array(departmentConfigSchema).max(200).default([]),
  /** The first one is the default; without any there is one that asks for nothing. */
  campaigns: z.array(campaignConfigSchema).max(200).default([]),
  routing: routingSchema.prefault({}),
  queue: queueSchema.prefault({}),
  hours: businessHoursSchema.optional(),
  inactivity: inactivitySchema.prefault({}),
  absence: absencePolicySchema.prefault({}),
  customVariables: z.array(customVariableSchema).max(limits.variablesMax).default([]),
  /** Names of away besides the plain one. */
  awayReasons: z.array(z.string().min(1).max(64)).max(50).default([]),
  wrapUpCategories: z.array(z.string().min(1).max(128)).max(200).default([]),
  cannedMessages: z.array(cannedMessageSchema).max(2_000).default([]),
  bans: z.array(z.strictObject({ banId: z.string().min(1).max(64), target: banTargetSchema }))
    .max(limits.bansMax).default([]),
  /** Visitors that agents can see at once. [EN5] */
  trackedVisitorsMax: z.int().min(0).max(limits.trackedVisitorsMax).default(400),
  signIn: signInSchema.optional(),
  /** A bot answers first; translation is offered per chat. Who does it: the worker. [EN7] */
  bot: z.strictObject({ name: z.string().min(1).max(128) }).optional(),
  translation: z.strictObject({ agentLanguage: z.string().min(2).max(16) }).optional(),
  retention: retentionSchema.prefault({}),
  integrations: integrationsSchema.prefault({}),
  /**
   * Hosts whose pages may connect besides our own: "example.com" exactly, ".example.com" below it
   * too.
   */
  allowedDomains: z.array(z.string().min(1).max(253)).max(100).default([]),
}).superRefine(checkNames);
export type SiteConfig = z.infer<typeof siteConfigSchema>;

interface Named {
  readonly agents: readonly AgentConfig[];
  readonly departments: readonly DepartmentConfig[];
  readonly campaigns: readonly CampaignConfig[];
  readonly absence: z.infer<typeof absencePolicySchema>;
}

/** Names stand once, and what is named is there. */
function checkNames(config: Named, context: z.RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  const once = (ids: readonly string[], list: string, key: string) =>
    ids.forEach((id, index) => {
      if (ids.indexOf(id) < index) refuse([list, index, key], `"${id}" stands twice`);
    });
  once(config.agents.map((agent) => agent.agentId), "agents", "agentId");
  once(config.departments.map((one) => one.departmentId), "departments", "departmentId");
  once(config.campaigns.map((one) => one.campaignId), "campaigns", "campaignId");
  const departments = new Set<string>(config.departments.map((one) => one.departmentId));
  const known = (id: string | undefined, path: (string | number)[]) => {
    if (id !== undefined && !departments.has(id)) refuse(path, `there is no department "${id}"`);
  };
  config.agents.forEach((agent, index) =>
    agent.departmentIds.forEach((id, place) => known(id, ["agents", index, "departmentIds", place]))
  );
  config.departments.forEach(({ departmentId, backupDepartmentId }, index) => {
    known(backupDepartmentId, ["departments", index, "backupDepartmentId"]);
    if (backupDepartmentId === departmentId) {
      refuse(["departments", index, "backupDepartmentId"], "a department cannot back up itself");
    }
  });
  config.campaigns.forEach(({ departmentId }, index) =>
    known(departmentId, ["campaigns", index, "departmentId"])
  );
  const { absence } = config;
  known(absence.departmentId, ["absence", "departmentId"]);
  const transfers = absence.afterGrace === "transfer" || absence.atLogout === "transfer";
  if (transfers && absence.departmentId === undefined) {
    refuse(["absence", "departmentId"], "transfer needs a department");
  }
}
