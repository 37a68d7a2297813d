import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { unreachable } from "../core/assert.ts";
import type { AppEnv } from "./app_deps.ts";
import {
  type ConfigDesk,
  createItem,
  listItems,
  readPart,
  removePart,
  replacePart,
} from "./config_acts.ts";
import { type ConfigOperation, configOperations } from "./config_operations.ts";
import { serve } from "./operation.ts";
import { problem } from "./problem.ts";

/** A configuration as it is sent: a site of 1,000 agents and 2,000 canned messages. */
export const configBodyBytesMax = 1024 * 1024;

/** Refuses bodies that are larger than a configuration. */
export function configBodyLimit() {
  return bodyLimit({
    maxSize: configBodyBytesMax,
    onError: (c) =>
      problem(c, 413, "Body too big", `at most ${configBodyBytesMax} bytes`, { code: "too_big" }),
  });
}

/**
 * Every part of a site's configuration as a resource. Stands before the body limit of the other
 * routes, with its own. [AM1]
 */
export function configRoutes(desk: ConfigDesk): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const limited = configBodyLimit();
  for (const one of configOperations) {
    serve(app, desk.deps, one.operation, limited, (c) => answer(desk, c, one));
  }
  return app;
}

function answer(desk: ConfigDesk, c: Context<AppEnv>, one: ConfigOperation): Promise<Response> {
  switch (one.act) {
    case "list":
      return listItems(desk, c, one.resource);
    case "create":
      return createItem(desk, c, one.resource);
    case "read":
      return readPart(desk, c, one.resource);
    case "replace":
    case "patch":
      return replacePart(desk, c, one.resource, one.act);
    case "delete":
      return removePart(desk, c, one.resource);
    default:
      return unreachable(one);
  }
}
