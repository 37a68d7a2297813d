import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { LoginLock } from "../server/login_lock.ts";
import { agentAccessRoutes } from "./agent_access.ts";
import { agentRoutes } from "./agents.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { auditRoutes } from "./audit.ts";
import { chatRoutes } from "./chats.ts";
import { configRoutes } from "./config_routes.ts";
import { failed } from "./failure.ts";
import { healthRoutes } from "./health.ts";
import { historyRoutes } from "./history.ts";
import { historyLogRoutes } from "./history_logs.ts";
import { notFound } from "./not_found.ts";
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
    // Below: of a plain connection it says nothing.
    strictTransportSecurity: false,
  }));
  app.use(async (c, next) => {
    if (c.req.url.startsWith("https:")) {
      c.header("Strict-Transport-Security", "max-age=15552000; includeSubDomains");
    }
    // Answers have tokens, passwords that were made up, and what people wrote. [AM28]
    if (c.req.path.startsWith("/v1/")) c.header("Cache-Control", "no-store");
    await next();
  });
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
  app.notFound((c) => notFound(app, c));
  app.onError((error, c) => failed(deps, c, error));
  return app;
}
