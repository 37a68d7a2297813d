import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { ConfigDamaged } from "../cache/known_sites.ts";
import { errorFields } from "../server/log.ts";
import { LoginLock } from "../server/login_lock.ts";
import { agentAccessRoutes } from "./agent_access.ts";
import { agentRoutes } from "./agents.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { auditRoutes } from "./audit.ts";
import { chatRoutes } from "./chats.ts";
import { configRoutes } from "./config_routes.ts";
import { healthRoutes } from "./health.ts";
import { historyRoutes } from "./history.ts";
import { historyLogRoutes } from "./history_logs.ts";
import { openApiRoutes } from "./openapi.ts";
import { operations } from "./operations.ts";
import { pageRoutes } from "./pages.ts";
import { problem } from "./problem.ts";
import { siteRoutes } from "./sites.ts";
import { socketRoutes } from "./sockets.ts";
import { visitorRecordRoutes } from "./visitor_records.ts";
import { visitorRoutes } from "./visitors.ts";

/** A body under /v1 that is no configuration. */
const bodyBytesMax = 64 * 1024;

function tooBig(c: Context): Response {
  return problem(c, 413, "Body too big", `at most ${bodyBytesMax} bytes`, { code: "too_big" });
}

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
  const desk = { deps, logins: new LoginLock(() => deps.clock.monotonic()) };
  // Before the limit of everything else: a configuration may be larger.
  app.route("/", siteRoutes(desk));
  app.route("/", configRoutes(desk));
  app.use("/v1/*", bodyLimit({ maxSize: bodyBytesMax, onError: tooBig }));
  app.route("/", healthRoutes(deps));
  app.route("/", socketRoutes(deps));
  app.route("/", visitorRoutes(deps));
  app.route("/", agentRoutes(desk));
  app.route("/", agentAccessRoutes(desk));
  app.route("/", auditRoutes(deps));
  app.route("/", chatRoutes(deps));
  app.route("/", historyRoutes(deps));
  app.route("/", historyLogRoutes(deps));
  app.route("/", visitorRecordRoutes(deps));
  app.route("/", openApiRoutes(deps, operations));
  app.route("/", pageRoutes(deps));
  app.notFound((c) => problem(c, 404, "Not found", `There is nothing at "${c.req.path}"`));
  app.onError((error, c) => failed(deps, c, error));
  return app;
}

/** What is told of an error that nothing else has caught. */
function failed(deps: AppDeps, c: Context, error: Error): Response {
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
