import type { Context } from "hono";
import { siteIdSchema } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { type Caller, callerOf, readBearer } from "./caller.ts";
import { problem } from "./problem.ts";

/** A site and who asks for something of it. */
export interface SiteAccess {
  readonly config: SiteConfig;
  readonly caller: Caller;
  /** The same request, judged by the site as it is by now. [AM19] */
  again(config: SiteConfig): SiteAccess | Response;
}

/** The site of the path as it stands, and who asks; or the answer that turns it away. */
export async function siteAccess(
  deps: AppDeps,
  c: Context<AppEnv>,
): Promise<SiteAccess | Response> {
  const siteId = siteIdSchema.safeParse(c.req.param("siteId"));
  const bearer = await readBearer(deps, c);
  const config = siteId.success ? await deps.configs.load(siteId.data) : undefined;
  if (config === undefined) return problem(c, 404, "Unknown site", undefined, { code: "unknown" });
  const judged = (config: SiteConfig): SiteAccess | Response => {
    const caller = callerOf(deps, c, config, bearer);
    return caller instanceof Response ? caller : { config, caller, again: judged };
  };
  return judged(config);
}
