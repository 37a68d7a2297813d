import type { OpenSocket } from "../../web/sdk/socket.ts";

/** What the wire told one client, as it came: the checker's own evidence, before the SDK saw it. */
export class ClientLog {
  /** Messages acknowledged to this client, in order of their ack: messageId -> stamp. */
  readonly acked = new Map<string, string>();
  /** Commands that the server said it has done. */
  readonly done = new Set<string>();
  /** What was refused, by what it answers: its code. */
  readonly refused = new Map<string, string>();
  /** Stamps at which an identity ("author/messageId") was seen, live, in a page or by ack. */
  readonly stamps = new Map<string, Set<string>>();
  /** Messages sent on the open socket and not acknowledged yet. */
  readonly underWay = new Set<string>();
  /** Times of acks, milliseconds of performance.now(). */
  lastAckAt = 0;
  readonly #author: string;

  constructor(author: string) {
    this.#author = author;
  }

  sent(text: string): void {
    const frame = JSON.parse(text);
    if (frame.type === "post_message") this.underWay.add(frame.messageId);
  }

  received(text: string): void {
    for (const line of text.split("\n")) {
      const frame = JSON.parse(line);
      if (frame.type === "ack") this.#ack(frame);
      if (frame.type === "refused") this.refused.set(frame.re, frame.code);
      if (frame.type === "done") this.done.add(frame.commandId);
      if (frame.type === "entry") this.#entry(frame.entry);
      if (frame.type === "entries") { for (const entry of frame.entries) this.#entry(entry); }
    }
  }

  #ack(frame: { messageId: string; tenure: string; stream: string; n: number }): void {
    const stamp = `${frame.tenure}/${frame.stream}/${frame.n}`;
    this.acked.set(frame.messageId, stamp);
    this.underWay.delete(frame.messageId);
    this.lastAckAt = performance.now();
    this.#note(`${this.#author}/${frame.messageId}`, stamp);
  }

  #entry(
    entry: {
      id: string;
      tenure: string;
      stream: string;
      n: number;
      author: { type: string; id: string };
    },
  ): void {
    this.#note(
      `${entry.author.type}:${entry.author.id}/${entry.id}`,
      `${entry.tenure}/${entry.stream}/${entry.n}`,
    );
  }

  #note(identity: string, stamp: string): void {
    const stamps = this.stamps.get(identity);
    if (stamps === undefined) this.stamps.set(identity, new Set([stamp]));
    else stamps.add(stamp);
  }

  /**
   * Whether this client was told that its message is accepted: by the ack or, when a kill came
   * between, by the message as an entry of its chat.
   */
  isAccepted(messageId: string): boolean {
    return this.acked.has(messageId) || this.stamps.has(`${this.#author}/${messageId}`);
  }

  /** Whoever posted before a connection was lost is not under way on the next one. */
  disconnected(): void {
    this.underWay.clear();
  }
}

/** Lets connections through, or keeps all clients out for a while. */
export class Gate {
  open = true;

  /** The SDK's socket with everything on it logged. */
  socketFor(log: ClientLog, open: OpenSocket): OpenSocket {
    return (url, events) => {
      if (!this.open) {
        setTimeout(() => events.closed(1006), 0);
        return { send() {}, close() {} };
      }
      const socket = open(url, {
        opened: () => events.opened(),
        received: (text) => {
          log.received(text);
          events.received(text);
        },
        closed: (code) => {
          log.disconnected();
          events.closed(code);
        },
      });
      return {
        send: (text) => {
          log.sent(text);
          socket.send(text);
        },
        close: () => socket.close(),
      };
    };
  }
}
