import { type Context, Hono } from "hono";
import type { Session } from "../core/event.ts";
import { chatIdSchema, siteIdSchema } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import { SiteUnavailable } from "../server/node.ts";
import { sessionOf } from "../server/session_token.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { archivedTranscript } from "./archived_transcript.ts";
import { forbidden, readBearer, turnedAway } from "./caller.ts";
import { type Operation, serve } from "./operation.ts";
import { badPath, problem } from "./problem.ts";

const readTranscript: Operation = {
  method: "get",
  path: "/v1/sites/:siteId/chats/:chatId/transcript",
  id: "readTranscript",
  tag: "chats",
  summary: "A chat and its entries in order of display, each message once",
  description: "Visitors read their own chats without staff entries. ChatView and SignedEntry " +
    "are described in asyncapi.json. A chat that ended more than a day ago stands under " +
    "`archived`, as readEndedChat has it, with its first 2,000 entries; `next` is the cursor at " +
    "which readArchivedTranscript goes on. Of such a chat nothing can be said while the archive " +
    "is away: 503.",
  who: "session",
  answer: {
    status: 200,
    description: "The chat and its entries",
    schema: () => ({
      type: "object",
      properties: {
        chat: { type: "object", description: "ChatView" },
        archived: { type: "object", description: "Instead of `chat`" },
        entries: { type: "array", items: { type: "object" } },
        next: { type: "string" },
      },
      required: ["entries"],
    }),
  },
  refusals: [400, 404, 503],
};

/** The operations of chats. */
export const chatOperations: readonly Operation[] = [readTranscript];

/**
 * GET /v1/sites/:siteId/chats/:chatId/transcript: the chat and its entries in order of display,
 * each message once. Visitors read their own chats without staff entries; agents those that they
 * had or may monitor. What the node does not know any more comes from the archive. [HI3]
 */
export function chatRoutes(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  serve(app, deps, readTranscript, async (c) => {
    const siteId = siteIdSchema.safeParse(c.req.param("siteId"));
    if (!deps.isReady()) return unavailable(c, "The node starts or stops");
    const config = siteId.success ? await deps.configs.load(siteId.data) : undefined;
    const slot = siteId.success ? deps.node.slot(siteId.data) : undefined;
    if (slot === undefined || config === undefined) {
      return problem(c, 404, "Unknown site", undefined, { code: "unknown" });
    }
    const session = await sessionHere(deps, c, config);
    if (session instanceof Response) return session;
    const chatId = chatIdSchema.safeParse(c.req.param("chatId"));
    if (!chatId.success) return badPath(c, "chatId", "a ULID");
    try {
      const transcript = await deps.node.transcript(slot, chatId.data, session);
      if (transcript === undefined) {
        return await archivedTranscript(deps, c, { config, chatId: chatId.data, reader: session });
      }
      const entries = deps.node.encoder.encodeEntries(slot.siteId, transcript.entries);
      const body = `{"chat":${JSON.stringify(transcript.chat)},"entries":${entries}}`;
      return c.body(body, 200, { "content-type": "application/json" });
    } catch (error) {
      if (!(error instanceof SiteUnavailable)) throw error;
      return unavailable(c, error.message);
    }
  });
  return app;
}

/** The session of the request's token at this site; the operator has none. */
async function sessionHere(
  deps: AppDeps,
  c: Context<AppEnv>,
  config: SiteConfig,
): Promise<Session | Response> {
  const bearer = await readBearer(deps, c);
  if (bearer === "operator") return forbidden(c, "Sessions only: the operator reads …/history");
  if (typeof bearer === "string") return turnedAway(c, bearer);
  if (bearer.site !== config.siteId) return turnedAway(c, "other_site");
  return sessionOf(bearer, config, deps.clock.now()) ?? turnedAway(c, "session_revoked");
}

function unavailable(c: Context<AppEnv>, why: string): Response {
  c.header("Retry-After", "5");
  return problem(c, 503, "Site unavailable", why, { code: "site_unavailable" });
}
