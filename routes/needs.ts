import type { MiddlewareHandler } from "hono";
import type { PartName } from "../server/parts.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { problem } from "./problem.ts";

const needsOf = new WeakMap<object, readonly PartName[]>();

/**
 * A property of a route: it answers 503, and says what is away, why and since when, while one of
 * these parts is not there. Stands first among the route's handlers. [DB6]
 */
export function needs(deps: AppDeps, ...names: readonly PartName[]): MiddlewareHandler<AppEnv> {
  const handler: MiddlewareHandler<AppEnv> = async (c, next) => {
    for (const name of names) {
      const part = deps.parts.state(name);
      if (part.state === "up") continue;
      c.header("Retry-After", "10");
      return problem(c, 503, `The ${name} is away`, part.why, {
        part: name,
        since: new Date(part.since).toISOString(),
      });
    }
    return await next();
  };
  needsOf.set(handler, names);
  return handler;
}

/** The parts that a route's handler stands for; undefined: it is no needs(). */
export function partsNeededBy(handler: object): readonly PartName[] | undefined {
  return needsOf.get(handler);
}
