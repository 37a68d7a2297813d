import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** What a problem says for programs: a code of its own, and what belongs to it. [AM27] */
export interface ProblemFields {
  readonly code: string;
  readonly [name: string]: unknown;
}

/** An error as application/problem+json (RFC 9457): what is wrong, and what would be right. */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  title: string,
  detail: string | undefined,
  fields: ProblemFields,
): Response {
  const body = { title, status, ...(detail === undefined ? {} : { detail }), ...fields };
  return c.json(body, status, { "content-type": "application/problem+json" });
}

/** 400: a part of the path is not of its form. */
export function badPath(c: Context, field: string, allowed: string): Response {
  return problem(c, 400, "Bad request", `${field}: ${allowed}`, { code: "bad_path", field });
}
