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
  readonly rating?: Said<NonNullable<ArchivedChat["rating"]>>;
  readonly wrapUp?: Said<NonNullable<ArchivedChat["wrapUp"]>>;
}

/** What a row said of its chat. */
interface Said<Value> {
  readonly at: Millis;
  readonly rowId: string;
  readonly value: Value;
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
      const { chatId, author } = entry;
      const ofChat = [inbox, keys.erasedChat(siteId, chatId), keys.started(siteId, chatId)];
      if (author.type !== "visitor") return ofChat;
      const wrote = [...keys.wrote(siteId, author.id), chatId];
      return [...ofChat, keys.erasedVisitor(siteId, author.id), wrote];
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
    case "log": {
      const { siteId, visitorId, chatId } = record.row;
      return [
        inbox,
        ...visitorId === null ? [] : [keys.erasedVisitor(siteId, visitorId)],
        ...chatId === null ? [] : [keys.erasedChat(siteId, chatId), keys.care(siteId, chatId)],
      ];
    }
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
  if (author.type === "visitor") {
    if (await isErased(draft, siteId, author.id, entry.at)) {
      return draftErasedChat(draft, siteId, chatId);
    }
    const wrote = [...keys.wrote(siteId, author.id), chatId];
    if (await draft.get(wrote) === undefined) draft.set(wrote, 0);
  }
  draft.set(keys.entry(siteId, entry), entry);
  if (await draft.get(keys.started(siteId, chatId)) !== undefined) return;
  // Chats that never end here are found by this.
  draftStarted(draft, siteId, chatId, entry.at);
  draft.set(keys.site(siteId), 0);
}

/** Puts a chat among those of which an entry came. */
export function draftStarted(draft: Draft, siteId: SiteId, chatId: ChatId, at: Millis): void {
  draft.set(keys.started(siteId, chatId), at);
  draft.set([...keys.begun(siteId), at, chatId], 0);
}

/**
 * Marks a chat as erased: nothing of it comes in any more, and what is here is deleted next. [AR9]
 */
export function draftErasedChat(draft: Draft, siteId: SiteId, chatId: ChatId): void {
  draft.set(keys.erasedChat(siteId, chatId), 0);
  draft.set(keys.erasingChat(siteId, chatId), 0);
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
    return draftErasedChat(draft, siteId, chatId);
  }
  const before = await draft.getWhole<ArchivedChat>(keys.chat(siteId, chatId));
  if (before !== undefined) {
    if (!isEarlier(chat, before)) return;
    draft.deleteWhole(keys.chat(siteId, chatId), before);
    for (const key of indexOf(before)) draft.delete(key);
    if (before.visitorId !== visitorId) {
      draft.delete([...keys.wrote(siteId, before.visitorId), chatId]);
    }
  }
  draft.setWhole(keys.chat(siteId, chatId), chat);
  for (const key of indexOf(chat)) draft.set(key, 0);
  draft.set([...keys.wrote(siteId, visitorId), chatId], 0);
  draft.set(keys.site(siteId), 0);
}

/** Of two ends at once it does not matter which, but it must always be the same. */
function isEarlier(chat: ArchivedChat, other: ArchivedChat): boolean {
  if (chat.endedAt !== other.endedAt) return chat.endedAt < other.endedAt;
  return JSON.stringify(chat) < JSON.stringify(other);
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
  draft.setWhole([...keys.offlineMessages(siteId), at, messageId], message);
  draft.set([...keys.offlineOf(siteId, visitorId), at, messageId], 0);
  draft.set(keys.site(siteId), 0);
}

async function draftLogRow(draft: Draft, row: LogRow): Promise<void> {
  const { siteId, chatId, visitorId, at } = row;
  if (await isErased(draft, siteId, visitorId, at)) return;
  if (chatId !== null && await draft.get(keys.erasedChat(siteId, chatId)) !== undefined) return;
  for (const [place, key] of logKeys(row).entries()) {
    if (place === 0) draft.setWhole(key, row);
    else draft.set(key, 0);
  }
  if (chatId !== null) await draftCare(draft, row, chatId);
  draft.set(keys.site(siteId), 0);
}

/** Deletes a row and what names it. */
export function draftRowGone(draft: Draft, row: LogRow): void {
  for (const [place, key] of logKeys(row).entries()) {
    if (place === 0) draft.deleteWhole(key, row);
    else draft.delete(key);
  }
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
  const { at, rowId, body } = row;
  // Of two at once it must always be the same.
  const isLater = (said: Said<unknown> | undefined) =>
    said === undefined || at > said.at || (at === said.at && rowId > said.rowId);
  if (row.log !== "rating" && row.log !== "wrap_up") return;
  const care = await draft.get<Care>(key) ?? {};
  const text = (name: string) => typeof body[name] === "string" ? String(body[name]) : null;
  if (row.log === "rating" && isLater(care.rating)) {
    const value = { score: Number(body["score"]), comment: text("comment") };
    draft.set(key, { ...care, rating: { at, rowId, value } });
  }
  if (row.log === "wrap_up" && isLater(care.wrapUp)) {
    const value = { category: text("category"), comment: text("comment") };
    draft.set(key, { ...care, wrapUp: { at, rowId, value } });
  }
}
