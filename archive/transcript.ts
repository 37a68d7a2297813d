import { compareEntries, type Entry, identityOf } from "../core/entry.ts";
import type { ChatId, SiteId } from "../core/ids.ts";
import { streamKey, type Vector } from "../core/cursor.ts";
import { type ArchivedChat, type ArchivedEntry, type ArchivePage, BadCursor } from "./archive.ts";
import { keys } from "./kv_keys.ts";
import { checkLimit } from "./page_limit.ts";

/** Every entry that is kept of a chat, in order of display, repeats included. */
export async function readEntries(
  kv: Deno.Kv,
  siteId: SiteId,
  chatId: ChatId,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (
    const { value } of kv.list<Entry>({ prefix: keys.entries(siteId, chatId) }, { batchSize: 500 })
  ) {
    entries.push(value);
  }
  return entries.sort(compareEntries);
}

/** Whether every entry that a vector counts is among these. */
export function holdsVector(entries: readonly Entry[], vector: Vector): boolean {
  const held = new Map<string, Set<number>>();
  for (const { tenure, stream, n } of entries) {
    const key = streamKey(tenure, stream);
    const numbers = held.get(key) ?? new Set();
    numbers.add(n);
    held.set(key, numbers);
  }
  return Object.entries(vector).every(([key, highest]) => {
    const numbers = held.get(key);
    for (let n = 1; n <= highest; n++) {
      if (!numbers?.has(n)) return false;
    }
    return true;
  });
}

/**
 * Each identity once, at the smaller order. Late is what people wrote behind the chat's end: behind
 * its first chat_ended entry, or, where there is none, after the time of its end.
 */
export function shownEntries(
  entries: readonly Entry[],
  chat: ArchivedChat | undefined,
): ArchivedEntry[] {
  const seen = new Set<string>();
  const end = entries.find(({ kind }) => kind === "chat_ended")?.order ?? chat?.endedAt ?? Infinity;
  const shown: ArchivedEntry[] = [];
  for (const entry of entries) {
    const identity = identityOf(entry.author, entry.id);
    if (seen.has(identity)) continue;
    seen.add(identity);
    shown.push({ ...entry, isLate: entry.author.type !== "system" && entry.order > end });
  }
  return shown;
}

/** One page of what is shown. Throws RangeError, BadCursor. */
export function pageOf(
  entries: readonly ArchivedEntry[],
  page: {
    readonly stream: "public" | "all";
    readonly after?: string | undefined;
    readonly limit: number;
  },
): ArchivePage<ArchivedEntry> {
  checkLimit(page.limit);
  const visible = page.stream === "all"
    ? entries
    : entries.filter(({ stream }) => stream === "public");
  const start = page.after === undefined ? 0 : placeAfter(visible, page.after);
  const items = visible.slice(start, start + page.limit);
  const last = items.at(-1);
  const isEnd = start + items.length >= visible.length;
  return { items, next: isEnd || last === undefined ? undefined : cursorOfEntry(last) };
}

function cursorOfEntry({ order, tenure, n, stream }: Entry): string {
  return btoa(`${order}/${tenure}/${n}/${stream}`);
}

/** Right also when late entries came in before it meanwhile. */
function placeAfter(entries: readonly Entry[], cursor: string): number {
  let text = "";
  try {
    text = atob(cursor);
  } catch {
    // judged below
  }
  const [, order, tenure, n, stream] = /^(\d+)\/(\w{26})\/(\d+)\/(public|staff)$/.exec(text) ?? [];
  if (order === undefined) {
    throw new BadCursor(`after: "${cursor}" was not given as \`next\``);
  }
  // As compareEntries() sorts.
  const place = { order: Number(order), tenure, n: Number(n), stream } as Entry;
  const index = entries.findIndex((entry) => compareEntries(entry, place) > 0);
  return index < 0 ? entries.length : index;
}
