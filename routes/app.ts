import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { ConfigDamaged } from "../cache/known_sites.ts";
import { errorFields } from "../server/log.ts";
import { agentRoutes } from "./agents.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { chatRoutes } from "./chats.ts";
import { healthRoutes } from "./health.ts";
import { pageRoutes } from "./pages.ts";
import { problem } from "./problem.ts";
import { socketRoutes } from "./sockets.ts";
import { visitorRoutes } from "./visitors.ts";

/** The public HTTP and WebSocket edge: parses once, calls the node, knows no rules. */
export function createApp(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      connectSrc: ["'self'", "ws:", "wss:"],
      imgSrc: ["'self'", "data:"],
      frameAncestors: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
    },
    crossOriginResourcePolicy: "same-origin",
    xFrameOptions: false,
  }));
  app.use("/v1/*", bodyLimit({ maxSize: 64 * 1024 }));
  app.route("/", healthRoutes(deps));
  app.route("/", socketRoutes(deps));
  app.route("/", visitorRoutes(deps));
  app.route("/", agentRoutes(deps));
  app.route("/", chatRoutes(deps));
  app.route("/", pageRoutes(deps));
  app.notFound((c) => problem(c, 404, "Not found", `There is nothing at "${c.req.path}"`));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return problem(c, error.status, error.message);
    if (error instanceof ConfigDamaged) {
      deps.log.write("error", "config_damaged", { siteId: error.siteId, ...errorFields(error) });
      c.header("Retry-After", "30");
      return problem(c, 503, "Site unavailable", error.message);
    }
    deps.log.write("error", "request_failed", { path: c.req.path, ...errorFields(error) });
    return problem(c, 500, "Internal error");
  });
  return app;
}
