import { z } from "zod";
import type { Answers } from "./form.ts";
import { invitationIdSchema, type Millis } from "./ids.ts";
import { limits } from "./limits.ts";

/** What must hold for an automatic invitation; every condition that is given must. */
const invitationConditionsSchema = z.strictObject({
  /** The page's address contains this. */
  urlContains: z.string().min(1).max(limits.urlCharsMax).optional(),
  referrerContains: z.string().min(1).max(limits.urlCharsMax).optional(),
  secondsOnPageMin: z.int().min(0).max(86_400).optional(),
  secondsOnSiteMin: z.int().min(0).max(86_400).optional(),
  /** Visits to the site, this one included. */
  visitsMin: z.int().min(1).max(100_000).optional(),
  pagesMin: z.int().min(1).max(1_000).optional(),
  /** Custom variables and their values. */
  variables: z.record(z.string().max(64), z.string().max(limits.variableCharsMax)).default({}),
});

/** An automatic invitation; shown once in a visit at most. */
export const invitationConfigSchema = z.strictObject({
  invitationId: invitationIdSchema,
  text: z.string().min(1).max(1_024),
  conditions: invitationConditionsSchema,
});
/** An automatic invitation, as configured. */
export type InvitationConfig = z.infer<typeof invitationConfigSchema>;

/** What conditions look at. */
export interface Visit {
  readonly url: string | undefined;
  readonly referrer: string | undefined;
  readonly arrivedAt: Millis;
  readonly pageSince: Millis;
  readonly pageCount: number;
  readonly visits: number;
  readonly variables: Answers;
}

/**
 * When the conditions hold for this visit: a time that may lie in the future if only time is
 * missing, undefined if something else is. [IV1]
 */
export function dueAt(invitation: InvitationConfig, visit: Visit): Millis | undefined {
  const { conditions } = invitation;
  if (!includes(visit.url, conditions.urlContains)) return undefined;
  if (!includes(visit.referrer, conditions.referrerContains)) return undefined;
  if (visit.visits < (conditions.visitsMin ?? 0)) return undefined;
  if (visit.pageCount < (conditions.pagesMin ?? 0)) return undefined;
  for (const [name, value] of Object.entries(conditions.variables)) {
    if (visit.variables[name] !== value) return undefined;
  }
  return Math.max(
    visit.pageSince + (conditions.secondsOnPageMin ?? 0) * 1_000,
    visit.arrivedAt + (conditions.secondsOnSiteMin ?? 0) * 1_000,
  );
}

function includes(text: string | undefined, part: string | undefined): boolean {
  return part === undefined || text?.includes(part) === true;
}
