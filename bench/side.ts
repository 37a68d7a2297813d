import {
  counterChars,
  messageIdPrefix,
  prefixChars,
  readCounter,
  writeCounter,
} from "./message_id.ts";
import { type RawWebSocket, SocketClosed, type TakeText } from "./raw_websocket.ts";
import { clientFrame } from "./websocket_frame.ts";
import type { Wire } from "./wire.ts";

/** Messages of one sender that may be under way at once; beyond it their latency is lost. */
const underWayMax = 1024;
const newline = 10;
const decoder = new TextDecoder();

export interface SideOptions {
  readonly socket: RawWebSocket;
  readonly wire: Wire;
  readonly chatId: string;
  readonly textBytes: number;
  /** Messages sent by one write at most. */
  readonly batchMax: number;
  /** Whether a refusal, a close, a gap or a repeat ends the run; else they are only counted. */
  readonly strict: boolean;
}

/**
 * One side of a chat: posts messages made beforehand, checks that the server acks each once and
 * that the other side's come once, both in order. The hot path parses no JSON: it compares the
 * line's beginning, and finds the message id where it stood the last time.
 */
export class Side {
  readonly prefix = messageIdPrefix();
  /** Acks of the last read; the closed loop sends as many. */
  justAcked = 0;
  sent = 0;
  acked = 0;
  /** Messages of the other side that came here. */
  copies = 0;
  refused = 0;
  closed: string | undefined;
  /** Takes the latency of every ack while set. */
  onLatency: ((ms: number) => void) | undefined;

  readonly #o: SideOptions;
  readonly #frames: Uint8Array<ArrayBuffer>;
  readonly #frameBytes: number;
  readonly #counterAt: number;
  readonly #sentAt = new Float64Array(underWayMax);
  readonly #ownPrefix = new TextEncoder().encode(this.prefix);
  #otherPrefix = new Uint8Array();
  #ackIdAt = 0;
  #entryIdAt = 0;
  #now = 0;

  constructor(options: SideOptions) {
    this.#o = options;
    const frame = clientFrame(options.wire.post({
      chatId: options.chatId,
      messageId: this.prefix + "0".repeat(counterChars),
      text: "How do I change the address of my order? ".repeat(400).slice(0, options.textBytes),
    }));
    this.#frameBytes = frame.length;
    this.#counterAt = indexOf(frame, 0, frame.length, this.#ownPrefix) + prefixChars;
    this.#frames = new Uint8Array(frame.length * options.batchMax);
    for (let i = 0; i < options.batchMax; i++) this.#frames.set(frame, i * frame.length);
  }

  /** Names the side whose messages are expected here. */
  faces(other: Side): void {
    this.#otherPrefix = new TextEncoder().encode(other.prefix);
  }

  get socket(): RawWebSocket {
    return this.#o.socket;
  }

  /** Sends that many messages with one write; their latency counts from `at`. */
  post(count: number, at: number): void {
    const first = this.sent;
    for (let i = 0; i < count; i++) {
      writeCounter(this.#frames, i * this.#frameBytes + this.#counterAt, first + i);
      this.#sentAt[(first + i) % underWayMax] = at;
    }
    const bytes = count * this.#frameBytes;
    if (this.#o.strict) this.socket.write(this.#frames, bytes);
    else if (!this.socket.tryWrite(this.#frames, bytes)) return;
    this.sent += count;
  }

  /** Reads what came. Afterwards `justAcked` says how many acks were in it. */
  read(now: number): void {
    this.#now = now;
    this.justAcked = 0;
    try {
      this.socket.read(this.#take);
    } catch (error) {
      if (!(error instanceof SocketClosed)) throw error;
      this.closed = error.message;
      this.#blame(error.message);
    }
  }

  readonly #take: TakeText = (bytes, start, end) => {
    // A sentinel, so that the search for the line's end stays within this message.
    const after = bytes[end] ?? 0;
    bytes[end] = newline;
    while (start < end) {
      const lineEnd = bytes.indexOf(newline, start);
      this.#takeLine(bytes, start, lineEnd);
      start = lineEnd + 1;
    }
    bytes[end] = after;
  };

  #takeLine(bytes: Uint8Array<ArrayBuffer>, start: number, end: number): void {
    if (startsWith(bytes, start, this.#o.wire.ackStart)) {
      const at = this.#findId(bytes, start, end, this.#ownPrefix, this.#ackIdAt);
      if (at >= 0) {
        this.#ackIdAt = at - start;
        return this.#takeAck(readCounter(bytes, at + prefixChars));
      }
    } else if (startsWith(bytes, start, this.#o.wire.entryStart)) {
      const at = this.#findId(bytes, start, end, this.#otherPrefix, this.#entryIdAt);
      if (at >= 0) {
        this.#entryIdAt = at - start;
        return this.#takeCopy(readCounter(bytes, at + prefixChars));
      }
    }
    this.#takeOther(decoder.decode(bytes.subarray(start, end)));
  }

  #findId(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array, hint: number): number {
    if (start + hint + 26 <= end && startsWith(bytes, start + hint, prefix)) return start + hint;
    return indexOf(bytes, start, end, prefix);
  }

  #takeAck(counter: number): void {
    if (counter !== this.acked) {
      this.#blame(`ack of message ${counter} came when ${this.acked} was next`);
    }
    this.acked += 1;
    this.justAcked += 1;
    this.onLatency?.(this.#now - (this.#sentAt[counter % underWayMax] ?? 0));
  }

  #takeCopy(counter: number): void {
    if (counter !== this.copies) {
      this.#blame(`copy of message ${counter} came when ${this.copies} was next`);
    }
    this.copies += 1;
  }

  #takeOther(text: string): void {
    const answer = this.#o.wire.answer(text);
    if (answer !== undefined) return this.socket.send(answer);
    if (!text.startsWith("{")) return;
    const frame = JSON.parse(text);
    if (frame.type === "refused") {
      this.refused += 1;
      this.#blame(`refused: ${text}`);
    } else if (frame.type === "ack" || (frame.type === "entry" && frame.entry.kind === "message")) {
      this.#blame(`not understood: ${text}`);
    }
  }

  #blame(what: string): void {
    if (this.#o.strict) throw new Error(`The server is at fault: ${what}`);
  }
}

function startsWith(bytes: Uint8Array, at: number, start: Uint8Array): boolean {
  for (let i = 0; i < start.length; i++) if (bytes[at + i] !== start[i]) return false;
  return true;
}

function indexOf(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): number {
  const last = end - wanted.length;
  for (let at = start; at <= last; at++) if (startsWith(bytes, at, wanted)) return at;
  return -1;
}
