import type { ChatId, Millis, SiteId } from "../core/ids.ts";
import type { LogName, LogRow, OfflineMessage, RetentionDays, RetentionOf } from "./archive.ts";
import { Draft } from "./kv_draft.ts";
import { type Key, keys } from "./kv_keys.ts";
import { dayMs, draftRowGone, draftStarted } from "./kv_rows.ts";
import { wholeOf } from "./long_value.ts";
import { readEntries } from "./transcript.ts";
import { draftChatGone } from "./visitor_records.ts";

/**
 * Items deleted in one call (or one chat, however long), rows of the inbox besides them, and sites
 * looked at.
 */
const deletedMax = 200;
const inboxRowsMax = 400;
const sitesMax = 50;
/** How far the mark of the time on disk may be behind. */
const believedMs = 3_600_000;
/** Longer than queues remember ids (7 days) and than a message is retried. */
const inboxDays = 30;

/** Which of the site's numbers of days a log goes by. */
const logKinds: readonly (readonly [LogName, keyof RetentionDays])[] = [
  ["wrap_up", "chats"],
  ["rating", "chats"],
  ["private_message", "chats"],
  ["canned_use", "logs"],
  ["waiting_queue", "logs"],
  ["agent_status", "logs"],
  ["invitation", "logs"],
  ["conversion", "logs"],
  ["ban", "logs"],
  ["visitor", "logs"],
  ["agent", "logs"],
  ["preference", "logs"],
  ["visit", "visits"],
];

/** What is deleted of one kind: where it is listed in order of time, and how. */
interface Kind {
  readonly list: Key;
  readonly before: Millis;
  draftGone(draft: Draft, key: Deno.KvKey, value: unknown): Promise<number>;
}

/** What a look at one list did: what it cost in items, and how many went. */
interface Look {
  readonly rows: number;
  readonly deleted: number;
}

/** Goes round the sites, some a call, and deletes the oldest of what is older than they keep. */
export class Expiry {
  readonly #kv: Deno.Kv;
  /** Where the round goes on; undefined: at its beginning. */
  #next: SiteId | undefined;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** Done when the round is over: then nothing is left that was old when it came by. */
  async step(
    now: Millis,
    retentionOf: RetentionOf,
  ): Promise<{ readonly deleted: number; readonly isDone: boolean }> {
    if (!await isBelieved(this.#kv, now)) return { deleted: 0, isDone: true };
    const isInboxDone = await expireInbox(this.#kv, now) < inboxRowsMax;
    let deleted = 0;
    let rows = 0;
    let sites = 0;
    const start = this.#next === undefined ? {} : { start: keys.site(this.#next) };
    for await (const { key } of this.#kv.list({ prefix: ["site"], ...start })) {
      const siteId = key[1] as SiteId; // written by draftWrite()
      this.#next = siteId;
      if (++sites > sitesMax) return { deleted, isDone: false };
      const days = await retentionOf(siteId);
      if (days === undefined) continue;
      for (const kind of kindsOf(this.#kv, siteId, now, days)) {
        const look = await expireKind(this.#kv, kind, deletedMax - rows);
        deleted += look.deleted;
        rows += look.rows;
        if (rows >= deletedMax) return { deleted, isDone: false };
      }
    }
    this.#next = undefined;
    return { deleted, isDone: isInboxDone };
  }
}

/** When the time was believed last, and since when it has been too far ahead of that. */
interface TimeMark {
  readonly at: Millis;
  readonly doubtedSince?: Millis;
}

/**
 * Whether it can be as late as that. A clock that jumped by more than a day must have gone on for a
 * day, as must the process after it was away for so long: what is deleted does not come back when
 * the clock is put right. [AR13]
 */
async function isBelieved(kv: Deno.Kv, now: Millis): Promise<boolean> {
  const { value } = await kv.get<TimeMark>(keys.believed);
  const at = value?.at ?? now;
  const since = value?.doubtedSince ?? now;
  if (now - at <= dayMs || now - since >= dayMs) {
    if (value === null || now - at >= believedMs) await kv.set(keys.believed, { at: now });
    return true;
  }
  if (value?.doubtedSince === undefined || now < since) {
    await kv.set(keys.believed, { at, doubtedSince: now });
  }
  return false;
}

function kindsOf(kv: Deno.Kv, siteId: SiteId, now: Millis, days: RetentionDays): Kind[] {
  const before = (kind: keyof RetentionDays) => now - days[kind] * dayMs;
  const chatGone = async (draft: Draft, key: Deno.KvKey) => {
    return await draftChatGone(kv, draft, siteId, key.at(-1) as ChatId); // the list's last part
  };
  return [
    { list: keys.chatsOf(siteId, "site", ""), before: before("chats"), draftGone: chatGone },
    {
      list: keys.begun(siteId),
      before: before("chats"),
      async draftGone(draft, key) {
        // Its end has its own place, and its own time.
        const chatId = key.at(-1) as ChatId; // as above
        const isEnded = await draft.get(keys.chat(siteId, chatId)) !== undefined;
        const entries = isEnded ? [] : await readEntries(kv, siteId, chatId);
        const lastAt = entries.reduce((last, entry) => Math.max(last, entry.at), 0);
        const isOld = !isEnded && lastAt < before("chats");
        const deleted = isOld ? await chatGone(draft, key) : 0;
        draft.delete([...key] as Key); // a key that was listed
        if (!isEnded && !isOld) draftStarted(draft, siteId, chatId, lastAt);
        return deleted;
      },
    },
    {
      list: keys.offlineMessages(siteId),
      before: before("offlineMessages"),
      draftGone(draft, key, value) {
        const { visitorId, at, messageId } = value as OfflineMessage; // of this list
        draft.deleteWhole([...key] as Key, value); // a key that was listed
        draft.delete([...keys.offlineOf(siteId, visitorId), at, messageId]);
        return Promise.resolve(1);
      },
    },
    ...logKinds.map(([log, kind]): Kind => ({
      list: keys.log(siteId, log),
      before: before(kind),
      draftGone(draft, _, value) {
        draftRowGone(draft, value as LogRow); // of this list
        return Promise.resolve(1);
      },
    })),
  ];
}

async function expireKind(kv: Deno.Kv, kind: Kind, max: number): Promise<Look> {
  const selector = { start: [...kind.list, 0], end: [...kind.list, kind.before] };
  const draft = new Draft(kv);
  let deleted = 0;
  let rows = 0;
  for await (const { key, value } of kv.list(selector, { limit: max })) {
    draft.step();
    const gone = await kind.draftGone(draft, key, await wholeOf(kv, key, value));
    deleted += gone;
    // A chat may be long: its entries count, too.
    rows += Math.max(1, gone);
    if (rows >= max) break;
  }
  await draft.commit();
  return { rows, deleted };
}

async function expireInbox(kv: Deno.Kv, now: Millis): Promise<number> {
  const draft = new Draft(kv);
  const end = ["inbox_day", Math.floor(now / dayMs) - inboxDays];
  let deleted = 0;
  for await (
    const { key } of kv.list({ start: ["inbox_day", 0], end }, { limit: inboxRowsMax })
  ) {
    draft.step();
    draft.delete([...key] as Key); // a key that was listed
    draft.delete(keys.inbox(String(key[2]), String(key[3])));
    deleted += 1;
  }
  await draft.commit();
  return deleted;
}
