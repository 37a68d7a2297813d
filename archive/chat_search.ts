import type { ChatId, SiteId } from "../core/ids.ts";
import type { ArchivedChat, ArchivePage, ArchiveRange, ChatFilter } from "./archive.ts";
import { checkLimit } from "./page_limit.ts";
import { cursorOf, type Key, keys, type Place, placeOf } from "./kv_keys.ts";
import { type Care, chatWords, withCare } from "./kv_rows.ts";
import { wholeOf } from "./long_value.ts";
import { holdsVector, readEntries } from "./transcript.ts";
import { hasWords, wordsOf } from "./words.ts";

/**
 * Chats looked at for one page: a page may come short, with a `next`, when few of them match. A
 * word that begins more names than this is so common that looking through all is as fast.
 */
const scannedMax = 2_000;
/** Deno KV's own limit. */
const getManyMax = 10;

/** The stretch of a list that a range asks for, newest first; of one that is empty, nothing. */
export function selectorOf(list: Key, range: ArchiveRange): Deno.KvListSelector {
  const { since = 0, until = Infinity, after } = range;
  const place = after === undefined ? undefined : placeOf(after);
  const isEarlier = place !== undefined && place.at < until;
  const start = [...list, since];
  // Deno KV fails where the end stands before the start.
  if ((isEarlier ? place.at : until) < since) return { start, end: start };
  // `end` is exclusive, so the place itself is not read again.
  return { start, end: isEarlier ? [...list, place.at, place.id] : [...list, until] };
}

/** The places of one list, newest first. */
async function* placesOf(
  kv: Deno.Kv,
  list: Key,
  range: ArchiveRange,
): AsyncGenerator<Place> {
  const selector = selectorOf(list, range);
  for await (const { key } of kv.list(selector, { reverse: true, batchSize: 200 })) {
    yield { at: Number(key.at(-2)), id: String(key.at(-1)) };
  }
}

/** Newest first: by time, then by id. */
function isNewer(a: Place, b: Place): boolean {
  return a.at !== b.at ? a.at > b.at : a.id > b.id;
}

/** Several lists as one, newest first, each place once. */
async function* merged(lists: readonly AsyncGenerator<Place>[]): AsyncGenerator<Place> {
  const heads = await Promise.all(lists.map(async (list) => ({ list, next: await list.next() })));
  let last: Place | undefined;
  for (;;) {
    let newest: typeof heads[number] | undefined;
    for (const head of heads) {
      if (head.next.done) continue;
      if (newest?.next.done !== false || isNewer(head.next.value, newest.next.value)) newest = head;
    }
    if (newest === undefined || newest.next.done) return;
    const place = newest.next.value;
    newest.next = await newest.list.next();
    if (last?.at === place.at && last.id === place.id) continue;
    last = place;
    yield place;
  }
}

/** Ended chats of a site, newest first by their end. */
export async function searchChats(
  kv: Deno.Kv,
  siteId: SiteId,
  filter: ChatFilter,
): Promise<ArchivePage<ArchivedChat>> {
  checkLimit(filter.limit);
  const wanted = wordsOf(filter.text);
  if ((filter.text ?? "").trim() !== "" && wanted.length === 0) {
    return { items: [], next: undefined };
  }
  const places = await candidates(kv, siteId, filter, wanted);
  const items: ArchivedChat[] = [];
  let scanned = 0;
  let last: Place | undefined;
  let some: Place[] = [];
  const read = async (): Promise<boolean> => {
    const chats = await readChats(kv, siteId, some.map(({ id }) => id));
    for (const [index, chat] of chats.entries()) {
      last = some[index];
      if (chat !== undefined && matches(chat, filter, wanted)) items.push(chat);
      if (items.length === filter.limit) return true;
    }
    some = [];
    return scanned >= scannedMax;
  };
  for await (const place of places) {
    some.push(place);
    scanned += 1;
    if (some.length < getManyMax) continue;
    if (await read()) return { items, next: last === undefined ? undefined : cursorOf(last) };
  }
  const isFull = await read();
  return { items, next: isFull && last !== undefined ? cursorOf(last) : undefined };
}

