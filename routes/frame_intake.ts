import type { z } from "zod";
import { type ChatId, type MessageId, ulidPattern } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import {
  type AgentFrame,
  agentFrameSchema,
  type VisitorFrame,
  visitorFrameSchema,
} from "../core/protocol.ts";
import { utf8Bytes } from "../core/utf8.ts";
import type { Refusal } from "../core/refusal.ts";

/** What a WebSocket message turned out to be. */
export type Intake =
  | { readonly type: "frame"; readonly frame: VisitorFrame | AgentFrame }
  | { readonly type: "refused"; readonly re: string; readonly refusal: Refusal }
  | { readonly type: "too_big" };

/**
 * Reads one WebSocket message as a frame of this side. The only place where the wire is parsed.
 * [BI1]
 */
export function readFrame(side: "visitor" | "agent", data: unknown): Intake {
  if (typeof data !== "string") return refused("", { code: "binary_frame" });
  if (data.length * 3 > limits.frameBytesMax) {
    const tooLong = data.length > limits.frameBytesMax || utf8Bytes(data) > limits.frameBytesMax;
    if (tooLong) return { type: "too_big" };
  }
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refused("", { code: "bad_frame", message: `The frame is not JSON: ${why}` });
  }
  const message = plainMessage(json);
  if (message !== undefined) return { type: "frame", frame: message };
  // zod passes over this key, which an object made of it would not survive.
  const hidden = data.includes("__proto__") ? pathOfProto(json) : undefined;
  if (hidden !== undefined) {
    const why = `${hidden}: no field of this name`;
    return refused(causeIn(json), { code: "bad_frame", field: hidden, message: why });
  }
  const schema = side === "visitor" ? visitorFrameSchema : agentFrameSchema;
  const parsed: z.ZodSafeParseResult<VisitorFrame | AgentFrame> = schema.safeParse(json);
  if (parsed.success) return { type: "frame", frame: parsed.data };
  return refused(causeIn(json), refusalOf(parsed.error));
}

/** Units of a text that is within every limit, whatever is in it: six bytes at most as JSON. */
const plainUnitsMax = Math.min(limits.textBytesMax / 3, limits.escapedTextBytesMax / 6);

/**
 * The frame that nearly all are, read as the schema reads it but without zod, which takes 1.1 us.
 * Undefined is no refusal: the schema decides. A test holds the two together. [BI1]
 */
export function plainMessage(
  json: unknown,
): Extract<VisitorFrame, { type: "post_message" }> | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  if (!("type" in json && "chatId" in json && "messageId" in json && "text" in json)) {
    return undefined;
  }
  const { type, chatId, messageId, text } = json;
  if (type !== "post_message" || !isUlid(chatId) || !isUlid(messageId)) return undefined;
  if (typeof text !== "string" || text === "" || text.length > plainUnitsMax) return undefined;
  if (Object.keys(json).length !== 4) return undefined;
  // Both are ULIDs, which is all that the brands say.
  return { type, chatId: chatId as ChatId, messageId: messageId as MessageId, text };
}

function isUlid(value: unknown): value is string {
  return typeof value === "string" && ulidPattern.test(value);
}

/** Where an object has a field of its own that is called __proto__. */
function pathOfProto(json: unknown): string | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  if (Object.hasOwn(json, "__proto__")) return "__proto__";
  for (const [key, value] of Object.entries(json)) {
    const path = pathOfProto(value);
    if (path !== undefined) return `${key}.${path}`;
  }
  return undefined;
}

function refused(re: string, refusal: Refusal): Intake {
  return { type: "refused", re, refusal };
}

/** The first fault, told with its field and what is allowed there. */
function refusalOf(error: z.ZodError): Refusal {
  const issue = error.issues[0];
  const path = [...issue?.path ?? []];
  if (issue?.code === "unrecognized_keys") path.push(issue.keys[0] ?? "");
  // What is no object at all lacks its type first of all.
  const field = path.join(".") || "type";
  const message = `${field}: ${issue?.message ?? "invalid"}`;
  return { code: "bad_frame", field: field.slice(0, 100), message: message.slice(0, 500) };
}

/** What the sender can match the refusal with, if the frame has anything of the kind. */
function causeIn(json: unknown): string {
  if (typeof json !== "object" || json === null) return "";
  for (const key of ["messageId", "commandId", "type"]) {
    const value: unknown = Reflect.get(json, key);
    if (typeof value === "string") return value.slice(0, 64);
  }
  return "";
}
