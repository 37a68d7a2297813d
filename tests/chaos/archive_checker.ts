import { type ArchiveFindings, ofChats, ofEffects } from "./archive_findings.ts";
import { effectsOf } from "./archive_effects.ts";
import type { LivedChat } from "./chat_life.ts";
import type { HistoryReader } from "./history_reader.ts";

interface ArchivedChat {
  readonly chatId: string;
  readonly visitorId: string;
  readonly agentIds: readonly string[];
  readonly reason: string;
  readonly rating: { readonly score: number } | null;
  readonly wrapUp: { readonly category: string | null } | null;
  readonly isIncomplete: boolean;
}

interface ArchivedMessage {
  readonly id: string;
  readonly kind: string;
  readonly author: { readonly type: string; readonly id: string };
}

/**
 * Every chat once in the archive, as it was lived, with every acknowledged message once, in the
 * order in which both sides saw it and its author wrote it.
 */
export async function checkArchive(
  reader: HistoryReader,
  siteId: string,
  chats: readonly LivedChat[],
  findings: ArchiveFindings,
): Promise<void> {
  const archived = await reader.list<ArchivedChat>(siteId, "chats");
  const byId = new Map(archived.map((chat) => [chat.chatId, chat]));
  findings.chats += byId.size;
  const expected = new Set<string>(chats.map(({ chatId }) => chatId));
  findings.compare(`${siteId}'s chats`, archived.map(({ chatId }) => chatId), expected, ofChats);
  for (const chat of chats) {
    const { chatId, acked } = chat;
    const kept = byId.get(chatId);
    if (kept !== undefined) checkChat(kept, chat, findings);
    const entries = await reader.list<ArchivedMessage>(siteId, `chats/${chatId}/transcript`);
    const shown = entries.filter(({ kind }) => kind === "message")
      .map(({ author, id }) => `${author.type}:${author.id}/${id}`);
    findings.acked += acked.length;
    findings.compare(`the transcript of ${chatId}`, shown, new Set(acked), ofChats);
    checkOrder(shown, chat, findings);
  }
}

/** What the archive says of the chat besides its messages. */
function checkChat(kept: ArchivedChat, lived: LivedChat, findings: ArchiveFindings): void {
  const wants: readonly (readonly [string, unknown, unknown])[] = [
    ["visitorId", kept.visitorId, lived.visitorId],
    ["agentIds", kept.agentIds.join(), lived.agentId],
    ["reason", kept.reason, `${lived.endedBy}_ended`],
    ["rating", kept.rating?.score, lived.rated === undefined ? undefined : lived.score],
    ["wrapUp", kept.wrapUp?.category, lived.wrappedUp === undefined ? undefined : lived.category],
    ["isIncomplete", kept.isIncomplete, false],
  ];
  for (const [field, is, has] of wants) {
    if (is !== has) findings.note("lost", `${field} of ${kept.chatId}: ${is} instead of ${has}`);
  }
}

/** Each author's as written, and all of them as both sides saw them. */
function checkOrder(
  archived: readonly string[],
  { chatId, acked, shown }: LivedChat,
  findings: ArchiveFindings,
): void {
  const authors = new Set(acked.map((message) => message.split("/")[0]));
  for (const author of authors) {
    const own = (list: readonly string[]) =>
      list.filter((message) => message.startsWith(`${author}/`)).join();
    if (own([...new Set(archived)]) !== own(acked)) {
      findings.note("lost", `the order of ${author} in ${chatId}`);
    }
  }
  if (shown.some((one) => one.join() !== archived.join())) {
    findings.note("lost", `the order in which ${chatId} was shown`);
  }
}

/** What persistence keeps besides chats: rows of ratings and wrap-ups, offline messages. */
export async function checkRows(
  reader: HistoryReader,
  siteId: string,
  chats: readonly LivedChat[],
  findings: ArchiveFindings,
): Promise<void> {
  const effects = effectsOf(chats);
  const ratings = new Set(
    chats.flatMap(({ chatId, rated }) => rated === undefined ? [] : [`${chatId}/${rated}`]),
  );
  for (
    const [path, expected] of [
      ["logs/rating", ratings],
      ["logs/wrap_up", effects["agent.wrapup"]],
    ] as const
  ) {
    const rows = await reader.list<{ rowId: string }>(siteId, path);
    findings.compare(`${siteId}'s ${path}`, rows.map(({ rowId }) => rowId), expected, ofEffects);
  }
  const left = await reader.list<{ messageId: string }>(siteId, "offline-messages");
  const found = left.map(({ messageId }) => messageId);
  const expected = effects["offlineMessage.submit"];
  findings.compare(`${siteId}'s offline messages`, found, expected, ofEffects);
}
