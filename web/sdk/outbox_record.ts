import type { RefusalCode } from "../../core/refusal.ts";
import type { ChatId } from "../../core/ids.ts";
import type { ClientFrame } from "./frame.ts";
import { chatIdOf } from "./ids.ts";
import { limits } from "./limits.ts";

/**
 * Frames that wait for an answer and are sent again, under the same id, until they have it: all
 * that have an id. The others belong to their moment (typing), are told anew with every connection
 * (view_page, subscribe), or are asked again by whoever still wants to know.
 */
export type OutboxFrame = Extract<ClientFrame, { messageId: string } | { commandId: string }>;

/** Why the server, or this side (`expired`, `chat_refused`), gave a frame up. */
export interface Failure {
  readonly code: RefusalCode | "expired" | "chat_refused";
  readonly message: string;
  /** What the code is about, such as the running chat of `already_chatting`. */
  readonly field?: string;
}

/** What is kept in storage of one un-acked frame; `failure` once it was refused for good. */
export interface OutboxRecord {
  readonly frame: OutboxFrame;
  readonly postedAt: number;
  readonly failure?: Failure;
}

/** One record of the outbox as it lies in storage. */
export interface StoredText {
  readonly id: string;
  readonly text: string;
}

/** The id of a frame, by which it is answered. */
export function idOfFrame(frame: OutboxFrame): string {
  return "messageId" in frame ? frame.messageId : frame.commandId;
}

/** The chat that a frame is about. */
export function chatIdOfFrame(frame: OutboxFrame): ChatId | undefined {
  if (frame.type === "request_chat") return chatIdOf(frame.commandId);
  return "chatId" in frame ? frame.chatId : undefined;
}

/** Whether a person wrote it: it is shown while it waits, and kept when it failed. */
export function isPost(
  frame: OutboxFrame,
): frame is Extract<OutboxFrame, { type: "post_message" | "post_note" }> {
  return frame.type === "post_message" || frame.type === "post_note";
}

/** What people wrote beside posts: not shown with a chat, but as dear. */
const written: ReadonlySet<OutboxFrame["type"]> = new Set(
  [
    "post_private",
    "submit_offline_message",
    "rate_chat",
    "wrap_up_chat",
    "capture_conversion",
    "request_chat",
    "end_chat",
  ] as const,
);

/**
 * Whether it survives a reload: what somebody wrote or wanted for a chat. A status, a read mark,
 * an accept and the like belong to the moment in which they were clicked; done an hour later they
 * would surprise.
 */
export function isPersistent(frame: OutboxFrame): boolean {
  return isPost(frame) || written.has(frame.type);
}

/** Of these only the latest matters: it replaces one before it that is not under way. */
export function replacesEarlier(frame: OutboxFrame): boolean {
  switch (frame.type) {
    case "mark_read":
    case "set_status":
    case "set_variables":
    case "save_preferences":
      return true;
    default:
      return false;
  }
}

/**
 * Frames of one lane go out one at a time, in order: a message never overtakes the one before it,
 * nor the request of its own chat.
 */
export function laneOf(frame: OutboxFrame): string {
  switch (frame.type) {
    case "request_chat":
      return frame.commandId;
    case "set_status":
    case "log_out":
      return "status";
    case "mark_read":
      return `read/${frame.chatId}`;
    case "post_private":
      return `to/${frame.to}`;
    case "set_visitor":
    case "invite_visitor":
      return `visitor/${frame.visitorId}`;
    case "ban":
    case "lift_ban":
      return "bans";
    default:
      return "chatId" in frame ? frame.chatId : frame.type;
  }
}

/** A record as it came from storage; undefined when something else is written there. */
export function readRecord(text: string): OutboxRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    if (!("frame" in value) || !("postedAt" in value)) return undefined;
    const { frame, postedAt } = value;
    if (typeof frame !== "object" || frame === null || typeof postedAt !== "number") {
      return undefined;
    }
    if (!("type" in frame) || typeof frame.type !== "string") return undefined;
    // Parse boundary: only this SDK writes under these keys; the type decides below.
    const record = value as OutboxRecord;
    if (!isPersistent(record.frame) || typeof idOfFrame(record.frame) !== "string") {
      return undefined;
    }
    return record;
  } catch {
    return undefined;
  }
}

/**
 * The records that this page has to take over. A record that is young may be another living tab's,
 * which sends it itself; after a reload (`first`) everything is ours, as a repeat does no harm.
 */
export function adoptable(
  stored: readonly StoredText[],
  { first, now }: { first: boolean; now: number },
): readonly OutboxRecord[] {
  const records: OutboxRecord[] = [];
  for (const { id, text } of stored) {
    const record = readRecord(text);
    if (record === undefined || idOfFrame(record.frame) !== id) continue;
    const left = record.failure === undefined && now - record.postedAt >= limits.adoptAfterMs;
    if (first || left) records.push(record);
  }
  return records;
}
