import { z } from "zod";
import { departmentIdSchema } from "./ids.ts";

/** A chat in which nobody writes is warned about, then ended. [EN12] */
export const inactivitySchema = z.strictObject({
  warnAfterMs: z.int().min(1_000).max(86_400_000).default(600_000).describe(
    "The visitor is warned after this time without a message.",
  ),
  endAfterMs: z.int().min(1_000).max(86_400_000).default(300_000).describe(
    "The chat ends this long after the warning.",
  ),
  agentSilentMs: z.int().min(1_000).max(86_400_000).optional().describe(
    "A visitor's message that stays unanswered this long gives the chat to somebody else; less " +
      "than warnAfterMs and endAfterMs together.",
  ),
}).describe("What becomes of a chat in which nobody writes.");

const absencePolicySchema = z.enum(["keep", "requeue", "transfer", "end"]).default("keep");

/** What becomes of an agent's chats when it goes. [EN9] */
export const absenceSchema = z.strictObject({
  afterGrace: absencePolicySchema.describe(
    "When it was gone for longer than 60 s: keep them, let them wait again, let them wait in a " +
      "department, end them.",
  ),
  atLogout: absencePolicySchema.describe(
    "When it logs out, is disabled, removed or loses its sessions; keep: until the 60 s are over.",
  ),
  departmentId: departmentIdSchema.optional().describe("Where transfer goes."),
}).describe("What becomes of an agent's chats when it goes.");
