// deno-lint-ignore-file camelcase -- the wire's own names
import type {
  AgentFrame,
  ClientFrame,
  protocolVersion as coreVersion,
  VisitorFrame,
} from "../../core/protocol.ts";
import type { ServerFrame } from "../../core/server_frames.ts";

export type { AgentFrame, ClientFrame, ServerFrame, VisitorFrame };

/** A server frame of one type. */
export type FrameOf<Type extends ServerFrame["type"]> = Extract<ServerFrame, { type: Type }>;

/** The wire's version that this SDK speaks; the compiler compares it with the server's. */
export const protocolVersion: typeof coreVersion = 1;

const serverFrameTypes: { readonly [Type in ServerFrame["type"]]: true } = {
  welcome: true,
  chat: true,
  entry: true,
  ack: true,
  done: true,
  refused: true,
  typing: true,
  entries: true,
  want_entries: true,
  uploaded: true,
  waiting: true,
  heartbeat: true,
  status: true,
  visitors: true,
  chats: true,
  agents: true,
  visitor: true,
  chat_left: true,
  offer: true,
  offer_ended: true,
  invitation: true,
  invitation_ended: true,
  availability: true,
  sign_in_wanted: true,
};

/**
 * The frames of one WebSocket message, in order. Types of a newer server are left out. Undefined
 * when the text is no frames at all: the socket is broken then.
 */
export function readFrames(text: string): readonly ServerFrame[] | undefined {
  const frames: ServerFrame[] = [];
  try {
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const value: unknown = JSON.parse(line);
      if (!isTyped(value)) return undefined;
      // Parse boundary: the server is trusted to follow its own schema for the types known here.
      if (Object.hasOwn(serverFrameTypes, value.type)) frames.push(value as ServerFrame);
    }
  } catch {
    return undefined;
  }
  return frames;
}

function isTyped(value: unknown): value is { type: string } {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string";
}
