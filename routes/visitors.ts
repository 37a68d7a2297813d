import { Hono } from "hono";
import { ulid } from "ulid";
import { siteIdSchema, visitorIdSchema } from "../core/ids.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { addressOf } from "./peer_address.ts";
import { isAllowedOrigin } from "./origin.ts";
import { problem } from "./problem.ts";
import { KeyedLimit } from "./rate_limit.ts";

/** A visitor's session: a year, as its browser keeps it. */
const visitorSessionSeconds = 365 * 24 * 3600;

/**
 * POST /v1/sites/:siteId/visitors: a new visitor and its session token. Nothing is stored. [DB1]
 */
export function visitorRoutes(deps: AppDeps): Hono<AppEnv> {
  const { visitorsPerMinute } = deps.limits;
  const perAddress = new KeyedLimit({ rate: visitorsPerMinute / 60, burst: visitorsPerMinute });
  const app = new Hono<AppEnv>();
  app.post("/v1/sites/:siteId/visitors", async (c) => {
    const siteId = siteIdSchema.safeParse(c.req.param("siteId"));
    const config = siteId.success ? deps.configs.get(siteId.data) : undefined;
    if (config === undefined) return problem(c, 404, "Unknown site");
    const origin = c.req.header("origin");
    if (!isAllowedOrigin(origin, c.req.header("host"), config.allowedDomains)) {
      return problem(c, 403, "Origin not allowed", `"${origin}" is not on the site's list`);
    }
    const waitMs = perAddress.take(addressOf(c.env), deps.clock.monotonic());
    if (waitMs > 0) {
      c.header("Retry-After", String(Math.ceil(waitMs / 1_000)));
      return problem(c, 429, "Too many visitors", "Too many new visitors from this address");
    }
    const visitorId = visitorIdSchema.parse(ulid());
    const exp = Math.floor(deps.clock.now() / 1_000) + visitorSessionSeconds;
    const token = await deps.tokens.issue({
      kind: "visitor",
      site: config.siteId,
      sub: visitorId,
      visit: ulid(),
      exp,
    });
    return c.json({ visitorId, token, expiresAt: exp * 1_000 }, 201);
  });
  return app;
}
