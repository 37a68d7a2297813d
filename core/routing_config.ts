import { z } from "zod";
import { limits } from "./limits.ts";

/** How waiting chats reach agents. */
export const routingSchema = z.strictObject({
  mode: z.enum(["manual", "load_balancing", "round_robin", "capability_weighted"]).default(
    "load_balancing",
  ).describe(
    "manual: agents accept. load_balancing: fewest ongoing chats first. round_robin: in the " +
      "order of coming online. capability_weighted: lowest share of the limit first.",
  ),
  lastChattedFirst: z.boolean().default(false).describe(
    "The agent that the visitor chatted with last is tried first; not with manual routing.",
  ),
  acceptWithinMs: z.int().min(1_000).max(600_000).optional().describe(
    "A chat is offered, and must be accepted within this time, or counts as missed; without it " +
      "a chat is given. Not with manual routing.",
  ),
}).describe("How waiting chats reach agents.");

/** What may wait. */
export const queueSchema = z.strictObject({
  lengthMax: z.int().min(0).max(limits.waitingChatsMax).default(limits.waitingChatsMax).describe(
    "Chats that may wait; 0: a chat is refused unless an agent takes it at once.",
  ),
  estimatedWaitMsMax: z.int().min(1_000).max(86_400_000).optional().describe(
    "A chat whose estimated wait is longer is refused. At most waitMsMax, and not with a " +
      "lengthMax of 0.",
  ),
  waitMsMax: z.int().min(1_000).max(86_400_000).optional().describe(
    "A chat that waited for longer ends as wait_too_long.",
  ),
  whileNobodyOnline: z.boolean().default(true).describe(
    "Whether chats may wait while no agent is online.",
  ),
}).describe(
  "What may wait; beyond it a chat is refused, and the visitor can leave an offline message.",
);
