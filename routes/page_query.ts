import { Buffer } from "node:buffer";
import type { Context } from "hono";
import { z } from "zod";
import type { AppEnv } from "./app_deps.ts";
import { faultsOf } from "./json_body.ts";
import { problem } from "./problem.ts";

/** Rows of a page, at most. */
const limitMax = 200;
const limitAllowed = `1 to ${limitMax}`;

/** Rows of a page. */
export const limitSchema = z.coerce.number<string>({ error: limitAllowed }).int(limitAllowed)
  .min(1, limitAllowed).max(limitMax, limitAllowed).default(50).describe("Rows of a page.");

/** A list is read in pages: how many at once, and from behind which cursor. [AM15] */
export const pageQuerySchema = z.strictObject({
  limit: limitSchema,
  /** `next` of the page before. */
  cursor: z.string().min(1).max(512).transform((text) =>
    Buffer.from(text, "base64url").toString("utf8")
  ).optional(),
});

/** A cursor that stands at the row of this key. */
export function cursorAt(key: string): string {
  return Buffer.from(key, "utf8").toString("base64url");
}

/** The parameters behind the question mark, or the answer that names the wrong one. */
export function readQuery<Schema extends z.ZodObject>(
  c: Context<AppEnv>,
  schema: Schema,
): { readonly query: z.infer<Schema> } | Response {
  const parsed = schema.safeParse(c.req.query());
  if (parsed.success) return { query: parsed.data };
  const known = Object.keys(schema.shape).join(", ");
  const errors = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((path) => ({ path, message: `unknown: one of ${known}` }))
      : faultsOf([issue])
  );
  const [first] = errors;
  return problem(c, 400, "Bad request", `${first?.path || "query"}: ${first?.message}`, {
    code: "bad_query",
    errors,
  });
}

/** 400: the row at which the cursor stood is not there any more. */
export function lostCursor(c: Context<AppEnv>): Response {
  const message = "what it stood at is gone: begin again without it";
  const errors = [{ path: "cursor", message }];
  return problem(c, 400, "Bad request", `cursor: ${message}`, { code: "bad_query", errors });
}
