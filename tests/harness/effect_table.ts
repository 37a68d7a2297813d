import type { ArchiveRecord, LogName, LogRow } from "../../archive/archive.ts";
import { entrySchema } from "../../core/entry.ts";
import {
  agentIdSchema,
  campaignIdSchema,
  chatIdSchema,
  departmentIdSchema,
  siteIdSchema,
  visitorIdSchema,
} from "../../core/ids.ts";
import type { Payload } from "../../mq/queue.ts";
import { fixedUlid } from "./fixed_ids.ts";

/** A message of a queue that is persisted, and the record that the archive has of it then. */
export interface PersistedMessage {
  /** Where it is published: the first level. */
  readonly queue: string;
  /** Where it is consumed. */
  readonly consumed: string;
  readonly uniqueId: string;
  readonly payload: Payload;
  readonly record: ArchiveRecord;
}

/** Who and what the messages of the table are about. */
export const told = {
  siteId: siteIdSchema.parse("acme"),
  chatId: chatIdSchema.parse(fixedUlid(1)),
  visitorId: visitorIdSchema.parse(fixedUlid(2)),
  tenure: fixedUlid(3),
  agentId: agentIdSchema.parse("ana"),
  departmentId: departmentIdSchema.parse("sales"),
  campaignId: campaignIdSchema.parse("default"),
  time: "2026-11-25T12:00:00.007Z",
  at: Date.UTC(2026, 10, 25, 12, 0, 0, 7),
} as const;
const { siteId, chatId, visitorId, tenure, agentId, departmentId, campaignId, time, at } = told;
const sessionId = "visit-1";

const endPayload = {
  id: chatId,
  siteId,
  visitorId,
  sessionId,
  ticket: { id: "t-1", ifNew: true, title: "Broken" },
  prechat: {
    name: "Vera",
    email: "vera@example.org",
    phone: "+47 1",
    productService: "kettles",
    department: departmentId,
    fields: { phone: "+47 1", productService: "kettles", topic: "help" },
  },
  wrapup: { comment: "sent a new one", category: "repair" },
  rating: { score: 4 },
  campaignId,
  variables: { cart: "3" },
  agentIds: [agentId, "ben"],
  ifEnterQueue: true,
  requestTime: "2026-11-25T11:50:00.000Z",
  startTime: "2026-11-25T11:51:00.000Z",
  endTime: time,
  reason: "agent_ended",
  vector: {},
  count: 0,
  publishTime: time,
};

const endedChat = {
  siteId,
  chatId,
  visitorId,
  sessionId,
  visitor: {
    name: "Vera",
    email: "vera@example.org",
    phone: "+47 1",
    fields: endPayload.prechat.fields,
    variables: { cart: "3" },
  },
  campaignId,
  departmentId,
  agentIds: [agentId, agentIdSchema.parse("ben")],
  hasWaited: true,
  requestedAt: at - 600_007,
  startedAt: at - 540_007,
  endedAt: at,
  reason: "agent_ended",
  ticket: endPayload.ticket,
  rating: { score: 4, comment: null },
  wrapUp: { category: "repair", comment: "sent a new one" },
  vector: {},
  isIncomplete: false,
};

const entryFields = {
  ...{ chatId, tenure, stream: "public", n: 1, order: at - 5, kind: "attachment", text: "a photo" },
  author: { type: "agent", id: agentId },
  id: fixedUlid(4),
  changes: "m-1",
  file: { fileId: "f-1", name: "kettle.png", mediaType: "image/png", bytes: 12 },
};
const threadFields = {
  ...{
    chatId: "~ana~ben",
    tenure,
    stream: "staff",
    n: 7,
    order: at,
    kind: "private",
    text: "psst",
  },
  author: { type: "agent", id: agentId },
  id: fixedUlid(5),
};

const offline = {
  siteId,
  visitorId,
  sessionId,
  campaignId,
  departmentId,
  name: "Vera",
  email: "vera@example.org",
  subject: "Kettle",
  content: "It leaks.",
  fields: { topic: "help" },
};

