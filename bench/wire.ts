/** How a message looks on the way, of the three servers that are compared. */
export interface Wire {
  /** A post as the text of one WebSocket message; the message id stands in it once. */
  readonly post: (message: { chatId: string; messageId: string; text: string }) => string;
  /** How an ack to us begins, and how a copy of the other side's message does. */
  readonly ackStart: Uint8Array;
  readonly entryStart: Uint8Array;
  /** What must be answered at once to a text that is neither, if anything. */
  readonly answer: (text: string) => string | undefined;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Ours, spoken by the bare Deno relay as well. */
export const jsonWire: Wire = {
  post: (message) => JSON.stringify({ type: "post_message", ...message }),
  ackStart: bytesOf('{"type":"ack"'),
  entryStart: bytesOf('{"type":"entry"'),
  answer: () => undefined,
};

/**
 * Socket.IO 4 over engine.io 4: an event with ack 7 and the answer to it. The number is always the
 * same as only the client looks at it, and ours goes by the message id in the answer.
 */
export const socketioWire: Wire = {
  post: (message) => `427["post_message",${JSON.stringify(message)}]`,
  ackStart: bytesOf("437["),
  entryStart: bytesOf('42["entry"'),
  answer: (text) => text === "2" ? "3" : undefined,
};
