import { Hono } from "hono";
import { z } from "zod";
import { agentIdSchema, siteIdSchema } from "../core/ids.ts";
import { verifyPassword } from "../server/password.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { problem } from "./problem.ts";
import { KeyedLimit } from "./rate_limit.ts";
import { addressOf } from "./peer_address.ts";

const loginSchema = z.strictObject({
  agentId: agentIdSchema,
  password: z.string().min(1).max(1_024),
});

/** An agent's session: a working day and its night. */
const agentSessionSeconds = 24 * 3600;

/** Compared when there is no such agent, so that both answers take as long. */
const nobodysHash =
  "scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** POST /v1/sites/:siteId/agents/login: a session token for the right password. */
export function agentRoutes(deps: AppDeps): Hono<AppEnv> {
  const { loginsPerMinute } = deps.limits;
  const perAddress = new KeyedLimit({ rate: loginsPerMinute / 60, burst: loginsPerMinute });
  const app = new Hono<AppEnv>();
  app.post("/v1/sites/:siteId/agents/login", async (c) => {
    const siteId = siteIdSchema.safeParse(c.req.param("siteId"));
    const config = siteId.success ? await deps.configs.load(siteId.data) : undefined;
    if (config === undefined) return problem(c, 404, "Unknown site");
    const body = loginSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) {
      const issue = body.error.issues[0];
      const field = issue?.path.join(".") || "body";
      return problem(c, 400, "Bad request", `${field}: ${issue?.message}`, { field });
    }
    const waitMs = perAddress.take(addressOf(c.env), deps.clock.monotonic());
    if (waitMs > 0) {
      c.header("Retry-After", String(Math.ceil(waitMs / 1_000)));
      return problem(c, 429, "Too many attempts", "Wait before the next log-in from this address");
    }
    const agent = config.agents.find(({ agentId }) => agentId === body.data.agentId);
    const right = await verifyPassword(body.data.password, agent?.passwordHash ?? nobodysHash);
    if (agent === undefined || !right) {
      return problem(c, 401, "Wrong name or password", "No agent of this site logs in with these");
    }
    const exp = Math.floor(deps.clock.now() / 1_000) + agentSessionSeconds;
    const token = await deps.tokens.issue({
      kind: "agent",
      site: config.siteId,
      sub: agent.agentId,
      tokenVersion: agent.tokenVersion,
      exp,
    });
    return c.json({ agentId: agent.agentId, name: agent.name, token, expiresAt: exp * 1_000 });
  });
  return app;
}
