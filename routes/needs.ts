import type { Context, MiddlewareHandler } from "hono";
import type { Millis } from "../core/ids.ts";
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
      if (part.state === "down") return partAway(c, name, part);
    }
    return await next();
  };
  needsOf.set(handler, names);
  return handler;
}

/** 503: a part is away; what, why and since when. */
function partAway(
  c: Context,
  name: PartName,
  { why, since }: { readonly why: string; readonly since: Millis },
): Response {
  c.header("Retry-After", "10");
  return problem(c, 503, `The ${name} is away`, why, {
    code: "part_away",
    part: name,
    since: new Date(since).toISOString(),
  });
}

/** partAway() of a part that this very question found away: it may not be counted as down yet. */
export function foundAway(
  deps: Pick<AppDeps, "parts" | "clock">,
  c: Context,
  name: PartName,
  error: Error,
): Response {
  const part = deps.parts.state(name);
  const found = { why: error.message, since: deps.clock.now() };
  return partAway(c, name, part.state === "down" ? part : found);
}

/** The parts that a route's handler stands for; undefined: it is no needs(). */
export function partsNeededBy(handler: object): readonly PartName[] | undefined {
  return needsOf.get(handler);
}
