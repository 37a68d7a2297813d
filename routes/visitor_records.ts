import { type Context, Hono } from "hono";
import { z } from "zod";
import { type VisitorId, visitorIdSchema } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { QueueUnavailable } from "../mq/queue.ts";
import { SiteUnavailable } from "../server/node.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { noteAct } from "./audit.ts";
import { type Caller, callerName, forbidden, scopeOf } from "./caller.ts";
import { answeredByArchive } from "./history_query.ts";
import {
  chatView,
  chatViewSchema,
  entryView,
  entryViewSchema,
  offlineView,
  offlineViewSchema,
  rowView,
  rowViewSchema,
} from "./history_view.ts";
import { type Operation, serve } from "./operation.ts";
import { problem } from "./problem.ts";
import { siteAccess } from "./site_access.ts";

const readExport: Operation = {
  method: "get",
  path: "/v1/sites/:siteId/visitors/:visitorId/export",
  id: "exportVisitor",
  tag: "history",
  summary: "Everything that is kept of a visitor",
  who: ["erase_visitor"],
  needs: ["archive"],
  answer: {
    status: 200,
    description: "Its ended chats with their entries, its offline messages, rows that name it",
    schema: z.object({
      visitorId: visitorIdSchema,
      chats: z.array(z.object({ chat: chatViewSchema, entries: z.array(entryViewSchema) })),
      offlineMessages: z.array(offlineViewSchema),
      logs: z.array(rowViewSchema.extend({ log: z.string() })),
    }),
  },
};

const erase: Operation = {
  method: "delete",
  path: "/v1/sites/:siteId/visitors/:visitorId",
  id: "eraseVisitor",
  tag: "history",
  summary: "Erase a visitor from archive, queues and live state",
  description: "409 while a chat of it runs. What of it is on its way to the archive stays out.",
  who: ["erase_visitor"],
  needs: ["archive"],
  answer: {
    status: 200,
    description: "How much was deleted",
    schema: z.object({ chats: z.int(), archived: z.int(), messages: z.int() }),
  },
  refusals: [409],
};

/** The operations on everything that is kept of one visitor. */
export const visitorRecordOperations: readonly Operation[] = [readExport, erase];

/** Export and erasure of a visitor. [HI5, HI6] */
export function visitorRecordRoutes(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  for (const [operation, act] of [[readExport, exported], [erase, erased]] as const) {
    serve(app, deps, operation, async (c) => {
      const access = await siteAccess(deps, c);
      if (access instanceof Response) return access;
      if (scopeOf(access.caller, "erase_visitor") !== "site") {
        return forbidden(c, "Your role may not erase_visitor");
      }
      const visitorId = visitorIdSchema.safeParse(c.req.param("visitorId"));
      if (!visitorId.success) return problem(c, 400, "Bad request", "visitorId: a ULID");
      return await answeredByArchive(
        c,
        () => act(deps, c, { ...access, visitorId: visitorId.data }),
      );
    });
  }
  return app;
}

interface Asked {
  readonly config: SiteConfig;
  readonly caller: Caller;
  readonly visitorId: VisitorId;
}

async function exported(
  deps: AppDeps,
  c: Context<AppEnv>,
  { config: { siteId }, caller, visitorId }: Asked,
): Promise<Response> {
  const found = await deps.archive.exportVisitor(siteId, visitorId);
  await noteAct(deps, c, { siteId, by: callerName(caller), what: `visitors.export ${visitorId}` });
  return c.json({
    visitorId,
    chats: found.chats.map(({ chat, entries }) => ({
      chat: chatView(chat),
      entries: entries.map(entryView),
    })),
    offlineMessages: found.offlineMessages.map(offlineView),
    logs: found.logs.map((row) => ({ log: row.log, ...rowView(row) })),
  });
}

/**
 * The live state first, as it says whether a chat runs; then the archive, which from then on keeps
 * out what is still on its way; then the queues. Any part may fail: the repeat goes on.
 */
async function erased(
  deps: AppDeps,
  c: Context<AppEnv>,
  { config: { siteId }, caller, visitorId }: Asked,
): Promise<Response> {
  const slot = deps.node.slot(siteId);
  if (slot === undefined) return problem(c, 404, "Unknown site");
  try {
    const live = await deps.node.eraseVisitor(slot, visitorId);
    if (live.type === "has_chat") {
      return problem(c, 409, "A chat runs", `End chat ${live.chatId} first`, { code: "has_chat" });
    }
    const archived = await deps.archive.eraseVisitor(siteId, visitorId);
    const messages = await deps.queue.erase((_, payload) =>
      payload["siteId"] === siteId && payload["visitorId"] === visitorId
    );
    const what = `visitors.erase ${visitorId}`;
    await noteAct(deps, c, { siteId, by: callerName(caller), what });
    return c.json({ chats: live.chats, archived, messages });
  } catch (error) {
    const isAway = error instanceof SiteUnavailable || error instanceof QueueUnavailable;
    if (!isAway) throw error;
    c.header("Retry-After", "10");
    return problem(c, 503, "Not everything can be reached", `${error.message}: try again`);
  }
}