/** A log's row: whom it is about is what it is found by, and its body is the payload. */
function logged(
  queue: string,
  log: LogName,
  payload: Payload,
  about: Partial<Pick<LogRow, "agentId" | "visitorId" | "chatId" | "at">>,
): PersistedMessage {
  const rowId = `cause of ${log}`;
  const nobody = { agentId: null, visitorId: null, chatId: null };
  const row = { siteId, log, rowId, at, ...nobody, ...about, body: payload };
  const uniqueId = `${siteId}/${rowId}`;
  return { queue, consumed: queue, uniqueId, payload, record: { type: "log", row } };
}

/** One message of every queue that is persisted. */
export const persistedMessages: readonly PersistedMessage[] = [
  {
    queue: "chat.end",
    consumed: "chat.end.persistence",
    uniqueId: `${siteId}/${chatId}`,
    payload: endPayload,
    record: { type: "chat", chat: endedChat },
  },
  {
    ...{ queue: "chat.message", consumed: "chat.message" },
    uniqueId: `${siteId}/${chatId}/${tenure}/public/1`,
    payload: { siteId, at: time, ...entryFields },
    record: { type: "entry", siteId, entry: entrySchema.parse({ at, ...entryFields }) },
  },
  {
    ...{ queue: "offlineMessage.submit", consumed: "offlineMessage.submit.persistence" },
    uniqueId: `${siteId}/${fixedUlid(6)}`,
    payload: { id: fixedUlid(6), time, ...offline },
    record: {
      type: "offline_message",
      message: { messageId: fixedUlid(6), at, ...offline },
    },
  },
  {
    ...logged("agent.wrapup", "wrap_up", {
      ...{ siteId, chatId, agentId, category: "repair", comment: null, time },
    }, { agentId, chatId }),
    consumed: "agent.wrapup.persistence",
  },
  {
    ...logged("agent.ban", "ban", {
      ...{ siteId, banId: "b-1", target: { type: "visitor", visitorId }, until: null, agentId },
      ...{ lifted: true, comment: "spam", time },
    }, { agentId, visitorId }),
    consumed: "agent.ban.persistence",
  },
  logged("agent.savePreference", "preference", {
    ...{ siteId, agentId, preferences: '{"sound":true}', time },
  }, { agentId }),
  logged("agent.save", "agent", {
    ...{ siteId, agentId, name: "Ana", role: "agent", departmentIds: ["sales"], disabled: false },
    ...{ removed: false, version: 3, time },
  }, { agentId }),
  logged("agentStatus.log", "agent_status", {
    ...{ siteId, agentId, status: "away", reason: "lunch", time },
  }, { agentId }),
  logged("cannedMessage.useLog", "canned_use", {
    ...{ siteId, chatId, agentId, cannedId: "greeting", time },
  }, { agentId, chatId }),
  logged("privateMessage.log", "private_message", { siteId, at: time, ...threadFields }, {
    agentId,
    chatId: chatIdSchema.parse("~ana~ben"),
  }),
  logged("chatQueue.log", "waiting_queue", {
    ...{ siteId, chatId, visitorId, departmentId, enterTime: "2026-11-25T11:00:00.000Z" },
    ...{ leaveTime: time, outcome: "accepted", agentId },
  }, { agentId, visitorId, chatId }),
  logged("visitor.rating", "rating", {
    ...{ siteId, chatId, visitorId, agentIds: [agentId], score: 5, comment: "thanks", time },
  }, { visitorId, chatId }),
  logged("visitor.save", "visitor", {
    ...{ siteId, visitorId, agentId, name: "Vera", fields: { topic: "" }, time },
  }, { agentId, visitorId }),
  logged("invitation.log", "invitation", {
    ...{ siteId, visitorId, sessionId, invitationId: "hello", agentId: null, outcome: "shown" },
    time,
  }, { visitorId }),
  logged("visit.log", "visit", { siteId, time, periodMs: 300_000, visits: 41 }, {}),
  logged("conversion.log", "conversion", {
    ...{ siteId, goal: "order", value: "99.00", visitorId, sessionId, chatId, agentId, time },
  }, { agentId, visitorId, chatId }),
];
