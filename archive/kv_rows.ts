import type { Entry } from "../core/entry.ts";
import type { ChatId, Millis, SiteId, VisitorId } from "../core/ids.ts";
import type { ArchivedChat, ArchiveWrite, LogRow, OfflineMessage } from "./archive.ts";
import type { Draft } from "./kv_draft.ts";
import { type Key, keys } from "./kv_keys.ts";
import { wordsOf } from "./words.ts";

/** A day in milliseconds. */
export const dayMs = 24 * 3_600_000;

/** Rating and wrap-up of a chat with the times of their last change. */
export interface Care {
  readonly rating?: { readonly at: Millis; readonly value: NonNullable<ArchivedChat["rating"]> };
  readonly wrapUp?: { readonly at: Millis; readonly value: NonNullable<ArchivedChat["wrapUp"]> };
}

/** What a visitor's erasure covers. */
interface Erased {
  readonly at: Millis;
}

/** What record() has to read for a write; read at once for all of them. */
export function neededBy({ queueName, uniqueId, record }: ArchiveWrite): Key[] {
  const inbox = keys.inbox(queueName, uniqueId);
  switch (record.type) {
    case "entry": {
      const { siteId, entry } = record;
      return [inbox, keys.erasedChat(siteId, entry.chatId)];
    }
    case "chat": {
      const { siteId, chatId, visitorId } = record.chat;
      return [
        inbox,
        keys.chat(siteId, chatId),
        keys.erasedChat(siteId, chatId),
        keys.erasedVisitor(siteId, visitorId),
      ];
    }
    case "offline_message":
      return [inbox, keys.erasedVisitor(record.message.siteId, record.message.visitorId)];
    case "log":
      return [inbox];
  }
}

/** Puts one effect and its inbox row into the draft; nothing when it took place before. */
export async function draftWrite(draft: Draft, write: ArchiveWrite, now: Millis): Promise<void> {
  const { queueName, uniqueId, record } = write;
  const inbox = keys.inbox(queueName, uniqueId);
  if (await draft.get(inbox) !== undefined) return;
  draft.step();
  draft.set(inbox, now);
  draft.set(keys.inboxDay(Math.floor(now / dayMs), queueName, uniqueId), 0);
  switch (record.type) {
    case "entry":
      return await draftEntry(draft, record.siteId, record.entry);
    case "chat":
      return await draftChat(draft, record.chat);
    case "offline_message":
      return await draftOfflineMessage(draft, record.message);
    case "log":
      return await draftLogRow(draft, record.row);
  }
}

async function draftEntry(draft: Draft, siteId: SiteId, entry: Entry): Promise<void> {
  const { chatId, author } = entry;
  if (await draft.get(keys.erasedChat(siteId, chatId)) !== undefined) return;
  draft.set(keys.entry(siteId, entry), entry);
  // Chats that never end here are found by these, a few of each chat.
  if (entry.n === 1) draft.set([...keys.begun(siteId), entry.at, chatId], 0);
  if (author.type === "visitor") draft.set([...keys.wrote(siteId, author.id), chatId], 0);
  draft.set(keys.site(siteId), 0);
}

async function isErased(
  draft: Draft,
  siteId: SiteId,
  visitorId: VisitorId | null,
  at: Millis,
): Promise<boolean> {
  if (visitorId === null) return false;
  const erased = await draft.get<Erased>(keys.erasedVisitor(siteId, visitorId));
  return erased !== undefined && at <= erased.at;
}

/** The earliest end counts; a later one changes nothing. */
async function draftChat(draft: Draft, chat: ArchivedChat): Promise<void> {
  const { siteId, chatId, visitorId } = chat;
  if (await draft.get(keys.erasedChat(siteId, chatId)) !== undefined) return;
  if (await isErased(draft, siteId, visitorId, chat.endedAt)) {
    draft.set(keys.erasedChat(siteId, chatId), 0);
    for (const key of [keys.care(siteId, chatId)]) draft.delete(key);
    return;
  }
  const before = await draft.get<ArchivedChat>(keys.chat(siteId, chatId));
  if (before !== undefined && before.endedAt <= chat.endedAt) return;
  if (before !== undefined) { for (const key of indexOf(before)) draft.delete(key); }
  draft.set(keys.chat(siteId, chatId), chat);
  for (const key of indexOf(chat)) draft.set(key, 0);
  draft.set([...keys.wrote(siteId, visitorId), chatId], 0);
  draft.set(keys.site(siteId), 0);
}

