import { type Context, Hono } from "hono";
import { z } from "zod";
import type { ArchivedChat, LogName } from "../archive/archive.ts";
import { chatIdSchema } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { type Caller, forbidden } from "./caller.ts";
import { pageSchema } from "./config_operations.ts";
import { jsonSchemaOf } from "./config_schema.ts";
import {
  answeredByArchive,
  chatsQuerySchema,
  isoTime,
  rangeOf,
  rangeQuerySchema,
} from "./history_query.ts";
import { chatScope, departmentsOf, inBoth, mayReadChat } from "./history_scope.ts";
import {
  chatView,
  chatViewSchema,
  entryView,
  entryViewSchema,
  offlineView,
  offlineViewSchema,
  pageView,
  rowView,
  rowViewSchema,
} from "./history_view.ts";
import { type Operation, serve } from "./operation.ts";
import { readQuery } from "./page_query.ts";
import { problem } from "./problem.ts";
import { siteAccess } from "./site_access.ts";

const logNames = [
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

const visitsQuerySchema = z.strictObject({
  since: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  until: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  bucket: z.enum(["5m", "hour", "day"]).default("hour"),
});
const bucketMs = { "5m": 300_000, hour: 3_600_000, day: 24 * 3_600_000 } as const;
/** Stretches of time in one answer. */
const bucketsMax = 10_000;

const pageOf = (schema: z.ZodType) => ({
  status: 200,
  description: "A page of them, newest first",
  schema: () => pageSchema(jsonSchemaOf(schema, "output")),
});
const ofHistory = { method: "get", tag: "history", needs: ["archive"] } as const;

const listChats: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/chats",
  id: "listEndedChats",
  summary: "Ended chats, newest first by their end",
  description: "Who may not read_history gets the chats in which it was itself.",
  who: "session",
  query: chatsQuerySchema,
  answer: pageOf(chatViewSchema),
};
const readChat: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/chats/:chatId",
  id: "readEndedChat",
  summary: "An ended chat",
  who: "session",
  answer: { status: 200, description: "The chat", schema: chatViewSchema },
  refusals: [400, 404],
};
const readEntries: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/chats/:chatId/transcript",
  id: "readArchivedTranscript",
  summary: "What was written in a chat, in order of display, the staff's notes included",
  who: "session",
  query: rangeQuerySchema.pick({ limit: true, cursor: true }),
  answer: {
    status: 200,
    description: "A page of entries, oldest first",
    schema: () => pageSchema(jsonSchemaOf(entryViewSchema, "output")),
  },
  refusals: [400, 404],
};
const listOffline: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/offline-messages",
  id: "listOfflineMessages",
  summary: "Messages left while nobody was there, newest first",
  who: ["read_offline_messages"],
  query: rangeQuerySchema.extend({ departmentId: chatsQuerySchema.shape.departmentId }),
  answer: pageOf(offlineViewSchema),
};
const listLog: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/logs/:log",
  id: "listLogRows",
  summary: "Rows of a log, newest first",
  description: `Logs: ${logNames.join(", ")}.`,
  who: ["read_logs"],
  query: rangeQuerySchema.extend({ agentId: chatsQuerySchema.shape.agentId }),
  answer: pageOf(rowViewSchema),
  refusals: [404],
};
const countVisits: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/visits",
  id: "countVisits",
  summary: "Visits per stretch of time, oldest first; stretches without any are left out",
  who: ["read_logs"],
  query: visitsQuerySchema,
  answer: {
    status: 200,
    description: "The counts",
    schema: z.object({ items: z.array(z.object({ at: z.iso.datetime(), visits: z.int() })) }),
  },
};

/** The operations of history. */
export const historyOperations: readonly Operation[] = [
  listChats,
  readChat,
  readEntries,
  listOffline,
  listLog,
  countVisits,
];

interface Asked {
  readonly config: SiteConfig;
  readonly caller: Caller;
}

/** What happened at a site, for those who may know. [HI1] */
export function historyRoutes(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const answer = (
    operation: Operation,
    ask: (c: Context<AppEnv>, asked: Asked) => Promise<Response>,
  ) =>
    serve(app, deps, operation, async (c) => {
      const access = await siteAccess(deps, c);
      if (access instanceof Response) return access;
      return await answeredByArchive(c, () => ask(c, access));
    });
  answer(listChats, (c, asked) => chatsPage(deps, c, asked));
  answer(readChat, async (c, asked) => {
    const chat = await readableChat(deps, c, asked);
    return chat instanceof Response ? chat : c.json(chatView(chat));
  });
  answer(readEntries, (c, asked) => entriesPage(deps, c, asked));
  answer(listOffline, (c, asked) => offlinePage(deps, c, asked));
  answer(listLog, (c, asked) => logPage(deps, c, asked));
  answer(countVisits, (c, asked) => visits(deps, c, asked));
  return app;
}

