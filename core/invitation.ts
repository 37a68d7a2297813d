import { z } from "zod";
import type { Answers } from "./form.ts";
import { invitationIdSchema, type Millis } from "./ids.ts";
import { limits } from "./limits.ts";

/** A part of an address: no address has a space in it. */
const addressPartSchema = z.string().max(limits.urlCharsMax).regex(
  /^\S+$/,
  "at least one character and no space: no address has one",
);

/** What must hold for an automatic invitation; every condition that is given must. */
const invitationConditionsSchema = z.strictObject({
  urlContains: addressPartSchema.optional().describe("The page's address contains this."),
  referrerContains: addressPartSchema.optional().describe(
    "The address of the page that led here contains this.",
  ),
  secondsOnPageMin: z.int().min(0).max(86_400).optional().describe("Seconds on this page."),
  secondsOnSiteMin: z.int().min(0).max(86_400).optional().describe("Seconds of this visit."),
  visitsMin: z.int().min(1).max(100_000).optional().describe(
    "Visits to the site, this one included.",
  ),
  pagesMin: z.int().min(1).max(1_000).optional().describe("Pages of this visit."),
  variables: z.record(
    z.string().min(1).max(64),
    z.string().min(1).max(limits.variableCharsMax).describe("The value that it has."),
  ).default({}).describe("Custom variables of the site, by name."),
}).describe("What must hold; every condition that is given must.");

/** An automatic invitation; shown once in a visit at most. */
export const invitationConfigSchema = z.strictObject({
  invitationId: invitationIdSchema.describe(
    "Its name, once in all campaigns: 1 to 64 of a-z 0-9 _ -",
  ),
  text: z.string().min(1).max(1_024).describe("What the visitor sees."),
  conditions: invitationConditionsSchema,
}).describe("An automatic invitation; shown once in a visit at most.");
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
