import type { ChatId, Millis, SiteId } from "../core/ids.ts";
import type { ArchivedChat, LogName, LogRow, OfflineMessage, RetentionDays } from "./archive.ts";
import { Draft } from "./kv_draft.ts";
import { type Key, keys } from "./kv_keys.ts";
import { dayMs, logKeys } from "./kv_rows.ts";
import { draftChatGone } from "./visitor_records.ts";

/** Items deleted in one call. */
const deletedMax = 200;
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

/** Deletes the oldest of what is older than its site keeps; whether nothing more is to be done. */
export async function expire(
  kv: Deno.Kv,
  now: Millis,
  retentionOf: (siteId: SiteId) => RetentionDays,
): Promise<{ readonly deleted: number; readonly isDone: boolean }> {
  let deleted = await expireInbox(kv, now);
  for await (const { key } of kv.list({ prefix: ["site"] })) {
    const siteId = key[1] as SiteId; // written by draftWrite()
    for (const kind of kindsOf(kv, siteId, now, retentionOf(siteId))) {
      if (deleted >= deletedMax) return { deleted, isDone: false };
      deleted += await expireKind(kv, kind, deletedMax - deleted);
    }
  }
  return { deleted, isDone: deleted < deletedMax };
}

function kindsOf(kv: Deno.Kv, siteId: SiteId, now: Millis, days: RetentionDays): Kind[] {
  const before = (kind: keyof RetentionDays) => now - days[kind] * dayMs;
  const chatGone = async (draft: Draft, key: Deno.KvKey) => {
    await draftChatGone(kv, draft, siteId, key.at(-1) as ChatId); // the list's last part
    return 1;
  };
  return [
    { list: keys.chatsOf(siteId, "site", ""), before: before("chats"), draftGone: chatGone },
    {
      list: keys.begun(siteId),
      before: before("chats"),
      async draftGone(draft, key) {
        // Its end has its own place, and its own time.
        const chatId = key.at(-1) as ChatId; // as above
        const ended = await draft.get<ArchivedChat>(keys.chat(siteId, chatId));
        draft.delete([...key] as Key); // a key that was listed
        return ended === undefined ? await chatGone(draft, key) : 1;
      },
    },
    {
      list: keys.offlineMessages(siteId),
      before: before("offlineMessages"),
      draftGone(draft, key, value) {
        const { visitorId, at, messageId } = value as OfflineMessage; // of this list
        draft.delete([...key] as Key); // a key that was listed
        draft.delete([...keys.offlineOf(siteId, visitorId), at, messageId]);
        return Promise.resolve(1);
      },
    },
    ...logKinds.map(([log, kind]): Kind => ({
      list: keys.log(siteId, log),
      before: before(kind),
      draftGone(draft, _, value) {
        for (const place of logKeys(value as LogRow)) draft.delete(place); // of this list
        return Promise.resolve(1);
      },
    })),
  ];
}

async function expireKind(kv: Deno.Kv, kind: Kind, max: number): Promise<number> {
  const selector = { start: [...kind.list, 0], end: [...kind.list, kind.before] };
  const draft = new Draft(kv);
  let deleted = 0;
  for await (const { key, value } of kv.list(selector, { limit: max })) {
    draft.step();
    deleted += await kind.draftGone(draft, key, value);
  }
  await draft.commit();
  return deleted;
}

async function expireInbox(kv: Deno.Kv, now: Millis): Promise<number> {
  const draft = new Draft(kv);
  const end = ["inbox_day", Math.floor(now / dayMs) - inboxDays];
  let deleted = 0;
  for await (
    const { key } of kv.list({ start: ["inbox_day", 0], end }, { limit: deletedMax / 2 })
  ) {
    draft.step();
    draft.delete([...key] as Key); // a key that was listed
    draft.delete(keys.inbox(String(key[2]), String(key[3])));
    deleted += 1;
  }
  await draft.commit();
  return deleted;
}
