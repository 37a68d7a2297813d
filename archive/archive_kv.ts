import type { Vector } from "../core/cursor.ts";
import type { ChatId, Millis, SiteId, VisitorId } from "../core/ids.ts";
import {
  type Archive,
  type ArchivedChat,
  type ArchivedEntry,
  type ArchivePage,
  type ArchiveRange,
  ArchiveUnavailable,
  type ArchiveWrite,
  type ChatFilter,
  type LogRow,
  type OfflineMessage,
  type RetentionOf,
  type VisitorExport,
} from "./archive.ts";
import { readChats, searchChats, selectorOf } from "./chat_search.ts";
import { Expiry } from "./expiry.ts";
import { Draft } from "./kv_draft.ts";
import { cursorOf, type Key, keys } from "./kv_keys.ts";
import { draftWrite, neededBy } from "./kv_rows.ts";
import { holdsVector, pageOf, readEntries, shownEntries } from "./transcript.ts";
import { wholeOf } from "./long_value.ts";
import { checkLimit } from "./page_limit.ts";
import {
  eraseMarkedChats,
  eraseVisitor,
  exportVisitor,
  resumeErasures,
} from "./visitor_records.ts";

/** Writes of one call, at most. */
export const writesMax = 100;
/** Writes of several calls that are gathered into one. */
const gatheredMax = 300;
/** Rows looked at for one page of a list that is filtered. */
const scannedMax = 5_000;

/** Where the file lies, and the time in milliseconds since 1970. */
export interface KvArchiveOptions {
  /** ":memory:" for one that nobody keeps. */
  readonly path: string;
  readonly now: () => Millis;
}

interface Waiting {
  readonly writes: readonly ArchiveWrite[];
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The archive on one Deno KV file, for one process. Each record takes place together with its inbox
 * row; a call whose records do not fit one transaction (about 300 rows) can leave a beginning of
 * them behind when it fails, which its repeat passes over. Deleted rows leave free pages: the file
 * does not shrink, it grows more slowly.
 */
export class KvArchive implements Archive {
  readonly #kv: Deno.Kv;
  readonly #now: () => Millis;
  readonly #expiry: Expiry;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(kv: Deno.Kv, now: () => Millis) {
    this.#kv = kv;
    this.#now = now;
    this.#expiry = new Expiry(kv);
  }

  /** Throws ArchiveUnavailable when the file cannot be opened. */
  static async open({ path, now }: KvArchiveOptions): Promise<KvArchive> {
    const kv = await reached(() => Deno.openKv(path), `Cannot open the archive "${path}"`);
    try {
      await reached(() => resumeErasures(kv));
    } catch (error) {
      kv.close();
      throw error;
    }
    return new KvArchive(kv, now);
  }