/** Places that may match, from the list that names the fewest. */
async function candidates(
  kv: Deno.Kv,
  siteId: SiteId,
  filter: ChatFilter,
  wanted: readonly string[],
): Promise<AsyncGenerator<Place>> {
  const list = (of: "site" | "agent" | "visitor" | "department", id: string) =>
    placesOf(kv, keys.chatsOf(siteId, of, id), filter);
  if (filter.visitorId !== undefined) return list("visitor", filter.visitorId);
  const found = await placesOfWords(kv, siteId, filter, wanted);
  if (found !== undefined) return found;
  if (filter.agentId !== undefined) return list("agent", filter.agentId);
  const { departmentIds } = filter;
  if (departmentIds === undefined) return list("site", "");
  return merged([...new Set(departmentIds)].map((id) => list("department", id ?? "")));
}

/** Chats found by their longest word, if that is not too common. */
async function placesOfWords(
  kv: Deno.Kv,
  siteId: SiteId,
  filter: ChatFilter,
  wanted: readonly string[],
): Promise<AsyncGenerator<Place> | undefined> {
  const [longest] = wanted.toSorted((a, b) => b.length - a.length);
  if (longest === undefined) return undefined;
  const words = keys.words(siteId);
  const selector = { start: [...words, longest], end: [...words, `${longest}\u{10ffff}`] };
  const after = filter.after === undefined ? undefined : placeOf(filter.after);
  const places = new Map<string, Place>();
  let rows = 0;
  for await (const { key } of kv.list(selector, { batchSize: 500, limit: scannedMax + 1 })) {
    const place = { at: Number(key.at(-2)), id: String(key.at(-1)) };
    places.set(place.id, place);
    rows += 1;
  }
  // A chat may stand here by several of its words: what counts is whether all rows were read.
  if (rows > scannedMax) return undefined;
  const { since = 0, until = Infinity } = filter;
  const inRange = [...places.values()].filter((place) =>
    place.at >= since && place.at < until && (after === undefined || isNewer(after, place))
  );
  inRange.sort((a, b) => isNewer(a, b) ? -1 : 1);
  return each(inRange);
}

async function* each(places: readonly Place[]): AsyncGenerator<Place> {
  yield* places;
}

function matches(chat: ArchivedChat, filter: ChatFilter, wanted: readonly string[]): boolean {
  const { agentId, visitorId, departmentIds } = filter;
  if (agentId !== undefined && !chat.agentIds.includes(agentId)) return false;
  if (visitorId !== undefined && chat.visitorId !== visitorId) return false;
  if (departmentIds !== undefined && !departmentIds.includes(chat.departmentId)) return false;
  return hasWords(chatWords(chat.visitor), wanted);
}

/** The chats of these ids, each with its rating and wrap-up as they were last. */
export async function readChats(
  kv: Deno.Kv,
  siteId: SiteId,
  chatIds: readonly string[],
): Promise<(ArchivedChat | undefined)[]> {
  const chats: (ArchivedChat | undefined)[] = [];
  for (let from = 0; from < chatIds.length; from += getManyMax) {
    // Ids come from keys that this archive wrote.
    const some = chatIds.slice(from, from + getManyMax) as ChatId[];
    const [found, cares] = await Promise.all([
      kv.getMany<ArchivedChat[]>(some.map((id) => keys.chat(siteId, id))),
      kv.getMany<Care[]>(some.map((id) => keys.care(siteId, id))),
    ]);
    for (const [place, { key, value }] of found.entries()) {
      // This is what lies under these keys.
      const chat = await wholeOf(kv, key, value ?? undefined) as ArchivedChat | undefined;
      const whole = chat === undefined ? undefined : await completed(kv, chat);
      chats.push(whole && withCare(whole, cares[place]?.value ?? undefined));
    }
  }
  return chats;
}

/** Whether it still lacks entries is seen when it is read: they may have come since. */
async function completed(kv: Deno.Kv, chat: ArchivedChat): Promise<ArchivedChat> {
  if (!chat.isIncomplete) return chat;
  const entries = await readEntries(kv, chat.siteId, chat.chatId);
  return { ...chat, isIncomplete: !holdsVector(entries, chat.vector) };
}
