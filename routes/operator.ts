import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { problem } from "./problem.ts";

/** The token of "Authorization: Bearer <token>". */
export function bearerOf(c: Context): string | undefined {
  return /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
}

/** Whether the request carries the operator's key. Takes as long whatever it carries. [AM18] */
export function isOperator({ operatorKey }: Pick<AppDeps, "operatorKey">, c: Context): boolean {
  const bearer = bearerOf(c);
  return bearer !== undefined && timingSafeEqual(digest(bearer), digest(operatorKey));
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
