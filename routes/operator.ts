import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { problem } from "./problem.ts";

/** The token of "Authorization: Bearer <token>". */
export function bearerOf(c: Context): string | undefined {
  return /^Bearer (\S+)$/.exec(c.req.header("authorization") ?? "")?.[1];
}

/** Whether the request carries the operator's key. Takes as long whatever it carries. */
export function isOperator(deps: Pick<AppDeps, "operatorKey">, c: Context): boolean {
  return timingSafeEqual(digest(bearerOf(c) ?? ""), digest(deps.operatorKey));
}

function digest(text: string) {
  return createHash("sha256").update(text).digest();
}

/** Lets the operator in and nobody else. */
export function requireOperator(deps: AppDeps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (isOperator(deps, c)) return await next();
    c.header("WWW-Authenticate", "Bearer");
    const detail = "The operator's key is needed: Authorization: Bearer";
    return problem(c, 401, "Unauthorized", detail, { code: "operator_needed" });
  };
}
