import type { ChatId, Millis, SiteId, VisitorId } from "../core/ids.ts";
import type { ArchivedChat, LogName, LogRow, OfflineMessage, VisitorExport } from "./archive.ts";
import { readChats } from "./chat_search.ts";
import { Draft } from "./kv_draft.ts";
import { type Key, keys } from "./kv_keys.ts";
import { indexOf, logKeys } from "./kv_rows.ts";
import { readEntries, shownEntries } from "./transcript.ts";

/** Chats of a visitor, ended or not: those that it wrote in, or that ended as its own. */
async function chatIdsOf(kv: Deno.Kv, siteId: SiteId, visitorId: VisitorId): Promise<ChatId[]> {
  const ids: ChatId[] = [];
  for await (const { key } of kv.list({ prefix: keys.wrote(siteId, visitorId) })) {
    ids.push(key.at(-1) as ChatId); // written by draftEntry() and draftChat()
  }
  return ids;
}

/** Rows that a list names by log, time and id. */
async function namedRows(kv: Deno.Kv, siteId: SiteId, list: Key): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  for await (const { key } of kv.list({ prefix: list })) {
    const [log, at, rowId] = key.slice(-3);
    // The parts are those that logKeys() wrote.
    const place = [...keys.log(siteId, log as LogName), Number(at), String(rowId)];
    const { value } = await kv.get<LogRow>(place);
    if (value !== null) rows.push(value);
  }
  return rows;
}

async function rowsOf(
  kv: Deno.Kv,
  siteId: SiteId,
  visitorId: VisitorId,
  chatIds: readonly ChatId[],
): Promise<LogRow[]> {
  const rows = new Map<string, LogRow>();
  const lists = [
    keys.logOfVisitor(siteId, visitorId),
    ...chatIds.map((chatId) => keys.logOfChat(siteId, chatId)),
  ];
  for (const list of lists) {
    for (const row of await namedRows(kv, siteId, list)) rows.set(`${row.log}/${row.rowId}`, row);
  }
  return [...rows.values()].sort((a, b) => a.at - b.at);
}

async function offlineOf(
  kv: Deno.Kv,
  siteId: SiteId,
  visitorId: VisitorId,
): Promise<OfflineMessage[]> {
  const messages: OfflineMessage[] = [];
  for await (const { key } of kv.list({ prefix: keys.offlineOf(siteId, visitorId) })) {
    const place = [...keys.offlineMessages(siteId), Number(key.at(-2)), String(key.at(-1))];
    const { value } = await kv.get<OfflineMessage>(place);
    if (value !== null) messages.push(value);
  }
  return messages;
}

/** Everything that is kept of a visitor. */
export async function exportVisitor(
  kv: Deno.Kv,
  siteId: SiteId,
  visitorId: VisitorId,
): Promise<VisitorExport> {
  const chatIds = await chatIdsOf(kv, siteId, visitorId);
  const chats: VisitorExport["chats"][number][] = [];
  for (const chat of await readChats(kv, siteId, chatIds)) {
    if (chat === undefined) continue;
    const entries = shownEntries(await readEntries(kv, siteId, chat.chatId), chat);
    chats.push({ chat, entries });
  }
  return {
    visitorId,
    chats,
    offlineMessages: await offlineOf(kv, siteId, visitorId),
    logs: await rowsOf(kv, siteId, visitorId, chatIds),
  };
}

/** Deletes a chat with everything in it; counts what was there. */
export async function draftChatGone(
  kv: Deno.Kv,
  draft: Draft,
  siteId: SiteId,
  chatId: ChatId,
): Promise<number> {
  let count = 0;
  for (const entry of await readEntries(kv, siteId, chatId)) {
    draft.step();
    draft.delete(keys.entry(siteId, entry));
    if (entry.n === 1) draft.delete([...keys.begun(siteId), entry.at, chatId]);
    if (entry.author.type === "visitor") {
      draft.delete([...keys.wrote(siteId, entry.author.id), chatId]);
    }
    count += 1;
  }
  draft.step();
  draft.delete(keys.care(siteId, chatId));
  const chat = await draft.get<ArchivedChat>(keys.chat(siteId, chatId));
  if (chat === undefined) return count;
  draft.delete(keys.chat(siteId, chatId));
  draft.delete([...keys.wrote(siteId, chat.visitorId), chatId]);
  for (const key of indexOf(chat)) draft.delete(key);
  return count + 1;
}

/** Deletes everything of a visitor, and keeps it away; counts what was there. */
export async function eraseVisitor(
  kv: Deno.Kv,
  siteId: SiteId,
  visitorId: VisitorId,
  now: Millis,
): Promise<number> {
  const draft = new Draft(kv);
  draft.set(keys.erasedVisitor(siteId, visitorId), { at: now });
  const chatIds = await chatIdsOf(kv, siteId, visitorId);
  let count = 0;
  for (const row of await rowsOf(kv, siteId, visitorId, chatIds)) {
    draft.step();
    for (const key of logKeys(row)) draft.delete(key);
    count += 1;
  }
  for (const chatId of chatIds) {
    draft.step();
    draft.set(keys.erasedChat(siteId, chatId), 0);
    count += await draftChatGone(kv, draft, siteId, chatId);
  }
  for (const { at, messageId } of await offlineOf(kv, siteId, visitorId)) {
    draft.step();
    draft.delete([...keys.offlineMessages(siteId), at, messageId]);
    draft.delete([...keys.offlineOf(siteId, visitorId), at, messageId]);
    count += 1;
  }
  await draft.commit();
  return count;
}
