import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { ConfigDamaged } from "../cache/known_sites.ts";
import { errorFields } from "../server/log.ts";
import type { AppDeps } from "./app_deps.ts";
import { problem } from "./problem.ts";

/** What is told of an error that nothing else has caught. */
export function failed(deps: Pick<AppDeps, "log">, c: Context, error: Error): Response {
  if (error instanceof HTTPException) {
    return problem(c, error.status, error.message, undefined, { code: "bad_request" });
  }
  if (isCutOff(error)) {
    return problem(c, 400, "Bad request", "body: it was cut off", { code: "cut_off" });
  }
  if (error instanceof ConfigDamaged) {
    deps.log.write("error", "config_damaged", { siteId: error.siteId, ...errorFields(error) });
    c.header("Retry-After", "30");
    return problem(c, 503, "Site unavailable", error.message, { code: "site_unavailable" });
  }
  deps.log.write("error", "request_failed", { path: c.req.path, ...errorFields(error) });
  return problem(c, 500, "Internal error", undefined, { code: "internal" });
}

/**
 * Whether the client went away in the middle of its body: nobody reads the answer. A file of ours
 * that was closed is a BadResource too. [AM20]
 */
function isCutOff(error: Error): boolean {
  return error instanceof Deno.errors.BadResource &&
    /^Cannot read (request )?body/.test(error.message);
}
