import type { ArchivedChat, ArchiveRecord, LogName, LogRow } from "../archive/archive.ts";
import type { Entry } from "../core/entry.ts";
import type { AgentId, ChatId, Millis, SiteId, VisitorId } from "../core/ids.ts";
import type { ChatEnd, EntryPayload } from "../mq/payloads/chat_payloads.ts";
import type { OfflineMessagePayload } from "../mq/payloads/visitor_payloads.ts";

/** A time on the wire in milliseconds since 1970. */
export function millisOf(time: string): Millis {
  return Date.parse(time);
}

/** The chat that ended, as it is archived. */
export function chatOf(end: ChatEnd, how: { readonly isIncomplete: boolean }): ArchivedChat {
  const { prechat, wrapup, rating, startTime } = end;
  return {
    siteId: end.siteId,
    chatId: end.id,
    visitorId: end.visitorId,
    sessionId: end.sessionId,
    visitor: {
      name: prechat.name,
      email: prechat.email,
      phone: prechat.phone,
      fields: prechat.fields,
      variables: end.variables,
    },
    campaignId: end.campaignId,
    departmentId: prechat.department,
    agentIds: end.agentIds,
    hasWaited: end.ifEnterQueue,
    requestedAt: millisOf(end.requestTime),
    startedAt: startTime === null ? null : millisOf(startTime),
    endedAt: millisOf(end.endTime),
    reason: end.reason,
    ticket: end.ticket,
    rating: rating === null ? null : { score: rating.score, comment: rating.comment ?? null },
    wrapUp: wrapup === null ? null : { category: wrapup.category, comment: wrapup.comment },
    vector: end.vector,
    isIncomplete: how.isIncomplete,
  };
}

/** An entry of a chat. */
export function entryRecord({ siteId, changes, file, ...rest }: EntryPayload): ArchiveRecord {
  const entry: Entry = {
    ...rest,
    at: millisOf(rest.at),
    ...(changes === undefined ? {} : { changes }),
    ...(file === undefined ? {} : { file }),
  };
  return { type: "entry", siteId, entry };
}

/** A message left while nobody was there. */
export function offlineMessageRecord(payload: OfflineMessagePayload): ArchiveRecord {
  const { id: messageId, time, ...message } = payload;
  return { type: "offline_message", message: { messageId, ...message, at: millisOf(time) } };
}

/** Whom a row of a log is about: looked up by these. */
interface About {
  readonly siteId: SiteId;
  readonly agentId?: AgentId | null;
  readonly visitorId?: VisitorId | null;
  readonly chatId?: ChatId | null;
}

/**
 * A row of a log, with all that its payload says. Its id is that of its message without the site,
 * of which the row is anyway.
 */
export function rowRecord(
  log: LogName,
  uniqueId: string,
  row: { readonly at: string; readonly about: About; readonly body: LogRow["body"] },
): ArchiveRecord {
  const { siteId, agentId = null, visitorId = null, chatId = null } = row.about;
  const at = millisOf(row.at);
  const prefix = `${siteId}/`;
  const rowId = uniqueId.startsWith(prefix) ? uniqueId.slice(prefix.length) : uniqueId;
  return {
    type: "log",
    row: { siteId, log, rowId, at, agentId, visitorId, chatId, body: row.body },
  };
}
