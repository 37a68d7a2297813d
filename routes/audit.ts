import { type Context, Hono } from "hono";
import { ulid } from "ulid";
import { z } from "zod";
import { type SiteId, siteIdSchema, ulidPattern } from "../core/ids.ts";
import { errorFields } from "../server/log.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { forbidden, scopeOf } from "./caller.ts";
import { pageSchema } from "./config_operations.ts";
import { jsonSchemaOf } from "./config_schema.ts";
import { type Operation, serve } from "./operation.ts";
import { isOperator, requireOperator } from "./operator.ts";
import { cursorAt, lostCursor, pageQuerySchema, readQuery } from "./page_query.ts";
import { peerAddress } from "./peer_address.ts";
import { siteAccess } from "./site_access.ts";

/** One act, as the audit log tells it. */
const auditRowSchema = z.object({
  auditId: z.string(),
  at: z.int(),
  siteId: siteIdSchema.optional(),
  /** "operator", "agent:ana", "unknown" for who is not logged in. */
  by: z.string(),
  what: z.string(),
  address: z.string().optional(),
});

const rows = {
  status: 200,
  description: "Acts, newest first",
  schema: () => pageSchema(jsonSchemaOf(auditRowSchema, "output")),
};

const ofSite: Operation = {
  method: "get",
  path: "/v1/sites/:siteId/audit",
  id: "readSiteAudit",
  tag: "audit",
  summary: "What was done to the site, newest first",
  description: "The operator also reads that of a site that was removed.",
  who: ["read_audit"],
  query: pageQuerySchema,
  answer: rows,
  refusals: [404],
};

const ofDeployment: Operation = {
  method: "get",
  path: "/v1/audit",
  id: "readAudit",
  tag: "audit",
  summary: "What was done to the deployment and not to one of its sites, newest first",
  who: "operator",
  query: pageQuerySchema,
  answer: rows,
};

/** The operations of the audit log. */
export const auditOperations: readonly Operation[] = [ofSite, ofDeployment];

/** The audit log, to be read. [AM10] */
export function auditRoutes(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  serve(app, deps, ofSite, async (c) => {
    const siteId = siteIdSchema.safeParse(c.req.param("siteId"));
    if (siteId.success && isOperator(deps, c)) return await readRows(deps, c, siteId.data);
    const access = await siteAccess(deps, c);
    if (access instanceof Response) return access;
    if (scopeOf(access.caller, "read_audit") === "none") {
      return forbidden(c, "Your role may not read_audit");
    }
    return await readRows(deps, c, access.config.siteId);
  });
  serve(app, deps, ofDeployment, requireOperator(deps), (c) => readRows(deps, c, undefined));
  return app;
}

async function readRows(
  deps: AppDeps,
  c: Context<AppEnv>,
  siteId: SiteId | undefined,
): Promise<Response> {
  const asked = readQuery(c, pageQuerySchema);
  if (asked instanceof Response) return asked;
  const { limit, cursor: before } = asked.query;
  if (before !== undefined && !ulidPattern.test(before)) return lostCursor(c);
  const items = await deps.configs.store.auditRows(siteId, { before, limit });
  const last = items.at(-1);
  const next = items.length < limit || last === undefined ? undefined : cursorAt(last.auditId);
  return c.json({ items, ...(next === undefined ? {} : { next }) });
}

/** An act for the audit log that changes no configuration. */
export interface Act {
  /** Undefined: to the whole deployment. */
  readonly siteId: SiteId | undefined;
  /** "operator", "agent:ana", "unknown". */
  readonly by: string;
  /** "logins.unlock zoe". */
  readonly what: string;
}

/**
 * Notes an act in the audit log, with the caller's address. It is done by then: when the log cannot
 * be written, that is logged and the act stands.
 */
export async function noteAct(deps: AppDeps, c: Context<AppEnv>, act: Act): Promise<void> {
  const address = peerAddress(c.env);
  const at = deps.clock.now();
  try {
    await deps.configs.store.audit({ auditId: ulid(at), at, ...act, address });
  } catch (error) {
    deps.log.write("error", "audit_failed", { what: act.what, ...errorFields(error) });
  }
}
