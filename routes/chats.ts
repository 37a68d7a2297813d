import { Hono } from "hono";
import { chatIdSchema, siteIdSchema } from "../core/ids.ts";
import { SiteUnavailable } from "../server/node.ts";
import { sessionOf } from "../server/session_token.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import { archivedTranscript } from "./archived_transcript.ts";
import { type Operation, serve } from "./operation.ts";
import { bearerOf } from "./operator.ts";
import { problem } from "./problem.ts";

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
    if (!deps.isReady()) {
      c.header("Retry-After", "5");
      return problem(c, 503, "Site unavailable", "The node starts or stops");
    }
    const config = siteId.success ? await deps.configs.load(siteId.data) : undefined;
    const slot = siteId.success ? deps.node.slot(siteId.data) : undefined;
    if (slot === undefined || config === undefined) return problem(c, 404, "Unknown site");
    const chatId = chatIdSchema.safeParse(c.req.param("chatId"));
    if (!chatId.success) return problem(c, 400, "Bad request", "chatId: a ULID");
    const bearer = bearerOf(c);
    const claims = bearer === undefined ? "bad_token" : await deps.tokens.read(bearer);
    const session = typeof claims === "string"
      ? undefined
      : sessionOf(claims, config, deps.clock.now());
    if (session === undefined) {
      return problem(c, 401, "Unauthorized", "A valid session token of this site is needed");
    }
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
      c.header("Retry-After", "5");
      return problem(c, 503, "Site unavailable", error.message);
    }
  });
  return app;
}
