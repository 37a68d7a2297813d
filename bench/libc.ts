/**
 * Blocking TCP sockets and epoll of Linux, called straight from JavaScript: a load generator slower
 * than its server measures itself. CPU per message against peer_deno.ts, W=1 and W=8 (2026-11-23):
 * this 12.4 and 10.7 us, four fifths of it in the kernel; Deno.connect 15.3 and 11.6; node:net on
 * Node 18.3 and 12.1. Several processes would share the same core. Sizes are declared as 32 bits as
 * the 64-bit types leave Deno's fast call path (0.2 us against 0.6 us a call).
 */
const libc = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  ppoll: { parameters: ["buffer", "u32", "buffer", "pointer"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
});
const { recv, send, epoll_wait, ppoll } = libc.symbols;

const afInet = 2;
const sockStream = 1;
const ipprotoTcp = 6;
const tcpNodelay = 1;
const solSocket = 1;
const soRcvtimeo = 20;
const soSndtimeo = 21;
const msgDontwait = 0x40;
const msgNosignal = 0x4000;
const epollCtlAdd = 1;
const epollCtlDel = 2;
const epollIn = 1;

/** Longest wait for one blocking read or write, so that a hanging server fails the run. */
const blockedSecondsMax = 10;

/** Opens a blocking connection to 127.0.0.1, from `source` (in 127.0.0.0/8) when given. */
export function connectLoopback(port: number, source?: string): number {
  const fd = libc.symbols.socket(afInet, sockStream, 0);
  if (fd < 0) throw failure("socket");
  const timeout = new Uint8Array(new BigInt64Array([BigInt(blockedSecondsMax), 0n]).buffer);
  libc.symbols.setsockopt(fd, solSocket, soRcvtimeo, timeout, 16);
  libc.symbols.setsockopt(fd, solSocket, soSndtimeo, timeout, 16);
  libc.symbols.setsockopt(fd, ipprotoTcp, tcpNodelay, new Uint8Array([1, 0, 0, 0]), 4);
  if (source !== undefined && libc.symbols.bind(fd, address(source, 0), 16) < 0) {
    throw failure(`bind to ${source}`);
  }
  if (libc.symbols.connect(fd, address("127.0.0.1", port), 16) < 0) {
    throw failure(`connect to port ${port}`);
  }
  return fd;
}

/** Reads what is there, or waits: 0 when the other side closed, -1 when it reset or hangs. */
export function readSocket(fd: number, into: Uint8Array<ArrayBuffer>): number {
  return recv(fd, into, into.length, 0);
}

/** Writes the first `bytes` of the buffer, all of them. */
export function writeSocket(fd: number, buffer: Uint8Array<ArrayBuffer>, bytes: number): void {
  let sent = send(fd, buffer, bytes, msgNosignal);
  while (sent < bytes) {
    if (sent < 0) throw failure("send");
    const more = send(fd, buffer.subarray(sent), bytes - sent, msgNosignal);
    if (more < 0) throw failure("send");
    sent += more;
  }
}

/** Like writeSocket, but writes nothing and returns false when the socket's buffer is full. */
export function tryWriteSocket(
  fd: number,
  buffer: Uint8Array<ArrayBuffer>,
  bytes: number,
): boolean {
  const sent = send(fd, buffer, bytes, msgNosignal | msgDontwait);
  if (sent < 0) return false;
  if (sent < bytes) writeSocket(fd, buffer.slice(sent, bytes), bytes - sent);
  return true;
}

export function closeSocket(fd: number): void {
  libc.symbols.close(fd);
}

/** Says which of many sockets can be read. Level-triggered. */
export class Epoll {
  readonly #fd = libc.symbols.epoll_create1(0);
  // struct epoll_event is packed on x86_64 only: uint32 events, then 64 bits of our own.
  readonly #stride = Deno.build.arch === "x86_64" ? 3 : 4;
  readonly #ownAt = Deno.build.arch === "x86_64" ? 1 : 2;
  readonly #events = new Int32Array(512 * this.#stride);
  readonly #eventBytes = new Uint8Array(this.#events.buffer);
  readonly #pollfd = new Int32Array([this.#fd, epollIn]);
  readonly #pollfdBytes = new Uint8Array(this.#pollfd.buffer);
  readonly #timespec = new BigInt64Array(2);
  readonly #timespecBytes = new Uint8Array(this.#timespec.buffer);

  /** Watches the socket; `index` comes back from `ready`. */
  add(fd: number, index: number): void {
    const event = new Int32Array(4);
    event[0] = epollIn;
    event[this.#ownAt] = index;
    const bytes = new Uint8Array(event.buffer);
    if (libc.symbols.epoll_ctl(this.#fd, epollCtlAdd, fd, bytes) < 0) throw failure("epoll_ctl");
  }

  remove(fd: number): void {
    libc.symbols.epoll_ctl(this.#fd, epollCtlDel, fd, new Uint8Array(16));
  }

  /** Waits until a socket is readable or the time is over; returns how many are. */
  wait(timeoutMs: number): number {
    return Math.max(0, epoll_wait(this.#fd, this.#eventBytes, 512, timeoutMs));
  }

  /** Like wait, with a time-out finer than a millisecond, at the price of a second system call. */
  waitFine(timeoutMs: number): number {
    if (timeoutMs > 0) {
      const ns = Math.min(timeoutMs, 1_000) * 1e6;
      this.#timespec[0] = BigInt(Math.floor(ns / 1e9));
      this.#timespec[1] = BigInt(Math.floor(ns % 1e9));
      ppoll(this.#pollfdBytes, 1, this.#timespecBytes, null);
    }
    return this.wait(0);
  }

  /** The index given to `add` of the i-th readable socket of the last wait. */
  ready(i: number): number {
    return this.#events[i * this.#stride + this.#ownAt] ?? -1;
  }
}

function address(ip: string, port: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  bytes[0] = afInet;
  bytes[2] = port >> 8;
  bytes[3] = port & 255;
  bytes.set(ip.split(".").map(Number), 4);
  return bytes;
}

function failure(call: string): Error {
  const at = libc.symbols.__errno_location();
  const errno = at === null ? 0 : new Deno.UnsafePointerView(at).getInt32();
  return new Error(`Cannot ${call}: errno ${errno}`);
}