/** The rows of the lists that a chat stands in. */
export function indexOf(chat: ArchivedChat): Key[] {
  const { siteId, chatId, endedAt, visitor } = chat;
  const lists = [
    keys.chatsOf(siteId, "site", ""),
    keys.chatsOf(siteId, "visitor", chat.visitorId),
    keys.chatsOf(siteId, "department", chat.departmentId ?? ""),
    ...chat.agentIds.map((agentId) => keys.chatsOf(siteId, "agent", agentId)),
    ...chatWords(visitor).map((word) => [...keys.words(siteId), word]),
  ];
  return lists.map((list) => [...list, endedAt, chatId]);
}

/** What a chat is found by. */
export function chatWords(visitor: ArchivedChat["visitor"]): string[] {
  return wordsOf(visitor.name, visitor.email);
}

/** The chat with its rating and wrap-up as they were last. */
export function withCare(chat: ArchivedChat, care: Care | undefined): ArchivedChat {
  if (care === undefined) return chat;
  const { rating, wrapUp } = care;
  const isLater = (one: { readonly at: Millis } | undefined, known: unknown) =>
    one !== undefined && (known === null || one.at >= chat.endedAt);
  return {
    ...chat,
    rating: isLater(rating, chat.rating) ? rating?.value ?? null : chat.rating,
    wrapUp: isLater(wrapUp, chat.wrapUp) ? wrapUp?.value ?? null : chat.wrapUp,
  };
}

async function draftOfflineMessage(draft: Draft, message: OfflineMessage): Promise<void> {
  const { siteId, visitorId, messageId, at } = message;
  if (await isErased(draft, siteId, visitorId, at)) return;
  draft.set([...keys.offlineMessages(siteId), at, messageId], message);
  draft.set([...keys.offlineOf(siteId, visitorId), at, messageId], 0);
  draft.set(keys.site(siteId), 0);
}

async function draftLogRow(draft: Draft, row: LogRow): Promise<void> {
  const { siteId, chatId, visitorId, at } = row;
  if (await isErased(draft, siteId, visitorId, at)) return;
  if (chatId !== null && await draft.get(keys.erasedChat(siteId, chatId)) !== undefined) return;
  for (const [place, key] of logKeys(row).entries()) draft.set(key, place === 0 ? row : 0);
  if (chatId !== null) await draftCare(draft, row, chatId);
  draft.set(keys.site(siteId), 0);
}

/** Where a row lies, first, and the lists that name it. */
export function logKeys({ siteId, log, rowId, at, agentId, visitorId, chatId }: LogRow): Key[] {
  return [
    [...keys.log(siteId, log), at, rowId],
    ...agentId === null ? [] : [[...keys.logOfAgent(siteId, log, agentId), at, rowId]],
    ...visitorId === null ? [] : [[...keys.logOfVisitor(siteId, visitorId), log, at, rowId]],
    ...chatId === null ? [] : [[...keys.logOfChat(siteId, chatId), log, at, rowId]],
  ];
}

async function draftCare(draft: Draft, row: LogRow, chatId: ChatId): Promise<void> {
  const key = keys.care(row.siteId, chatId);
  const { at, body } = row;
  if (row.log !== "rating" && row.log !== "wrap_up") return;
  const care = await draft.get<Care>(key) ?? {};
  const text = (name: string) => typeof body[name] === "string" ? String(body[name]) : null;
  if (row.log === "rating" && (care.rating?.at ?? 0) <= at) {
    const value = { score: Number(body["score"]), comment: text("comment") };
    draft.set(key, { ...care, rating: { at, value } });
  }
  if (row.log === "wrap_up" && (care.wrapUp?.at ?? 0) <= at) {
    const value = { category: text("category"), comment: text("comment") };
    draft.set(key, { ...care, wrapUp: { at, value } });
  }
}
