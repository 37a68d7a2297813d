import { type Context, Hono } from "hono";
import { z } from "zod";
import { isUniqueId } from "../mq/message_check.ts";
import { MessageRefused, QueueUnavailable } from "../mq/queue.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { noteAct } from "./audit.ts";
import { foundAway } from "./needs.ts";
import { requireOperator } from "./operator.ts";
import { problem } from "./problem.ts";

/** A page of dead letters; their payloads may be 256 KiB each. */
const pageSchema = z.object({
  after: z.string().max(64).regex(/^\d+$/, "what a page before gave as `next`").optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

/** Queues for operators: numbers, dead letters, pause and resume. [QD19] */
export function queueRoutes(deps: AppDeps): Hono<AppEnv> {
  const { queue } = deps;
  const app = new Hono<AppEnv>();
  app.use("/v1/ops/queues/*", requireOperator(deps));
  app.get("/v1/ops/queues", requireOperator(deps), (c) =>
    answered(deps, c, async () => {
      const stats = await queue.stats();
      const now = deps.clock.now();
      const items = stats.map(({ oldestAt, ...rest }) => ({
        ...rest,
        oldestAt: oldestAt === undefined ? null : new Date(oldestAt).toISOString(),
        oldestAgeSeconds: oldestAt === undefined ? null : Math.max(0, (now - oldestAt) / 1_000),
      }));
      return c.json({ items });
    }));
  app.get("/v1/ops/queues/:name/dead", (c) =>
    answered(deps, c, async () => {
      const page = pageSchema.safeParse(c.req.query());
      if (!page.success) return badQuery(c, page.error);
      const { items, next } = await queue.deadLetters(c.req.param("name"), {
        after: page.data.after,
        limit: page.data.limit,
      });
      const letters = items.map(({ at, diedAt, ...rest }) => ({
        ...rest,
        at: new Date(at).toISOString(),
        diedAt: new Date(diedAt).toISOString(),
      }));
      return c.json({ items: letters, next: next ?? null });
    }));
  app.post("/v1/ops/queues/:name/dead/:uniqueId/replay", (c) =>
    answered(deps, c, async () => {
      const { name, uniqueId } = c.req.param();
      if (!isUniqueId(uniqueId) || !await queue.replay(name, uniqueId)) return noLetter(c);
      await note(deps, c, `queues.replay ${name} ${uniqueId}`);
      return c.body(null, 204);
    }));
  app.delete("/v1/ops/queues/:name/dead/:uniqueId", (c) =>
    answered(deps, c, async () => {
      const { name, uniqueId } = c.req.param();
      if (!isUniqueId(uniqueId) || !await queue.drop(name, uniqueId)) return noLetter(c);
      await note(deps, c, `queues.drop ${name} ${uniqueId}`);
      return c.body(null, 204);
    }));
  for (const act of ["pause", "resume"] as const) {
    app.post(`/v1/ops/queues/:name/${act}`, (c) =>
      answered(deps, c, async () => {
        const name = c.req.param("name") ?? "";
        await queue[act](name);
        await note(deps, c, `queues.${act} ${name}`);
        return c.body(null, 204);
      }));
  }
  return app;
}

/** Runs a request; a queue that there is none of, or that is away, is told as such. */
async function answered(
  deps: AppDeps,
  c: Context<AppEnv>,
  run: () => Promise<Response>,
): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof MessageRefused) {
      const detail = `There is no queue "${c.req.param("name")}"`;
      return problem(c, 404, "No such queue", detail, { code: "unknown", field: error.path });
    }
    if (!(error instanceof QueueUnavailable)) throw error;
    return foundAway(deps, c, "queue", error);
  }
}

function badQuery(c: Context<AppEnv>, error: z.ZodError): Response {
  const [issue] = error.issues;
  const field = issue?.path.join(".") ?? "query";
  return problem(c, 400, "Bad query", `${field}: ${issue?.message ?? "wrong"}`, {
    code: "bad_query",
    field,
  });
}

function noLetter(c: Context<AppEnv>): Response {
  const detail = "There is no dead letter of that id in this queue";
  return problem(c, 404, "No such dead letter", detail, { code: "unknown", field: "uniqueId" });
}

/** Leaves a trace of what the operator did. [AM10] */
function note(deps: AppDeps, c: Context<AppEnv>, what: string): Promise<void> {
  return noteAct(deps, c, { siteId: undefined, by: "operator", what });
}