async function chatsPage(
  { archive }: AppDeps,
  c: Context<AppEnv>,
  { config, caller }: Asked,
): Promise<Response> {
  const asked = readQuery(c, chatsQuerySchema);
  if (asked instanceof Response) return asked;
  const { agentId, visitorId, departmentId, text } = asked.query;
  const scope = chatScope(caller);
  if (scope.agentId !== undefined && agentId !== undefined && agentId !== scope.agentId) {
    return c.json({ items: [] });
  }
  const page = await archive.chats(config.siteId, {
    ...rangeOf(asked.query),
    visitorId,
    text,
    agentId: scope.agentId ?? agentId,
    departmentIds: inBoth(scope.departmentIds, departmentId),
  });
  return c.json(pageView(page, chatView));
}

/** The chat of the path, as far as the caller may know of it. */
async function readableChat(
  { archive }: AppDeps,
  c: Context<AppEnv>,
  { config, caller }: Asked,
): Promise<ArchivedChat | Response> {
  const chatId = chatIdSchema.safeParse(c.req.param("chatId"));
  if (!chatId.success) return problem(c, 400, "Bad request", "chatId: a ULID");
  const chat = await archive.chat(config.siteId, chatId.data);
  if (chat !== undefined && mayReadChat(caller, chat)) return chat;
  return problem(
    c,
    404,
    "Unknown chat",
    "No chat of this id has ended, or it is not yours to read",
  );
}

async function entriesPage(deps: AppDeps, c: Context<AppEnv>, asked: Asked): Promise<Response> {
  const query = readQuery(c, rangeQuerySchema.pick({ limit: true, cursor: true }));
  if (query instanceof Response) return query;
  const chat = await readableChat(deps, c, asked);
  if (chat instanceof Response) return chat;
  const { limit, cursor: after } = query.query;
  const page = await deps.archive.transcript(chat.siteId, chat.chatId, {
    stream: "all",
    after,
    limit,
  });
  return c.json(pageView(page, entryView));
}

async function offlinePage(
  { archive }: AppDeps,
  c: Context<AppEnv>,
  { config, caller }: Asked,
): Promise<Response> {
  const allowed = departmentsOf(caller, "read_offline_messages");
  if (allowed === "none") return forbidden(c, "Your role may not read_offline_messages");
  const asked = readQuery(
    c,
    rangeQuerySchema.extend({
      departmentId: chatsQuerySchema.shape.departmentId,
    }),
  );
  if (asked instanceof Response) return asked;
  const page = await archive.offlineMessages(config.siteId, {
    ...rangeOf(asked.query),
    departmentIds: inBoth(allowed, asked.query.departmentId),
  });
  return c.json(pageView(page, offlineView));
}

async function logPage(
  { archive }: AppDeps,
  c: Context<AppEnv>,
  { config, caller }: Asked,
): Promise<Response> {
  const allowed = departmentsOf(caller, "read_logs");
  if (allowed === "none") return forbidden(c, "Your role may not read_logs");
  const log = logNames.find((name) => name === c.req.param("log"));
  if (log === undefined) return problem(c, 404, "Unknown log", `One of ${logNames.join(", ")}`);
  const asked = readQuery(c, rangeQuerySchema.extend({ agentId: chatsQuerySchema.shape.agentId }));
  if (asked instanceof Response) return asked;
  const { agentId } = asked.query;
  const page = await archive.logRows(config.siteId, { ...rangeOf(asked.query), log, agentId });
  const readable = (id: string | null) => {
    if (allowed === undefined || id === null) return true;
    const agent = config.agents.find((one) => one.agentId === id);
    return agent?.departmentIds.some((department) => allowed.includes(department)) ?? false;
  };
  // A supervisor's page may come short: rows of agents of other departments are left out.
  const items = page.items.filter((row) => readable(row.agentId));
  return c.json(pageView({ ...page, items }, rowView));
}

async function visits(
  { archive }: AppDeps,
  c: Context<AppEnv>,
  { config, caller }: Asked,
): Promise<Response> {
  if (departmentsOf(caller, "read_logs") === "none") {
    return forbidden(c, "Your role may not read_logs");
  }
  const asked = readQuery(c, visitsQuerySchema);
  if (asked instanceof Response) return asked;
  const { since, until, bucket } = asked.query;
  if (until <= since || (until - since) / bucketMs[bucket] > bucketsMax) {
    const message = `behind since, and at most ${bucketsMax} stretches of time later`;
    return problem(c, 400, "Bad request", `until: ${message}`, {
      code: "bad_query",
      errors: [{ path: "until", message }],
    });
  }
  const range = { since, until, bucketMs: bucketMs[bucket] };
  const counts = await archive.visitCounts(config.siteId, range);
  return c.json({ items: counts.map(({ at, visits }) => ({ at: isoTime(at), visits })) });
}
