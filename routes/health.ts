import { Hono } from "hono";
import type { AppDeps, AppEnv } from "./app_deps.ts";

/** /healthz: the process is alive. /readyz: it takes new connections. */
export function healthRoutes(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) => {
    const ready = deps.isReady();
    return c.json({ status: ready ? "ready" : "not ready" }, ready ? 200 : 503);
  });
  return app;
}
