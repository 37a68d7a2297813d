import type { Context } from "hono";
import { z } from "zod";
import { type ArchiveRange, ArchiveUnavailable, BadCursor } from "../archive/archive.ts";
import { agentIdSchema, departmentIdSchema, visitorIdSchema } from "../core/ids.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { foundAway } from "./needs.ts";
import { limitSchema } from "./page_query.ts";
import { problem } from "./problem.ts";

/** A moment as questions have it, in milliseconds since 1970. */
export const timeSchema = z.iso.datetime({
  offset: true,
  error: "a time as in 2026-11-25T09:00:00Z",
}).transform((text) => Date.parse(text));

/** A page of a list: the part of the query that every list has. */
export const stretchSchema = z.strictObject({
  limit: limitSchema,
  cursor: z.string().min(1, "`next` of the page before").max(512, "`next` of the page before")
    .optional().describe("`next` of the page before."),
});

/** A stretch of a list, newest first. */
export const rangeSchema = stretchSchema.extend({
  since: timeSchema.optional().describe("ISO 8601, the first moment."),
  until: timeSchema.optional().describe("ISO 8601, the moment behind the last."),
});

/** The schema, refusing a time that ends before it begins. */
export function inOrder<Schema extends z.ZodObject>(schema: Schema): Schema {
  return schema.refine(({ since, until }) => !(Number(until) <= Number(since)), {
    path: ["until"],
    error: "later than since",
  });
}

const byAgent = { agentId: agentIdSchema.optional().describe("Who was in it, or did it.") };
const byDepartment = {
  departmentId: departmentIdSchema.optional().describe("Whose it was, at its end."),
};

/** Which chats: all that is given must hold. */
export const chatsQuerySchema = inOrder(rangeSchema.extend({
  ...byAgent,
  ...byDepartment,
  visitorId: visitorIdSchema.optional().describe("Whose it was."),
  text: z.string().max(128, "at most 128 characters").optional().describe(
    "Words that each begin a word of the visitor's name or e-mail address.",
  ),
}));
/** Which offline messages. */
export const offlineQuerySchema = inOrder(rangeSchema.extend(byDepartment));
/** Which rows of a log. */
export const rowsQuerySchema = inOrder(rangeSchema.extend(byAgent));

/** The range as the archive takes it. */
export function rangeOf(
  { since, until, limit, cursor }: z.infer<typeof rangeSchema>,
): ArchiveRange {
  return { since, until, limit, after: cursor };
}

/** A time as answers have it. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/**
 * The answer of a question to the archive: a cursor that it did not give is the caller's fault; an
 * archive that is away is a 503 with the reason. [DB6]
 */
export async function answeredByArchive(
  deps: Pick<AppDeps, "parts" | "clock">,
  c: Context<AppEnv>,
  ask: () => Promise<Response>,
): Promise<Response> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof BadCursor) {
      const message = "not one of this list: begin again without it";
      const errors = [{ path: "cursor", message }];
      return problem(c, 400, "Bad request", `cursor: ${message}`, { code: "bad_query", errors });
    }
    if (!(error instanceof ArchiveUnavailable)) throw error;
    return foundAway(deps, c, "archive", error);
  }
}
