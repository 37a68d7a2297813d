import type { Context, Hono } from "hono";
import type { AppEnv } from "./app_deps.ts";
import { problem } from "./problem.ts";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/**
 * What is answered where no route is: 405 with Allow when the path has routes for other methods,
 * and 404 otherwise. [AM13]
 */
export function notFound(app: Hono<AppEnv>, c: Context<AppEnv>): Response {
  const { path, method } = c.req;
  const allowed = methods.filter((one) =>
    app.router.match(one, path)[0].some(([[, route]]) => route.method !== "ALL")
  );
  if (allowed.length === 0) {
    return problem(c, 404, "Not found", `There is nothing at "${path}"`, { code: "unknown" });
  }
  const allow = allowed.flatMap((one) => one === "GET" ? ["GET", "HEAD"] : [one]).join(", ");
  c.header("Allow", allow);
  const detail = `"${path}" knows ${allow}`;
  return problem(c, 405, "Method not allowed", detail, { code: "method", method });
}
