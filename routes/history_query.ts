import type { Context } from "hono";
import { z } from "zod";
import type { ArchiveRange } from "../archive/archive.ts";
import { ArchiveUnavailable } from "../archive/archive.ts";
import { agentIdSchema, departmentIdSchema, visitorIdSchema } from "../core/ids.ts";
import type { AppEnv } from "./app_deps.ts";
import { problem } from "./problem.ts";

const timeSchema = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** A stretch of a list, newest first. */
export const rangeQuerySchema = z.strictObject({
  /** ISO 8601, the first moment. */
  since: timeSchema.optional(),
  /** ISO 8601, the moment behind the last. */
  until: timeSchema.optional(),
  limit: z.coerce.number<string>().int().min(1).max(200).default(50),
  /** `next` of the page before. */
  cursor: z.string().min(1).max(512).optional(),
});

/** Which chats: all that is given must hold. */
export const chatsQuerySchema = rangeQuerySchema.extend({
  agentId: agentIdSchema.optional(),
  visitorId: visitorIdSchema.optional(),
  departmentId: departmentIdSchema.optional(),
  /** Words that each begin a word of the visitor's name or e-mail address. */
  text: z.string().max(128).optional(),
});

/** The range as the archive takes it. */
export function rangeOf(
  { since, until, limit, cursor }: z.infer<typeof rangeQuerySchema>,
): ArchiveRange {
  return { since, until, limit, after: cursor };
}

/** A time as answers have it. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/**
 * The answer of a question to the archive: a cursor that it did not give is the caller's fault; an
 * archive that is away is a 503 with the reason.
 */
export async function answeredByArchive(
  c: Context<AppEnv>,
  ask: () => Promise<Response>,
): Promise<Response> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof RangeError) {
      const errors = [{ path: "cursor", message: "not one of this list: begin again without it" }];
      return problem(c, 400, "Bad request", error.message, { code: "bad_query", errors });
    }
    if (!(error instanceof ArchiveUnavailable)) throw error;
    c.header("Retry-After", "10");
    return problem(c, 503, "The archive is away", error.message, { part: "archive" });
  }
}
