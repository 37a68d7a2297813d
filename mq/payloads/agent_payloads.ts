import { z } from "zod";
import { agentConfigSchema } from "../../core/agent_config.ts";
import { banTargetSchema } from "../../core/ban.ts";
import { agentIdSchema, chatIdSchema, departmentIdSchema, siteIdSchema } from "../../core/ids.ts";
import { agentStatusSchema } from "../../core/views.ts";
import { timeSchema } from "./time_field.ts";

// Agents: what they do, and who they are.

/** An agent's closing notes about a chat. */
export const agentWrapUpSchema = z.strictObject({
  siteId: siteIdSchema,
  chatId: chatIdSchema,
  agentId: agentIdSchema,
  category: z.string().nullable(),
  comment: z.string().nullable(),
  time: timeSchema,
});

/** An agent's own settings, as its console wrote them; the latest counts. */
export const savePreferenceSchema = z.strictObject({
  siteId: siteIdSchema,
  agentId: agentIdSchema,
  preferences: z.string(),
  time: timeSchema,
});

/** An agent banned somebody, or lifted a ban. */
export const agentBanSchema = z.strictObject({
  siteId: siteIdSchema,
  banId: z.string().min(1).max(64),
  target: banTargetSchema,
  /** When it ends by itself; null: never. */
  until: timeSchema.nullable(),
  agentId: agentIdSchema,
  lifted: z.boolean(),
  comment: z.string().nullable(),
  time: timeSchema,
});
/** An agent banned somebody, or lifted a ban. */
export type AgentBan = z.infer<typeof agentBanSchema>;

/** An agent as configured from `time` on; a removed one as it was last. */
export const agentSaveSchema = z.strictObject({
  siteId: siteIdSchema,
  agentId: agentIdSchema,
  name: z.string().min(1),
  role: agentConfigSchema.shape.role.unwrap(),
  departmentIds: z.array(departmentIdSchema),
  disabled: z.boolean(),
  removed: z.boolean(),
  /** The version of the site's configuration that has it so. */
  version: z.int().min(1),
  time: timeSchema,
});
/** An agent as configured. */
export type AgentSave = z.infer<typeof agentSaveSchema>;

/** An agent's status from `time` on. */
export const agentStatusLogSchema = z.strictObject({
  siteId: siteIdSchema,
  agentId: agentIdSchema,
  status: agentStatusSchema,
  /** One of the site's reasons to be away. */
  reason: z.string().nullable(),
  time: timeSchema,
});

/** A canned message was used in a chat. */
export const cannedUseLogSchema = z.strictObject({
  siteId: siteIdSchema,
  chatId: chatIdSchema,
  agentId: agentIdSchema,
  cannedId: z.string().min(1),
  time: timeSchema,
});
