import type { ChatId, Millis, SiteId, VisitorId } from "../core/ids.ts";
import type { ArchivedChat, LogName, LogRow, OfflineMessage, VisitorExport } from "./archive.ts";
import { readChats } from "./chat_search.ts";
import { Draft } from "./kv_draft.ts";
import { type Key, keys } from "./kv_keys.ts";
import { draftErasedChat, draftRowGone, indexOf } from "./kv_rows.ts";
import { wholeOf } from "./long_value.ts";
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
    const { value } = await kv.get(place);
    // This is what lies under these keys.
    const row = await wholeOf(kv, place, value ?? undefined) as LogRow | undefined;
    if (row !== undefined) rows.push(row);
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
    const { value } = await kv.get(place);
    // This is what lies under these keys.
    const message = await wholeOf(kv, place, value ?? undefined) as OfflineMessage | undefined;
    if (message !== undefined) messages.push(message);
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
  const ended = await readChats(kv, siteId, chatIds);
  for (const [place, chatId] of chatIds.entries()) {
    const chat = ended[place];
    const entries = shownEntries(await readEntries(kv, siteId, chatId), chat);
    // Deleted since it was listed.
    if (chat === undefined && entries.length === 0) continue;
    chats.push({ chatId, chat, entries });
  }
  return {
    visitorId,
    chats,
    offlineMessages: await offlineOf(kv, siteId, visitorId),
    logs: await rowsOf(kv, siteId, visitorId, chatIds),
  };
}

/**
 * Deletes a chat with everything in it; counts what was there. What finds the chat goes last, so
 * that it is found again when only a beginning of this took place.
 */
export async function draftChatGone(
  kv: Deno.Kv,
  draft: Draft,
  siteId: SiteId,
  chatId: ChatId,
): Promise<number> {
  const writers = new Set<VisitorId>();
  const entries = await readEntries(kv, siteId, chatId);
  for (const entry of entries) {
    draft.step();
    draft.delete(keys.entry(siteId, entry));
    if (entry.author.type === "visitor") writers.add(entry.author.id);
  }
  const chat = await draft.getWhole<ArchivedChat>(keys.chat(siteId, chatId));
  const startedAt = await draft.get<Millis>(keys.started(siteId, chatId));
  draft.step();
  draft.delete(keys.care(siteId, chatId));
  draft.delete(keys.started(siteId, chatId));
  if (startedAt !== undefined) draft.delete([...keys.begun(siteId), startedAt, chatId]);
  if (chat !== undefined) {
    writers.add(chat.visitorId);
    draft.deleteWhole(keys.chat(siteId, chatId), chat);
    for (const key of indexOf(chat)) draft.delete(key);
  }
  for (const visitorId of writers) draft.delete([...keys.wrote(siteId, visitorId), chatId]);
  return entries.length + (chat === undefined ? 0 : 1);
}

/** Deletes an erased chat and the rows about it. */
async function eraseChat(kv: Deno.Kv, siteId: SiteId, chatId: ChatId): Promise<number> {
  const draft = new Draft(kv);
  draftErasedChat(draft, siteId, chatId);
  let count = 0;
  for (const row of await namedRows(kv, siteId, keys.logOfChat(siteId, chatId))) {
    draft.step();
    draftRowGone(draft, row);
    count += 1;
  }
  count += await draftChatGone(kv, draft, siteId, chatId);
  draft.delete(keys.erasingChat(siteId, chatId));
  await draft.commit();
  return count;
}

/** Deletes what is left of chats that were marked as erased. */
export async function eraseMarkedChats(kv: Deno.Kv): Promise<void> {
  for await (const { key } of kv.list({ prefix: ["erasing_chat"] })) {
    await eraseChat(kv, key[1] as SiteId, key[2] as ChatId); // written by draftErasedChat()
  }
}

/** Goes on with erasures that a killed process had begun. */
export async function resumeErasures(kv: Deno.Kv): Promise<void> {
  await eraseMarkedChats(kv);
  for await (const { key, value } of kv.list<Millis>({ prefix: ["erasing"] })) {
    // Written by eraseVisitor().
    await eraseVisitor(kv, key[1] as SiteId, key[2] as VisitorId, value);
  }
}

/** Deletes everything of a visitor, and keeps it away; counts what was there. */
export async function eraseVisitor(
  kv: Deno.Kv,
  siteId: SiteId,
  visitorId: VisitorId,
  until: Millis,
): Promise<number> {
  const mark = new Draft(kv);
  const erased = await mark.get<{ readonly at: Millis }>(keys.erasedVisitor(siteId, visitorId));
  mark.set(keys.erasedVisitor(siteId, visitorId), { at: Math.max(until, erased?.at ?? 0) });
  mark.set(keys.erasingVisitor(siteId, visitorId), until);
  await mark.commit();
  let count = 0;
  for (const chatId of await chatIdsOf(kv, siteId, visitorId)) {
    const entries = await readEntries(kv, siteId, chatId);
    if (entries.length > 0 && entries.every(({ at }) => at > until)) continue;
    count += await eraseChat(kv, siteId, chatId);
  }
  const draft = new Draft(kv);
  for (const row of await namedRows(kv, siteId, keys.logOfVisitor(siteId, visitorId))) {
    draft.step();
    draftRowGone(draft, row);
    count += 1;
  }
  for (const message of await offlineOf(kv, siteId, visitorId)) {
    const { at, messageId } = message;
    draft.step();
    draft.deleteWhole([...keys.offlineMessages(siteId), at, messageId], message);
    draft.delete([...keys.offlineOf(siteId, visitorId), at, messageId]);
    count += 1;
  }
  draft.step();
  draft.delete(keys.erasingVisitor(siteId, visitorId));
  await draft.commit();
  return count;
}
