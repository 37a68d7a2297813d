import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import type { ConfigCache } from "../cache/config_cache.ts";
import type { Clock } from "../server/clock.ts";
import type { DiskBudget } from "../server/disk_budget.ts";
import { errorFields, type Log } from "../server/log.ts";
import type { Node } from "../server/node.ts";
import type { SessionTokens } from "../server/session_token.ts";
import type { Signer } from "../server/signer.ts";
import { agentRoutes } from "./agents.ts";
import { chatRoutes } from "./chats.ts";
import { healthRoutes } from "./health.ts";
import { pageRoutes } from "./pages.ts";
import { problem } from "./problem.ts";
import type { KeyedLimit, RateLimits } from "./rate_limit.ts";
import { socketRoutes } from "./sockets.ts";
import { visitorRoutes } from "./visitors.ts";

/** What the edge stands on. */
export interface AppDeps {
  readonly node: Node;
  readonly configs: ConfigCache;
  readonly tokens: SessionTokens;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly log: Log;
  readonly disk: DiskBudget;
  readonly limits: RateLimits;
  readonly siteFrames: KeyedLimit;
  /** Folder of the built pages. */
  readonly webDir: string;
  /** False while the node starts or stops. */
  isReady(): boolean;
}

/** Hono's variables here: Deno's connection info comes as `env`. */
export interface AppEnv {
  Bindings: { readonly remoteAddr?: Deno.Addr };
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
    deps.log.write("error", "request_failed", { path: c.req.path, ...errorFields(error) });
    return problem(c, 500, "Internal error");
  });
  return app;
}
