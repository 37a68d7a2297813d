import {
  MessageRefused,
  type NewMessage,
  payloadBytesMax,
  type PayloadFault,
  publishMessagesMax,
  type QueueDefinition,
} from "./queue.ts";

const encoder = new TextEncoder();

/** 1 to 256 characters from space to tilde. */
const uniqueIdPattern = /^[\x20-\x7e]{1,256}$/;

/** Whether a message can have this id. */
export function isUniqueId(text: string): boolean {
  return uniqueIdPattern.test(text);
}

/** A message that may be published. */
export interface CheckedMessage {
  readonly message: NewMessage;
  /** Its payload as JSON, and the same as UTF-8. */
  readonly json: string;
  readonly bytes: Uint8Array;
}

/**
 * What every driver asks of a message before it is published: a queue that exists, an id, a time
 * and a payload that its schema takes and that is not too big. [QD1]
 */
export class MessageCheck {
  readonly #definitions: ReadonlyMap<string, QueueDefinition>;

  constructor(definitions: readonly QueueDefinition[]) {
    this.#definitions = new Map(definitions.map((one) => [one.name, one]));
  }

  /** Throws MessageRefused for a queue that there is none of. */
  definition(queueName: string, uniqueId = ""): QueueDefinition {
    const definition = this.#definitions.get(queueName);
    if (definition !== undefined) return definition;
    const known = [...this.#definitions.keys()].join(", ");
    throw new MessageRefused({ queueName, uniqueId }, {
      path: "queueName",
      message: `there is no such queue; the queues are ${known}`,
    });
  }

  /** Throws MessageRefused for the first message that is wrong. */
  all(messages: readonly NewMessage[]): CheckedMessage[] {
    const over = messages[publishMessagesMax];
    if (over !== undefined) {
      throw new MessageRefused(over, {
        path: "messages",
        message: `at most ${publishMessagesMax} at once, got ${messages.length}`,
      });
    }
    return messages.map((message) => this.one(message));
  }

  /** Throws MessageRefused, with what is wrong and what is allowed. */
  one(message: NewMessage): CheckedMessage {
    const definition = this.definition(message.queueName, message.uniqueId);
    const envelope = faultOfEnvelope(message);
    if (envelope !== undefined) throw new MessageRefused(message, envelope);
    const fault = definition.check(message.payload);
    if (fault !== undefined) throw new MessageRefused(message, fault);
    return encoded(message);
  }

  /**
   * A message that is set aside keeps whatever payload it has, as that may be why it cannot be
   * published; one that cannot be kept is replaced by what it was.
   */
  setAside(message: NewMessage): CheckedMessage {
    this.definition(message.queueName, message.uniqueId);
    const fault = faultOfId(message.uniqueId) ?? faultOfTime(message.at);
    if (fault !== undefined) throw new MessageRefused(message, fault);
    try {
      return encoded(message);
    } catch (error) {
      if (!(error instanceof MessageRefused)) throw error;
      return encoded({ ...message, payload: { unreadable: error.message } });
    }
  }
}

function faultOfEnvelope({ uniqueId, at, payload }: NewMessage): PayloadFault | undefined {
  const fault = faultOfId(uniqueId) ?? faultOfTime(at);
  if (fault !== undefined) return fault;
  if (isObject(payload)) return undefined;
  return { path: "payload", message: "an object is needed" };
}

function faultOfId(uniqueId: unknown): PayloadFault | undefined {
  if (typeof uniqueId === "string" && uniqueIdPattern.test(uniqueId)) return undefined;
  return { path: "uniqueId", message: "1 to 256 characters of printable ASCII are needed" };
}

function faultOfTime(at: unknown): PayloadFault | undefined {
  if (Number.isSafeInteger(at) && Number(at) >= 0) return undefined;
  return { path: "at", message: "milliseconds since 1970, an integer, are needed" };
}

function encoded(message: NewMessage): CheckedMessage {
  const json = jsonOf(message);
  const bytes = encoder.encode(json);
  if (bytes.length <= payloadBytesMax) return { message, json, bytes };
  throw new MessageRefused(message, {
    path: "payload",
    message: `${bytes.length} bytes as JSON, at most ${payloadBytesMax} are allowed`,
  });
}

function jsonOf(message: NewMessage): string {
  try {
    return JSON.stringify(message.payload);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MessageRefused(message, { path: "payload", message: `it is no JSON: ${why}` });
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
