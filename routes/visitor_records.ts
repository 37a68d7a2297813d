import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Archive } from "../archive/archive.ts";
import {
  type ChatId,
  chatIdSchema,
  type SiteId,
  type VisitorId,
  visitorIdSchema,
} from "../core/ids.ts";
import { type Payload, QueueUnavailable } from "../mq/queue.ts";
import { SiteUnavailable } from "../server/node.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { noteAct } from "./audit.ts";
import { callerName, forbidden, scopeOf } from "./caller.ts";
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
import { foundAway } from "./needs.ts";
import { type Operation, serve } from "./operation.ts";
import { badPath, problem } from "./problem.ts";
import { type SiteAccess, siteAccess } from "./site_access.ts";

const readExport: Operation = {
  method: "get",
  path: "/v1/sites/:siteId/visitors/:visitorId/export",
  id: "exportVisitor",
  tag: "history",
  summary: "Everything that is kept of a visitor",
  description: "Of a visitor that nobody knows there is nothing. A chat that has not ended has " +
    "`chat` null, and the entries that have reached the archive.",
  who: ["erase_visitor"],
  needs: ["archive"],
  answer: {
    status: 200,
    description: "Its chats with their entries, its offline messages, rows that name it",
    schema: z.object({
      visitorId: visitorIdSchema,
      chats: z.array(z.object({
        chatId: chatIdSchema,
        chat: chatViewSchema.nullable(),
        entries: z.array(entryViewSchema),
      })),
      offlineMessages: z.array(offlineViewSchema),
      logs: z.array(rowViewSchema.extend({ log: z.string() })),
    }),
  },
  refusals: [400, 404],
};

const erase: Operation = {
  method: "delete",
  path: "/v1/sites/:siteId/visitors/:visitorId",
  id: "eraseVisitor",
  tag: "history",
  summary: "Erase a visitor from archive, queues and live state",
  description: "409 `has_chat` while a chat of it runs. What of it is on its way to the archive " +
    "stays out; what it begins at this very moment may go too. When a part fails on the way, " +
    "503: the repeat goes on where this ended. Bans and the audit log keep the visitor's id.",
  who: ["erase_visitor"],
  needs: ["archive"],
  answer: {
    status: 200,
    description: "How much was deleted: ended chats of the live state, rows of the archive, " +
      "messages of queues and dead letters",
    schema: z.object({ chats: z.int(), archived: z.int(), messages: z.int() }),
  },
  refusals: [400, 404, 409],
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
      if (!visitorId.success) return badPath(c, "visitorId", "a ULID");
      const asked = { ...access, visitorId: visitorId.data };
      return await answeredByArchive(deps, c, () => act(deps, c, asked));
    });
  }
  return app;
}

interface Asked extends SiteAccess {
  readonly visitorId: VisitorId;
}

async function exported(deps: AppDeps, c: Context<AppEnv>, asked: Asked): Promise<Response> {
  const { visitorId } = asked;
  const found = await deps.archive.exportVisitor(asked.config.siteId, visitorId);
  await note(deps, c, asked, "export");
  return c.json({
    visitorId,
    chats: found.chats.map(({ chatId, chat, entries }) => ({
      chatId,
      chat: chat === undefined ? null : chatView(chat),
      entries: entries.map(entryView),
    })),
    offlineMessages: found.offlineMessages.map(offlineView),
    logs: found.logs.map((row) => ({ log: row.log, ...rowView(row) })),
  });
}

/**
 * The live state first, as it says whether a chat runs. The queues before the archive, which alone
 * knows whose chats their messages are about; from its erasure on it keeps out what is still on its
 * way. Any part may fail: the repeat goes on. [HI6]
 */
async function erased(deps: AppDeps, c: Context<AppEnv>, asked: Asked): Promise<Response> {
  const { visitorId, config: { siteId } } = asked;
  const slot = deps.isReady() ? deps.node.slot(siteId) : undefined;
  if (slot === undefined) return unavailable(c, "The node starts or stops");
  // What the visitor begins from here on is its own affair again.
  const until = deps.clock.now();
  try {
    const live = await deps.node.eraseVisitor(slot, visitorId);
    if (live.type === "has_chat") {
      return problem(c, 409, "A chat runs", `End chat ${live.chatId} first`, { code: "has_chat" });
    }
    await note(deps, c, asked, "erase");
    const chatIds = new Set(live.chatIds);
    for await (const chatId of chatIdsOf(deps.archive, siteId, visitorId)) chatIds.add(chatId);
    const messages = await deps.queue.erase((_, payload) =>
      payload["siteId"] === siteId && isAbout(payload, visitorId, chatIds)
    );
    const archived = await deps.archive.eraseVisitor(siteId, visitorId, until);
    return c.json({ chats: live.chatIds.length, archived, messages });
  } catch (error) {
    if (error instanceof SiteUnavailable) return unavailable(c, error.message);
    if (!(error instanceof QueueUnavailable)) throw error;
    return foundAway(deps, c, "queue", error);
  }
}

function unavailable(c: Context<AppEnv>, why: string): Response {
  c.header("Retry-After", "10");
  return problem(c, 503, "Site unavailable", why, { code: "site_unavailable" });
}

const pageMax = 200;

/** A visitor's ended chats, as the archive has them. */
async function* chatIdsOf(
  archive: Archive,
  siteId: SiteId,
  visitorId: VisitorId,
): AsyncGenerator<ChatId> {
  let after: string | undefined;
  do {
    const { items, next } = await archive.chats(siteId, { visitorId, limit: pageMax, after });
    yield* items.map(({ chatId }) => chatId);
    after = next;
  } while (after !== undefined);
}

/** What a message may be about, as far as an erasure asks. */
const aboutSchema = z.object({
  visitorId: z.string().nullish(),
  chatId: z.string().nullish(),
  author: z.object({ type: z.string(), id: z.string() }).optional(),
});

/** Whether a message is of this visitor, or of one of its chats. */
function isAbout(payload: Payload, visitorId: VisitorId, chatIds: ReadonlySet<string>): boolean {
  const about = aboutSchema.safeParse(payload);
  if (!about.success) return false;
  const { author, chatId } = about.data;
  return about.data.visitorId === visitorId || chatIds.has(chatId ?? "") ||
    (author?.type === "visitor" && author.id === visitorId);
}

function note(
  deps: AppDeps,
  c: Context<AppEnv>,
  { config: { siteId }, caller, visitorId }: Asked,
  act: "export" | "erase",
): Promise<void> {
  return noteAct(deps, c, { siteId, by: callerName(caller), what: `visitors.${act} ${visitorId}` });
}
