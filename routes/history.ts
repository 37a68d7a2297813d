import { type Context, Hono } from "hono";
import type { z } from "zod";
import type { ArchivedChat } from "../archive/archive.ts";
import { chatIdSchema } from "../core/ids.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { forbidden } from "./caller.ts";
import { pageSchema } from "./config_operations.ts";
import { jsonSchemaOf } from "./config_schema.ts";
import {
  answeredByArchive,
  chatsQuerySchema,
  offlineQuerySchema,
  rangeOf,
  stretchSchema,
} from "./history_query.ts";
import { chatsWithin, departmentsOf, inBoth, mayReadChat } from "./history_scope.ts";
import {
  chatView,
  chatViewSchema,
  entryView,
  entryViewSchema,
  offlineView,
  offlineViewSchema,
  pageView,
} from "./history_view.ts";
import { type Operation, serve } from "./operation.ts";
import { readQuery } from "./page_query.ts";
import { badPath, problem } from "./problem.ts";
import { type SiteAccess, siteAccess } from "./site_access.ts";

/** What every operation of history has. */
export const ofHistory = { method: "get", tag: "history", needs: ["archive"] } as const;

/** The answer with a page of these. */
export function pageOf(schema: z.ZodType, order: string): Operation["answer"] {
  return {
    status: 200,
    description: `A page of them, ${order}; it may come short, the last one has no \`next\``,
    schema: () => pageSchema(jsonSchemaOf(schema, "output")),
  };
}

const listChats: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/chats",
  id: "listEndedChats",
  summary: "Ended chats, newest first by their end",
  description: "Who may not read_history gets the chats in which it was itself, and a supervisor " +
    "those of its departments; with its own `agentId` its own of all departments.",
  who: "staff",
  query: chatsQuerySchema,
  answer: pageOf(chatViewSchema, "newest first"),
  refusals: [404],
};
const readChat: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/chats/:chatId",
  id: "readEndedChat",
  summary: "An ended chat",
  who: "staff",
  answer: { status: 200, description: "The chat", schema: chatViewSchema },
  refusals: [400, 404],
};
const readEntries: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/chats/:chatId/transcript",
  id: "readArchivedTranscript",
  summary: "What was written in an ended chat, in order of display, the staff's notes included",
  description: "`isLate`: written elsewhere after the chat's end.",
  who: "staff",
  query: stretchSchema,
  answer: pageOf(entryViewSchema, "oldest first"),
  refusals: [400, 404],
};
const listOffline: Operation = {
  ...ofHistory,
  path: "/v1/sites/:siteId/history/offline-messages",
  id: "listOfflineMessages",
  summary: "Messages left while nobody was there, newest first",
  description: "Supervisors and agents get those of their departments, and those of none.",
  who: ["read_offline_messages"],
  query: offlineQuerySchema,
  answer: pageOf(offlineViewSchema, "newest first"),
  refusals: [404],
};

/** The operations of chats and messages that are over. */
export const historyOperations: readonly Operation[] = [
  listChats,
  readChat,
  readEntries,
  listOffline,
];

/** Chats and messages that are over, for those who may know. [HI1] */
export function historyRoutes(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  for (
    const [operation, ask] of [
      [listChats, chatsPage],
      [readChat, oneChat],
      [readEntries, entriesPage],
      [listOffline, offlinePage],
    ] as const
  ) {
    serve(app, deps, operation, (c) => answered(deps, c, ask));
  }
  return app;
}

/** Answers a question about the site of the path, as far as the caller may ask. */
export async function answered(
  deps: AppDeps,
  c: Context<AppEnv>,
  ask: (deps: AppDeps, c: Context<AppEnv>, access: SiteAccess) => Promise<Response>,
): Promise<Response> {
  const access = await siteAccess(deps, c);
  if (access instanceof Response) return access;
  return await answeredByArchive(deps, c, () => ask(deps, c, access));
}

async function chatsPage(
  { archive }: AppDeps,
  c: Context<AppEnv>,
  { config, caller }: SiteAccess,
): Promise<Response> {
  const asked = readQuery(c, chatsQuerySchema);
  if (asked instanceof Response) return asked;
  const { visitorId, text } = asked.query;
  const within = chatsWithin(caller, asked.query);
  if (within === undefined) return c.json({ items: [] });
  const filter = { ...rangeOf(asked.query), visitorId, text, ...within };
  return c.json(pageView(await archive.chats(config.siteId, filter), chatView));
}

/** The chat of the path, as far as the caller may know of it. */
async function readableChat(
  { archive }: AppDeps,
  c: Context<AppEnv>,
  { config, caller }: SiteAccess,
): Promise<ArchivedChat | Response> {
  const chatId = chatIdSchema.safeParse(c.req.param("chatId"));
  if (!chatId.success) return badPath(c, "chatId", "a ULID");
  const chat = await archive.chat(config.siteId, chatId.data);
  if (chat !== undefined && mayReadChat(caller, chat)) return chat;
  const detail = "No chat of this id has ended, or it is not yours to read";
  return problem(c, 404, "Unknown chat", detail, { code: "unknown" });
}

async function oneChat(deps: AppDeps, c: Context<AppEnv>, access: SiteAccess): Promise<Response> {
  const chat = await readableChat(deps, c, access);
  return chat instanceof Response ? chat : c.json(chatView(chat));
}

async function entriesPage(
  deps: AppDeps,
  c: Context<AppEnv>,
  access: SiteAccess,
): Promise<Response> {
  const asked = readQuery(c, stretchSchema);
  if (asked instanceof Response) return asked;
  const chat = await readableChat(deps, c, access);
  if (chat instanceof Response) return chat;
  const { limit, cursor: after } = asked.query;
  const page = { stream: "all", after, limit } as const;
  return c.json(
    pageView(await deps.archive.transcript(chat.siteId, chat.chatId, page), entryView),
  );
}

async function offlinePage(
  { archive }: AppDeps,
  c: Context<AppEnv>,
  { config, caller }: SiteAccess,
): Promise<Response> {
  const allowed = departmentsOf(caller, "read_offline_messages");
  if (allowed === "none") return forbidden(c, "Your role may not read_offline_messages");
  const asked = readQuery(c, offlineQuerySchema);
  if (asked instanceof Response) return asked;
  const departmentIds = inBoth(allowed, asked.query.departmentId);
  if (departmentIds?.length === 0) return c.json({ items: [] });
  const filter = { ...rangeOf(asked.query), departmentIds };
  return c.json(pageView(await archive.offlineMessages(config.siteId, filter), offlineView));
}
