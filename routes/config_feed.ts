import { createHash, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { type ConfigFeed, logPositionSchema } from "../cache/config_feed.ts";
import { configLimits } from "../cache/config_limits.ts";
import { siteIdSchema } from "../core/ids.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { failed } from "./failure.ts";
import { bearerOf } from "./operator.ts";
import { problem } from "./problem.ts";

/** What the feed's routes stand on. */
export interface FeedDeps {
  readonly feed: ConfigFeed;
  /** CONFIG_KEY; without one nobody may follow. */
  readonly key: string | undefined;
}

const changesQuerySchema = z.strictObject({
  ...logPositionSchema.shape,
  n: z.coerce.number().pipe(logPositionSchema.shape.n),
  limit: z.coerce.number().int().min(1).max(configLimits.pageChangesMax).default(
    configLimits.pageChangesMax,
  ),
  waitMs: z.coerce.number().int().min(0).max(configLimits.feedWaitMsMax).default(0),
});
const sitesQuerySchema = z.strictObject({ after: siteIdSchema.optional() });

/**
 * GET /v1/config/changes: the log behind a position, held until there is something; 410 when this
 * log does not have the position. GET /v1/config/sites: every site, in pages. For processes that
 * carry CONFIG_KEY, as configurations hold password hashes. [CC10]
 */
export function configFeedRoutes(deps: AppDeps, { feed, key }: FeedDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use("/v1/config/*", async (c, next) => {
    if (key === undefined) {
      const detail = "CONFIG_KEY is not set: nobody may follow this";
      return problem(c, 403, "Not followed", detail, { code: "not_followed" });
    }
    const bearer = bearerOf(c);
    if (bearer !== undefined && isSame(bearer, key)) return await next();
    c.header("WWW-Authenticate", "Bearer");
    const detail = "CONFIG_KEY is needed: Authorization: Bearer";
    return problem(c, 401, "Unauthorized", detail, { code: "config_key_needed" });
  });
  app.get("/v1/config/changes", async (c) => {
    const query = changesQuerySchema.safeParse(c.req.query());
    if (!query.success) return refuse(c, query.error);
    const { limit, waitMs, ...after } = query.data;
    // Who goes away meanwhile is forgotten when the wait is over.
    const page = await feed.changes(after, { limit, waitMs });
    if (page !== "gone") return c.json(page);
    const detail = "This log does not have the position: load every site";
    return problem(c, 410, "Gone", detail, { code: "gone" });
  });
  app.get("/v1/config/sites", async (c) => {
    const query = sitesQuerySchema.safeParse(c.req.query());
    if (!query.success) return refuse(c, query.error);
    return c.json(await feed.sites(query.data.after));
  });
  app.onError((error, c) => failed(deps, c, error));
  return app;
}

function refuse(c: Parameters<typeof problem>[0], error: z.ZodError): Response {
  const issue = error.issues[0];
  const field = issue?.path.join(".") || "query";
  return problem(c, 400, "Bad request", `${field}: ${issue?.message}`, {
    code: "bad_query",
    field,
  });
}

/** Takes as long whatever is given. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string) {
  return createHash("sha256").update(text).digest();
}
