import { Hono } from "hono";
import type { AppDeps, AppEnv } from "./app_deps.ts";

/**
 * /healthz: the process is alive. /readyz: it takes new connections, and how its disk stands; also
 * with a full one it goes on with the chats that run. [PB10]
 */
export function healthRoutes(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) => {
    const ready = deps.isReady();
    const status = ready ? "ready" : "not ready";
    return c.json({ status, disk: deps.disk.state }, ready ? 200 : 503);
  });
  return app;
}
