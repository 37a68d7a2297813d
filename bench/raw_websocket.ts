import { closeSocket, connectLoopback, readSocket, tryWriteSocket, writeSocket } from "./libc.ts";
import {
  clientFrame,
  opcodes,
  serverHeaderBytes,
  serverOpcode,
  serverPayloadBytes,
  upgradeRequest,
} from "./websocket_frame.ts";

/** Takes one text message: the bytes from start to end, valid until it returns. */
export type TakeText = (bytes: Uint8Array<ArrayBuffer>, start: number, end: number) => void;

/** The server ended this WebSocket. */
export class SocketClosed extends Error {
  override readonly name = "SocketClosed";
}

/** Every read goes through this one buffer: reads are synchronous, one after the other. */
const readBytesMax = 256 * 1024;
/** One byte more than is read: takers of text may put a sentinel behind it. */
const buffer = new Uint8Array(readBytesMax + 1);
const readable = buffer.subarray(0, readBytesMax);
const decoder = new TextDecoder();

/** A WebSocket on a blocking TCP socket, the client's side. Answers pings by itself. */
export class RawWebSocket {
  readonly fd: number;
  /** Start of a frame whose end is not here yet. */
  #rest: Uint8Array<ArrayBuffer> | undefined;

  private constructor(fd: number, rest: Uint8Array<ArrayBuffer> | undefined) {
    this.fd = fd;
    this.#rest = rest;
  }

  /** Connects to 127.0.0.1 and upgrades, from `source` when given. */
  static open(port: number, path: string, source?: string): RawWebSocket {
    const fd = connectLoopback(port, source);
    const request = upgradeRequest(path);
    writeSocket(fd, request, request.length);
    let end = 0;
    for (;;) {
      const bytes = readSocket(fd, readable.subarray(end));
      if (bytes <= 0) throw new SocketClosed(`Cannot open ${path}: the server hung up`);
      end += bytes;
      const head = decoder.decode(buffer.subarray(0, end));
      const headEnd = head.indexOf("\r\n\r\n");
      if (headEnd < 0) continue;
      if (!head.startsWith("HTTP/1.1 101")) {
        throw new SocketClosed(`Cannot open ${path}: ${head.slice(0, 300)}`);
      }
      const rest = headEnd + 4 < end ? buffer.slice(headEnd + 4, end) : undefined;
      return new RawWebSocket(fd, rest);
    }
  }

  send(text: string): void {
    this.write(clientFrame(text));
  }

  /** Sends the first `bytes` of ready-made frames. */
  write(frames: Uint8Array<ArrayBuffer>, bytes = frames.length): void {
    writeSocket(this.fd, frames, bytes);
  }

  /** Like write, but gives up and returns false when the server does not read. */
  tryWrite(frames: Uint8Array<ArrayBuffer>, bytes: number): boolean {
    return tryWriteSocket(this.fd, frames, bytes);
  }

  /** Reads once, waiting if need be, and hands over every whole text message. */
  read(take: TakeText): void {
    let end = 0;
    let into = readable;
    if (this.#rest !== undefined) {
      buffer.set(this.#rest);
      end = this.#rest.length;
      into = readable.subarray(end);
      this.#rest = undefined;
    }
    const bytes = readSocket(this.fd, into);
    if (bytes <= 0) throw new SocketClosed("The server hung up without a close frame, or hangs");
    const used = this.#takeFrames(end + bytes, take);
    if (used < end + bytes) this.#rest = buffer.slice(used, end + bytes);
  }

  /** Sends a frame and reads until `pick` returns something for one that came. For set-up only. */
  exchange<T>(text: string | undefined, pick: (text: string) => T | undefined): T {
    if (text !== undefined) this.send(text);
    let picked: T | undefined;
    const take: TakeText = (bytes, start, end) => {
      for (const line of decoder.decode(bytes.subarray(start, end)).split("\n")) {
        if (line !== "") picked ??= pick(line);
      }
    };
    // What came together with an earlier frame is here already, and no read would bring it.
    if (this.#rest !== undefined) {
      const rest = this.#rest;
      this.#rest = undefined;
      buffer.set(rest);
      const used = this.#takeFrames(rest.length, take);
      if (used < rest.length) this.#rest = buffer.slice(used, rest.length);
    }
    while (picked === undefined) this.read(take);
    return picked;
  }

  close(): void {
    closeSocket(this.fd);
  }

  #takeFrames(end: number, take: TakeText): number {
    let at = 0;
    for (;;) {
      const header = serverHeaderBytes(buffer, at, end);
      if (header === 0) return at;
      const start = at + header;
      const next = start + serverPayloadBytes(buffer, at);
      if (next > end) {
        if (next - at > readBytesMax) throw new Error(`Cannot take a frame of ${next - at} bytes`);
        return at;
      }
      const opcode = serverOpcode(buffer, at);
      if (opcode === opcodes.text) take(buffer, start, next);
      else this.#control(opcode, start, next);
      at = next;
    }
  }

  #control(opcode: number, start: number, end: number): void {
    const payload = buffer.slice(start, end);
    if (opcode === opcodes.ping) {
      this.write(clientFrame(decoder.decode(payload), opcodes.pong));
    } else if (opcode === opcodes.close) {
      const code = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
      const reason = decoder.decode(payload.subarray(2));
      throw new SocketClosed(`The server closed with ${code} ${reason}`);
    }
  }
}
