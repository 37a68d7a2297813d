import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An error as application/problem+json (RFC 9457): what is wrong, and what would be right. */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  title: string,
  detail?: string,
  fields: Readonly<Record<string, unknown>> = {},
): Response {
  const body = { title, status, ...(detail === undefined ? {} : { detail }), ...fields };
  return c.json(body, status, { "content-type": "application/problem+json" });
}
