import { type Context, Hono } from "hono";
import { siteIdSchema } from "../core/ids.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { isAllowedOrigin } from "./origin.ts";
import { peerAddress } from "./peer_address.ts";
import { problem } from "./problem.ts";
import { ChatSocket } from "./socket.ts";

/** The WebSockets of visitors and agents. */
export function socketRoutes(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/v1/sites/:siteId/visitor", (c) => upgrade(deps, "visitor", c));
  app.get("/v1/sites/:siteId/agent", (c) => upgrade(deps, "agent", c));
  return app;
}

async function upgrade(
  deps: AppDeps,
  side: "visitor" | "agent",
  c: Context<AppEnv>,
): Promise<Response> {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    c.header("Upgrade", "websocket");
    const detail = "Connect with a WebSocket client";
    return problem(c, 426, "WebSocket expected", detail, { code: "websocket_expected" });
  }
  const via = c.env?.via;
  if (via?.isRetiring) {
    // The next attempt comes in by the listener that took this one's place.
    c.header("Retry-After", "1");
    c.header("Connection", "close");
    const detail = "This listener is being replaced";
    return problem(c, 503, "Not taking connections", detail, { code: "not_ready" });
  }
  if (!deps.isReady() || deps.node.hub.size >= deps.limits.connectionsMax) {
    c.header("Retry-After", "5");
    const detail = "The node starts, stops or is at its limit";
    return problem(c, 503, "Not taking connections", detail, { code: "not_ready" });
  }
  const siteId = siteIdSchema.safeParse(c.req.param("siteId"));
  const config = siteId.success ? await deps.configs.load(siteId.data) : undefined;
  const slot = siteId.success ? deps.node.slot(siteId.data) : undefined;
  if (slot === undefined) return problem(c, 404, "Unknown site", undefined, { code: "unknown" });
  if (slot.state === "failed") {
    c.header("Retry-After", "30");
    const detail = "The site failed on this node";
    return problem(c, 503, "Site unavailable", detail, { code: "site_unavailable" });
  }
  const origin = c.req.header("origin");
  if (!isAllowedOrigin(origin, c.req.header("host"), config?.allowedDomains ?? [])) {
    const detail = `"${origin}" is not on the site's list`;
    return problem(c, 403, "Origin not allowed", detail, { code: "origin" });
  }
  // Not known any more once the request is upgraded.
  const address = peerAddress(c.env);
  const upgraded = upgradedOf(c.req.raw);
  if (upgraded === undefined) {
    const detail = "Headers of a WebSocket: Connection: Upgrade, Sec-WebSocket-Key, -Version: 13";
    return problem(c, 400, "No WebSocket", detail, { code: "bad_upgrade" });
  }
  const { socket, response } = upgraded;
  let chat: ChatSocket | undefined;
  // Listeners, as Deno wraps an on… property in another call.
  socket.addEventListener("open", () => {
    chat = new ChatSocket(deps, side, slot, socket, { address, via });
  });
  socket.addEventListener("message", (event) => chat?.receive(event.data));
  socket.addEventListener("close", () => chat?.closed());
  return response;
}

/** Undefined when the request lacks what a WebSocket needs. [AM20] */
function upgradedOf(request: Request): Deno.WebSocketUpgrade | undefined {
  try {
    // Our own heartbeats find dead peers; Deno's would cut every socket after a stall of the loop.
    return Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
