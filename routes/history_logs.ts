import { type Context, Hono } from "hono";
import { z } from "zod";
import type { LogName } from "../archive/archive.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { forbidden } from "./caller.ts";
import { answered, ofHistory, pageOf } from "./history.ts";
import { inOrder, isoTime, rangeOf, rowsQuerySchema, timeSchema } from "./history_query.ts";
import { departmentsOf, rowsWithin } from "./history_scope.ts";
import { pageView, rowView, rowViewSchema } from "./history_view.ts";
import { type Operation, serve } from "./operation.ts";
import { readQuery } from "./page_query.ts";
import { problem } from "./problem.ts";
import type { SiteAccess } from "./site_access.ts";

/** The logs, as they stand in the URL. */
export const logNames = [
  "wrap_up",
  "rating",
  "canned_use",
  "private_message",
  "waiting_queue",
  "agent_status",
  "invitation",
  "conversion",
  "ban",
  "visit",
  "visitor",
  "agent",
  "preference",
] as const satisfies readonly LogName[];

const bucketMs = { "5m": 300_000, hour: 3_600_000, day: 24 * 3_600_000 } as const;
/** Stretches of time in one answer: more than a year of hours. */
const bucketsMax = 10_000;
/** Counts come in every five minutes: a hundred thousand rows a year. */
const daysMax = 732;

const visitsQuerySchema = inOrder(z.strictObject({
  since: timeSchema.describe("ISO 8601, the first moment."),
  until: timeSchema.describe("ISO 8601, the moment behind the last."),
  bucket: z.enum(["5m", "hour", "day"], '"5m", "hour" or "day"').default("hour").describe(
    "How long a stretch of time is; they begin at full ones of UTC.",
  ),
})).refine(
  ({ since, until, bucket }) =>
    until - since <= Math.min(bucketsMax * bucketMs[bucket], daysMax * bucketMs.day),
  {
    path: ["until"],
    error: `at most ${bucketsMax} stretches of time and ${daysMax} days behind since`,
  },
);

const listLog: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/logs/:log",
  id: "listLogRows",
  summary: "Rows of a log, newest first",
  description: `Logs: ${logNames.join(", ")}. Supervisors get rows of their departments.`,
  who: ["read_logs"],
  query: rowsQuerySchema,
  answer: pageOf(rowViewSchema, "newest first"),
  refusals: [404],
};
const countVisits: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/visits",
  id: "countVisits",
  summary: "Visits per stretch of time, oldest first; stretches without any are left out",
  description: `At most ${bucketsMax} stretches of time and ${daysMax} days.`,
  who: ["read_logs"],
  query: visitsQuerySchema,
  answer: {
    status: 200,
    description: "The counts",
    schema: z.object({ items: z.array(z.object({ at: z.iso.datetime(), visits: z.int() })) }),
  },
  refusals: [404],
};

/** The operations of logs and statistics. */
export const historyLogOperations: readonly Operation[] = [listLog, countVisits];

/** Logs and statistics of a site, for those who may know. [HI1] */
export function historyLogRoutes(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  serve(app, deps, listLog, (c) => answered(deps, c, logPage));
  serve(app, deps, countVisits, (c) => answered(deps, c, visits));
  return app;
}

async function logPage(
  { archive }: AppDeps,
  c: Context<AppEnv>,
  { config, caller }: SiteAccess,
): Promise<Response> {
  const departments = departmentsOf(caller, "read_logs");
  if (departments === "none") return forbidden(c, "Your role may not read_logs");
  const log = logNames.find((name) => name === c.req.param("log"));
  if (log === undefined) {
    return problem(c, 404, "Unknown log", `One of ${logNames.join(", ")}`, { code: "unknown" });
  }
  const asked = readQuery(c, rowsQuerySchema);
  if (asked instanceof Response) return asked;
  const { agentId } = asked.query;
  const page = await archive.logRows(config.siteId, { ...rangeOf(asked.query), log, agentId });
  // A supervisor's page may come short.
  const items = await rowsWithin(page.items, { archive, config, departments });
  return c.json(pageView({ ...page, items }, rowView));
}

async function visits(
  { archive }: AppDeps,
  c: Context<AppEnv>,
  { config, caller }: SiteAccess,
): Promise<Response> {
  if (departmentsOf(caller, "read_logs") === "none") {
    return forbidden(c, "Your role may not read_logs");
  }
  const asked = readQuery(c, visitsQuerySchema);
  if (asked instanceof Response) return asked;
  const { since, until, bucket } = asked.query;
  const range = { since, until, bucketMs: bucketMs[bucket] };
  const counts = await archive.visitCounts(config.siteId, range);
  return c.json({ items: counts.map(({ at, visits }) => ({ at: isoTime(at), visits })) });
}
