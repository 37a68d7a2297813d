import { Hono } from "hono";
import type { Registry } from "prom-client";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { failed } from "./failure.ts";
import { healthRoutes } from "./health.ts";
import { notFound } from "./not_found.ts";
import { queueRoutes } from "./queues.ts";

/** The port for operators: health, metrics and acts. Never dialled for a client. */
export function createInternalApp(deps: AppDeps, metrics: Registry): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use("/v1/*", async (c, next) => {
    c.header("Cache-Control", "no-store");
    await next();
  });
  app.route("/", healthRoutes(deps));
  app.get("/metrics", async (c) => {
    return c.body(await metrics.metrics(), 200, { "content-type": metrics.contentType });
  });
  // Compared by `chatnode check`, so that two processes can read what the other signed.
  app.get("/v1/keys", (c) => c.text(`${deps.keyFingerprints.join("\n")}\n`));
  app.route("/", queueRoutes(deps));
  app.notFound((c) => notFound(app, c));
  app.onError((error, c) => failed(deps, c, error));
  return app;
}
