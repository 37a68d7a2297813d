import type { Context } from "hono";
import type { z } from "zod";
import type { ArchivedChat, ArchivedEntry } from "../archive/archive.ts";
import type { Session } from "../core/event.ts";
import type { ChatId } from "../core/ids.ts";
import type { SiteConfig } from "../core/site_config.ts";
import type { AppDeps, AppEnv } from "./app_deps.ts";
import type { Caller } from "./caller.ts";
import { answeredByArchive } from "./history_query.ts";
import { mayReadChat } from "./history_scope.ts";
import { chatView, type chatViewSchema } from "./history_view.ts";
import { jsonType } from "./json_body.ts";
import { problem } from "./problem.ts";

/** Entries of one answer: each page of them reads the whole chat. */
const pagesMax = 10;
const pageMax = 200;

/**
 * A chat's transcript from the archive, where chats go when the node's memory lets go of them: as
 * the node would have answered, signed alike, but with the chat as history has it. [HI3]
 */
export function archivedTranscript(
  deps: AppDeps,
  c: Context<AppEnv>,
  asked: { readonly config: SiteConfig; readonly chatId: ChatId; readonly reader: Session },
): Promise<Response> {
  const { archive, node: { encoder } } = deps;
  const { config: { siteId }, chatId, reader } = asked;
  return answeredByArchive(deps, c, async () => {
    const chat = await archive.chat(siteId, chatId);
    if (chat === undefined || !mayRead(asked.config, reader, chat)) {
      return problem(c, 404, "Unknown chat", undefined, { code: "unknown" });
    }
    const stream = reader.type === "agent" ? "all" : "public";
    const { entries, next } = await firstEntries(deps, chat, stream);
    const view = JSON.stringify(reader.type === "agent" ? chatView(chat) : publicView(chat));
    const more = next === undefined ? "" : `,"next":${JSON.stringify(next)}`;
    const body = `{"archived":${view},"entries":${encoder.encodeEntries(siteId, entries)}${more}}`;
    return c.body(body, 200, { "content-type": jsonType });
  });
}

function mayRead(config: SiteConfig, reader: Session, chat: ArchivedChat): boolean {
  if (reader.type === "visitor") return chat.visitorId === reader.visitorId;
  const agent = config.agents.find(({ agentId }) => agentId === reader.agentId);
  const caller: Caller | undefined = agent === undefined ? undefined : { type: "agent", agent };
  return caller !== undefined && mayReadChat(caller, chat);
}

async function firstEntries(
  { archive }: AppDeps,
  { siteId, chatId }: ArchivedChat,
  stream: "public" | "all",
): Promise<{ readonly entries: readonly ArchivedEntry[]; readonly next: string | undefined }> {
  const entries: ArchivedEntry[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < pagesMax; pages++) {
    const page = await archive.transcript(siteId, chatId, { stream, limit: pageMax, after });
    entries.push(...page.items);
    after = page.next;
    if (after === undefined) break;
  }
  return { entries, next: after };
}

/** Without what is the staff's. [SE2] */
function publicView(chat: ArchivedChat): Partial<z.infer<typeof chatViewSchema>> {
  const { visitor, wrapUp: _wrapUp, ticket: _ticket, ...rest } = chatView(chat);
  return { ...rest, visitor: { ...visitor, variables: {} } };
}
