import type { z } from "zod";
import {
  type Archive,
  type ArchiveRecord,
  ArchiveUnavailable,
  type LogName,
} from "../archive/archive.ts";
import type { AgentId, ChatId, SiteId, VisitorId } from "../core/ids.ts";
import {
  type ConsumerOptions,
  type Parsed,
  type RunningConsumer,
  startConsumer,
} from "../mq/consumer_loop.ts";
import { type EventName, faultOf, type PayloadOf, payloadSchemas } from "../mq/payloads.ts";
import type { Payload } from "../mq/queue.ts";
import { entryRecord, offlineMessageRecord, rowRecord } from "./archive_records.ts";

/** What a consumer that writes into the archive stands on. */
export interface PersistenceDeps
  extends Pick<ConsumerOptions<unknown>, "queue" | "clock" | "log" | "random"> {
  readonly archive: Archive;
  /** Stands before every queue's name. */
  readonly prefix: string;
}

/** Records of one transaction: what the archive takes at once. */
const batchMax = 100;

/** Starts the consumer of one queue. */
export type StartConsumer = (deps: PersistenceDeps, queueName: string) => RunningConsumer;

/** What a payload becomes; uniqueId is its message's. */
type RecordOf<Name extends EventName> = (
  payload: PayloadOf<Name>,
  uniqueId: string,
) => ArchiveRecord;

/**
 * Writes every message of a queue into the archive, each with its inbox row, so that a message that
 * comes again changes nothing. While the archive is away they wait in their queue. [OB6]
 */
function persisting<Name extends EventName>(
  event: Name,
  recordOf: RecordOf<Name>,
): StartConsumer {
  return (deps, queueName) =>
    startConsumer<PayloadOf<Name>>({
      ...deps,
      queueName: deps.prefix + queueName,
      batchMax,
      concurrency: 1,
      parse: (payload) => parsedAs(event, payload),
      failureOf: archiveFailure,
      async handle(batch) {
        const writes = batch.map(({ uniqueId, message }) => ({
          queueName,
          uniqueId,
          record: recordOf(message, uniqueId),
        }));
        await deps.archive.record(writes);
        return batch.map(() => ({ type: "done" }));
      },
    });
}

/** A payload as its event's schema reads it. */
export function parsedAs<Name extends EventName>(
  event: Name,
  payload: Payload,
): Parsed<PayloadOf<Name>> {
  const schema: z.ZodType = payloadSchemas[event];
  const parsed = schema.safeParse(payload);
  // The schema is that of the event.
  if (parsed.success) return { type: "message", message: parsed.data as PayloadOf<Name> };
  const fault = faultOf(schema, payload) ?? { path: "payload", message: "it is refused" };
  return { type: "fault", fault };
}

/** An archive that is away says nothing about a message. */
export function archiveFailure(error: unknown): "unavailable" | "failed" {
  return error instanceof ArchiveUnavailable ? "unavailable" : "failed";
}

/** Rows of a log; the time is the event's, and it is found by whom the payload names. */
function logging<Name extends EventName>(
  event: Name,
  log: LogName,
  timeOf: (payload: PayloadOf<Name>) => string,
): StartConsumer {
  return persisting(event, (payload, uniqueId) => {
    // Fields of these names have these types in every schema.
    const about = payload as {
      readonly siteId: SiteId;
      readonly agentId?: AgentId | null;
      readonly visitorId?: VisitorId | null;
      readonly chatId?: ChatId | null;
    };
    return rowRecord(log, uniqueId, { at: timeOf(payload), about, body: { ...payload } });
  });
}

const byTime = ({ time }: { readonly time: string }) => time;

/** The queues whose messages are written into the archive as they are. */
export const persistence: Readonly<Record<string, StartConsumer>> = {
  "chat.message": persisting("chat.message", entryRecord),
  "offlineMessage.submit.persistence": persisting("offlineMessage.submit", offlineMessageRecord),
  "agent.wrapup.persistence": logging("agent.wrapup", "wrap_up", byTime),
  "agent.ban.persistence": persisting("agent.ban", (payload, uniqueId) => {
    const { siteId, agentId, target, time: at } = payload;
    const visitorId = target.type === "visitor" ? target.visitorId : null;
    const about = { siteId, agentId, visitorId };
    return rowRecord("ban", uniqueId, { at, about, body: { ...payload } });
  }),
  "agent.savePreference": logging("agent.savePreference", "preference", byTime),
  "agent.save": logging("agent.save", "agent", byTime),
  "agentStatus.log": logging("agentStatus.log", "agent_status", byTime),
  "cannedMessage.useLog": logging("cannedMessage.useLog", "canned_use", byTime),
  "privateMessage.log": persisting("privateMessage.log", (payload, uniqueId) => {
    const { siteId, chatId, author, at } = payload;
    const agentId = author.type === "agent" ? author.id : null;
    return rowRecord("private_message", uniqueId, {
      at,
      about: { siteId, chatId, agentId },
      body: { ...payload },
    });
  }),
  "chatQueue.log": logging("chatQueue.log", "waiting_queue", ({ leaveTime }) => leaveTime),
  "visitor.rating": logging("visitor.rating", "rating", byTime),
  "visitor.save": logging("visitor.save", "visitor", byTime),
  "invitation.log": logging("invitation.log", "invitation", byTime),
  "visit.log": logging("visit.log", "visit", byTime),
  "conversion.log": logging("conversion.log", "conversion", byTime),
};