  record(writes: readonly ArchiveWrite[]): Promise<void> {
    if (writes.length > writesMax) {
      throw new RangeError(`${writes.length} records: at most ${writesMax} at once`);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject });
      if (!this.#isWriting) void this.#write();
    });
  }

  /** One transaction after the other, each with whatever came meanwhile. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    // What is asked for in the same turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const calls = this.#take();
      try {
        await this.#alone(() => this.#commit(calls.flatMap(({ writes }) => writes)));
        for (const { resolve } of calls) resolve();
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    this.#isWriting = false;
  }

  /** Changes come one after the other, as each reads what it changes. */
  async #alone<Answer>(change: () => Promise<Answer>): Promise<Answer> {
    const turn = this.#last.then(() => reached(change));
    this.#last = turn.catch(() => {}); // told to whoever asked
    return await turn;
  }

  #take(): Waiting[] {
    let count = 0;
    const calls: Waiting[] = [];
    while (this.#waiting.length > 0 && count < gatheredMax) {
      const [call] = this.#waiting.splice(0, 1);
      if (call === undefined) break;
      count += call.writes.length;
      calls.push(call);
    }
    return calls;
  }

  async #commit(writes: readonly ArchiveWrite[]): Promise<void> {
    const draft = new Draft(this.#kv);
    await draft.load(writes.flatMap(neededBy));
    for (const write of writes) await draftWrite(draft, write, this.#now());
    await draft.commit();
    if (draft.sets("erasing_chat")) await eraseMarkedChats(this.#kv);
  }

  async holds(siteId: SiteId, chatId: ChatId, vector: Vector): Promise<boolean> {
    return await reached(async () =>
      holdsVector(await readEntries(this.#kv, siteId, chatId), vector)
    );
  }

  async chats(siteId: SiteId, filter: ChatFilter): Promise<ArchivePage<ArchivedChat>> {
    return await reached(() => searchChats(this.#kv, siteId, filter));
  }

  async chat(siteId: SiteId, chatId: ChatId): Promise<ArchivedChat | undefined> {
    const [chat] = await reached(() => readChats(this.#kv, siteId, [chatId]));
    return chat;
  }

  async transcript(
    siteId: SiteId,
    chatId: ChatId,
    page: Parameters<Archive["transcript"]>[2],
  ): Promise<ArchivePage<ArchivedEntry>> {
    return await reached(async () => {
      const chat = await this.chat(siteId, chatId);
      const entries = await readEntries(this.#kv, siteId, chatId);
      return pageOf(shownEntries(entries, chat), page);
    });
  }

  async offlineMessages(
    siteId: SiteId,
    filter: Parameters<Archive["offlineMessages"]>[1],
  ): Promise<ArchivePage<OfflineMessage>> {
    const { departmentIds } = filter;
    const isWanted = (message: OfflineMessage) =>
      departmentIds === undefined || departmentIds.includes(message.departmentId);
    const list = keys.offlineMessages(siteId);
    return await this.#page(list, filter, (_, value) => {
      const message = value as OfflineMessage; // of this list
      return isWanted(message) ? message : undefined;
    });
  }

  async logRows(
    siteId: SiteId,
    filter: Parameters<Archive["logRows"]>[1],
  ): Promise<ArchivePage<LogRow>> {
    const { log, agentId } = filter;
    if (agentId === undefined) {
      // The list's values are rows.
      return await this.#page(keys.log(siteId, log), filter, (_, value) => value as LogRow);
    }
    const list = keys.logOfAgent(siteId, log, agentId);
    return await this.#page(list, filter, async (key) => {
      const place = [...keys.log(siteId, log), ...key.slice(-2)];
      const { value } = await this.#kv.get(place);
      // This is what lies under these keys.
      return await wholeOf(this.#kv, place, value ?? undefined) as LogRow | undefined;
    });
  }

  /** One page of a list in order of time, newest first; `itemOf` gives undefined to pass over. */
  async #page<Item>(
    list: Key,
    range: ArchiveRange,
    itemOf: (key: Deno.KvKey, value: unknown) => Item | undefined | Promise<Item | undefined>,
  ): Promise<ArchivePage<Item>> {
    const { limit } = range;
    checkLimit(limit);
    return await reached(async () => {
      const items: Item[] = [];
      let scanned = 0;
      const rows = this.#kv.list(selectorOf(list, range), { reverse: true, batchSize: 200 });
      for await (const { key, value } of rows) {
        const whole = await wholeOf(this.#kv, key, value);
        const item = whole === undefined ? undefined : await itemOf(key, whole);
        scanned += 1;
        if (item !== undefined) items.push(item);
        if (items.length < limit && scanned < scannedMax) continue;
        const next = cursorOf({ at: Number(key.at(-2)), id: String(key.at(-1)) });
        return { items, next };
      }
      return { items, next: undefined };
    });
  }

  async visitCounts(
    siteId: SiteId,
    range: Parameters<Archive["visitCounts"]>[1],
  ): Promise<readonly { readonly at: Millis; readonly visits: number }[]> {
    const { since, until, bucketMs } = range;
    if (!(bucketMs >= 1)) throw new RangeError(`bucketMs: ${bucketMs} is not allowed: 1 or more`);
    const list = keys.log(siteId, "visit");
    const counts = new Map<Millis, number>();
    if (until <= since) return [];
    const selector = { start: [...list, since], end: [...list, until] };
    await reached(async () => {
      for await (const { value } of this.#kv.list<LogRow>(selector, { batchSize: 500 })) {
        const at = Math.floor(value.at / bucketMs) * bucketMs;
        counts.set(at, (counts.get(at) ?? 0) + Number(value.body["visits"]));
      }
    });
    return [...counts].map(([at, visits]) => ({ at, visits }));
  }

  async exportVisitor(siteId: SiteId, visitorId: VisitorId): Promise<VisitorExport> {
    return await reached(() => exportVisitor(this.#kv, siteId, visitorId));
  }

  async eraseVisitor(siteId: SiteId, visitorId: VisitorId, until: Millis): Promise<number> {
    return await this.#alone(() => eraseVisitor(this.#kv, siteId, visitorId, until));
  }

  async expire(now: Millis, retentionOf: RetentionOf) {
    return await this.#alone(() => this.#expiry.step(now, retentionOf));
  }

  async close(): Promise<void> {
    await this.#last;
    this.#kv.close();
  }
}

/**
 * What a caller did wrong, or we (a TypeError), stays what it is, as it concerns one question. All
 * else means that the file is out of reach.
 */
async function reached<Answer>(
  ask: () => Promise<Answer>,
  what = "The archive cannot be read or written",
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    const isOne = error instanceof RangeError || error instanceof TypeError;
    if (isOne || error instanceof ArchiveUnavailable) throw error;
    throw new ArchiveUnavailable(what, { cause: error });
  }
}
