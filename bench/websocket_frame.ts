/** WebSocket by hand (RFC 6455), the client's side, just what a load generator needs. */

export const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** The request that turns a TCP connection into a WebSocket. The key is fixed: nobody checks it. */
export function upgradeRequest(path: string): Uint8Array<ArrayBuffer> {
  return encoded(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
}

/** One final client frame. Its mask key is 0, so the payload stands in it as it is. */
export function clientFrame(payload: string, opcode: number = opcodes.text) {
  const body = encoded(payload);
  const headerBytes = clientHeaderBytes(body.length);
  const frame = new Uint8Array(headerBytes + body.length);
  frame[0] = 0x80 | opcode;
  if (body.length < 126) {
    frame[1] = 0x80 | body.length;
  } else {
    frame[1] = 0x80 | 126;
    frame[2] = body.length >> 8;
    frame[3] = body.length & 255;
  }
  frame.set(body, headerBytes);
  return frame;
}

/** Bytes before the payload of a client frame: two, the long length if needed, the mask key. */
export function clientHeaderBytes(payloadBytes: number): number {
  if (payloadBytes > 0xffff) throw new Error(`Cannot frame ${payloadBytes} bytes: 65535 at most`);
  return payloadBytes < 126 ? 6 : 8;
}

/** Bytes in front of the payload of a server frame, or 0 when fewer than that are here yet. */
export function serverHeaderBytes(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 2) return 0;
  const length = byteAt(bytes, at + 1) & 127;
  const header = length < 126 ? 2 : length === 126 ? 4 : 10;
  return end - at < header ? 0 : header;
}

/** Length of a server frame's payload; its header must be complete. */
export function serverPayloadBytes(bytes: Uint8Array, at: number): number {
  const length = byteAt(bytes, at + 1) & 127;
  if (length < 126) return length;
  if (length === 126) return (byteAt(bytes, at + 2) << 8) | byteAt(bytes, at + 3);
  let long = 0;
  for (let i = 2; i < 10; i++) long = long * 256 + byteAt(bytes, at + i);
  return long;
}

/** Opcode of the frame. Refuses one that is not final: neither Deno nor ws splits messages. */
export function serverOpcode(bytes: Uint8Array, at: number): number {
  const first = byteAt(bytes, at);
  if ((first & 0x80) === 0) throw new Error("Cannot read a message split into several frames");
  return first & 15;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
