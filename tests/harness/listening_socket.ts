import { closeCodes, type CloseName } from "../../core/close_code.ts";
import { type ServerFrame, serverFrameSchema } from "../../core/server_frames.ts";
import type { Socket } from "../../server/session_hub.ts";

/** The far end of a connection in memory: keeps what was sent, reads it or does not. */
export class ListeningSocket implements Socket {
  readyState = 1;
  /** Whether what is sent is read at once. */
  reads = true;
  bufferedAmount = 0;
  readonly messages: string[] = [];
  closedWith: CloseName | undefined;

  send(text: string): void {
    this.messages.push(text);
    if (!this.reads) this.bufferedAmount += text.length;
  }

  close(code: number, reason: string): void {
    const [name] = Object.entries(closeCodes).find(([, close]) => close.code === code) ?? [];
    this.readyState = 2;
    // Looked up among these very names.
    this.closedWith = (name === reason ? name : undefined) as CloseName | undefined;
  }

  /** The frames sent since the last look; each is one of the protocol. */
  take(): ServerFrame[] {
    return framesOf(this.messages.splice(0));
  }
}

/** The frames of WebSocket messages: a line each. */
export function framesOf(messages: readonly string[]): ServerFrame[] {
  return messages.flatMap((message) =>
    message.split("\n").map((line) => serverFrameSchema.parse(JSON.parse(line)))
  );
}
