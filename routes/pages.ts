import { type Context, Hono } from "hono";
import { serveStatic } from "hono/deno";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { problem } from "./problem.ts";

const pages: Readonly<Record<string, string>> = {
  "/": "home.html",
  "/visitor": "visitor.html",
  "/agent": "agent.html",
};

/** The built pages and their assets. */
export function pageRoutes(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  for (const [path, file] of Object.entries(pages)) {
    app.get(path, (c) => page(c, `${deps.webDir}/${file}`));
  }
  app.use(
    "/assets/*",
    serveStatic({ root: deps.webDir, onFound: (_, c) => c.header("Cache-Control", "no-cache") }),
  );
  return app;
}

async function page(c: Context<AppEnv>, path: string): Promise<Response> {
  try {
    return c.html(await Deno.readTextFile(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return problem(c, 503, "Pages not built", "Run `deno task build` first", { code: "no_pages" });
  }
}
