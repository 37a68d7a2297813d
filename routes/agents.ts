import { Hono } from "hono";
import { z } from "zod";
import { agentIdSchema, siteIdSchema } from "../core/ids.ts";
import { agentSessionSchema, beginSession } from "./agent_session.ts";
import type { AppEnv } from "./app_deps.ts";
import type { ConfigDesk } from "./config_acts.ts";
import { readJson } from "./json_body.ts";
import { type Operation, serve } from "./operation.ts";
import { checkPassword } from "./password_check.ts";
import { addressOf } from "./peer_address.ts";
import { problem } from "./problem.ts";
import { KeyedLimit } from "./rate_limit.ts";

const loginSchema = z.strictObject({
  agentId: agentIdSchema,
  password: z.string().min(1).max(1_024),
});

const login: Operation = {
  method: "post",
  path: "/v1/sites/:siteId/agents/login",
  id: "loginAgent",
  tag: "sessions",
  summary: "A session token for the right password",
  description:
    "After five wrong passwords in a row the name is locked for a minute, then longer, " +
    "for the address that they came from.",
  who: "anyone",
  body: { schema: loginSchema },
  answer: { status: 200, description: "The session", schema: agentSessionSchema },
  refusals: [401, 404, 415, 429],
};

/** The operations of log-ins. */
export const agentOperations: readonly Operation[] = [login];

/** POST /v1/sites/:siteId/agents/login: a session token for the right password. */
export function agentRoutes(desk: ConfigDesk): Hono<AppEnv> {
  const { deps } = desk;
  const { loginsPerMinute } = deps.limits;
  const perAddress = new KeyedLimit({ rate: loginsPerMinute / 60, burst: loginsPerMinute });
  const app = new Hono<AppEnv>();
  serve(app, deps, login, async (c) => {
    const sent = await readJson(c);
    if (sent instanceof Response) return sent;
    const siteId = siteIdSchema.safeParse(c.req.param("siteId"));
    const config = siteId.success ? await deps.configs.load(siteId.data) : undefined;
    if (config === undefined) {
      return problem(c, 404, "Unknown site", undefined, { code: "unknown" });
    }
    const body = loginSchema.safeParse(sent.json);
    if (!body.success) {
      const issue = body.error.issues[0];
      const field = issue?.path.join(".") || "body";
      const detail = `${field}: ${issue?.message}`;
      return problem(c, 400, "Bad request", detail, { code: "bad_field", field });
    }
    const from = addressOf(c.env);
    const waitMs = perAddress.take(from, deps.clock.monotonic());
    if (waitMs > 0) {
      c.header("Retry-After", String(Math.ceil(waitMs / 1_000)));
      const detail = "Wait before the next log-in from this address";
      return problem(c, 429, "Too many attempts", detail, { code: "too_many" });
    }
    const agent = await checkPassword(desk, c, config, { ...body.data, from });
    if (agent instanceof Response) return agent;
    return c.json(await beginSession(deps, config, agent));
  });
  return app;
}
