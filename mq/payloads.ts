import type { z } from "zod";
import type { Millis } from "../core/ids.ts";
import type { Job, QueueName } from "../core/job.ts";
import {
  agentBanSchema,
  agentSaveSchema,
  agentStatusLogSchema,
  agentWrapUpSchema,
  cannedUseLogSchema,
  savePreferenceSchema,
} from "./payloads/agent_payloads.ts";
import {
  chatEndSchema,
  chatQueueLogSchema,
  chatTranscriptSchema,
  entryPayloadSchema,
} from "./payloads/chat_payloads.ts";
import { wireTime } from "./payloads/time_field.ts";
import {
  conversionLogSchema,
  invitationLogSchema,
  offlineMessageSchema,
  visitLogSchema,
  visitorRatingSchema,
  visitorSaveSchema,
} from "./payloads/visitor_payloads.ts";
import type { Payload, PayloadFault } from "./queue.ts";

/** The events of a deployment: what the engine publishes, and agents as they are configured. */
export type EventName = QueueName | "agent.save";

/**
 * What each event carries, whichever level of queue it travels on. Unknown fields are refused.
 * [OB1]
 */
export const payloadSchemas = {
  "chat.end": chatEndSchema,
  "chat.message": entryPayloadSchema,
  "chat.transcript": chatTranscriptSchema,
  "offlineMessage.submit": offlineMessageSchema,
  "agent.wrapup": agentWrapUpSchema,
  "agent.savePreference": savePreferenceSchema,
  "agent.save": agentSaveSchema,
  "agent.ban": agentBanSchema,
  "visitor.rating": visitorRatingSchema,
  "visitor.save": visitorSaveSchema,
  "cannedMessage.useLog": cannedUseLogSchema,
  "privateMessage.log": entryPayloadSchema,
  "chatQueue.log": chatQueueLogSchema,
  "agentStatus.log": agentStatusLogSchema,
  "invitation.log": invitationLogSchema,
  "visit.log": visitLogSchema,
  "conversion.log": conversionLogSchema,
} as const satisfies Readonly<Record<EventName, z.ZodType>>;

/** What an event's messages carry. */
export type PayloadOf<Name extends EventName> = z.infer<(typeof payloadSchemas)[Name]>;

/** Fields of the engine's jobs that are times: milliseconds there, ISO 8601 on the wire. */
const timeFields: Readonly<Record<QueueName, readonly string[]>> = {
  "chat.end": ["requestTime", "startTime", "endTime"],
  "chat.message": ["at"],
  "chat.transcript": [],
  "offlineMessage.submit": ["time"],
  "agent.wrapup": ["time"],
  "agent.savePreference": ["time"],
  "agent.ban": ["until", "time"],
  "visitor.rating": ["time"],
  "visitor.save": ["time"],
  "cannedMessage.useLog": ["time"],
  "privateMessage.log": ["at"],
  "chatQueue.log": ["enterTime", "leaveTime"],
  "agentStatus.log": ["time"],
  "invitation.log": ["time"],
  "visit.log": ["time"],
  "conversion.log": ["time"],
};

/** Events whose consumers wait for a chat's entries, counted from when they were published. */
const waiting: ReadonlySet<QueueName> = new Set(["chat.end", "chat.transcript"]);

/** A job's payload as published at `at`; the queue's schema has yet to see it. */
export function wirePayload({ queue, payload }: Job, at: Millis): Payload {
  const wire: Record<string, unknown> = { ...payload };
  for (const field of timeFields[queue] ?? []) wire[field] = wireTime(wire[field]);
  if (waiting.has(queue)) wire["publishTime"] = wireTime(at);
  return wire;
}

/** wirePayload(), or the first fault that its schema finds. [OB1] */
export function publishedPayload(
  job: Job,
  at: Millis,
):
  | { readonly type: "payload"; readonly payload: Payload }
  | { readonly type: "fault"; readonly fault: PayloadFault } {
  const payload = wirePayload(job, at);
  const fault = faultOf(payloadSchemas[job.queue], payload);
  return fault === undefined ? { type: "payload", payload } : { type: "fault", fault };
}

/** The first thing that a schema has against a payload: where, and what is allowed there. */
export function faultOf(schema: z.ZodType, payload: unknown): PayloadFault | undefined {
  const parsed = schema.safeParse(payload);
  const [issue] = parsed.error?.issues ?? [];
  if (issue === undefined) return undefined;
  const stranger = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...stranger].map(String).join(".");
  const inner = issue.code === "invalid_key" ? issue.issues[0]?.message : undefined;
  return { path: path === "" ? "payload" : path, message: inner ?? issue.message };
}
