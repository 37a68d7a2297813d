import { createVisitors, greet } from "./chatnode_client.ts";
import { collectGarbage } from "./inspector.ts";
import type { IdleJob, IdleResult, IdleSample } from "./job.ts";
import { Epoll } from "./libc.ts";
import { openBareSocket } from "./pairs.ts";
import { memory } from "./process_usage.ts";
import type { RawWebSocket } from "./raw_websocket.ts";
import { clientFrame } from "./websocket_frame.ts";

/** What the protocol asks of a client. */
const heartbeatMs = 25_000;
const heartbeat = clientFrame('{"type":"heartbeat","chats":{}}');
/** Memory has settled when so many samples in a row, each after a collection, differ by no more. */
const sampleMs = 1_000;
const samplesAlike = 3;
const alikeBytes = 512 * 1024;
const settleMsMax = 60_000;
/** Clients come from 127.0.0.2 … 127.0.0.201: a server may limit what one address holds. */
const sources = 200;

interface IdleSocket {
  readonly socket: RawWebSocket;
  heartbeatAt: number;
}

/** Connects visitors in two steps and measures the server's memory after each. */
export async function runIdle(job: IdleJob): Promise<IdleResult> {
  const crowd = new IdleCrowd(job);
  await crowd.growTo(job.from);
  const before = await crowd.settle();
  await crowd.growTo(job.to);
  return { before, after: await crowd.settle() };
}

/** Connected sockets that do nothing but live: they answer pings and send heartbeats. */
class IdleCrowd {
  readonly #job: IdleJob;
  readonly #epoll = new Epoll();
  readonly #sockets: IdleSocket[] = [];
  /** The next one to send a heartbeat: they do so in the order they came. */
  #turn = 0;

  constructor(job: IdleJob) {
    this.#job = job;
  }

  async growTo(count: number): Promise<void> {
    const { server, port } = this.#job.target;
    const tokens = server === "chatnode"
      ? await createVisitors(port, "bench", count - this.#sockets.length)
      : [];
    for (let index = this.#sockets.length; index < count; index++) {
      const source = `127.0.0.${2 + index % sources}`;
      const socket = server === "chatnode"
        ? greet(port, "/v1/sites/bench/visitor", tokens.shift() ?? "", source)
        : openBareSocket(port, 0, 0, source);
      this.#epoll.add(socket.fd, index);
      this.#sockets.push({ socket, heartbeatAt: performance.now() + heartbeatMs });
      if (index % 100 === 0) this.#live(0);
    }
  }

  /** Waits until the server's memory stays where it is. */
  async settle(): Promise<IdleSample> {
    const startedAt = performance.now();
    const last: number[] = [];
    for (;;) {
      this.#live(sampleMs);
      await collectGarbage(this.#job.target.inspectPort);
      this.#live(sampleMs);
      const { anonymous, rss } = memory(this.#job.target.pid);
      last.push(anonymous);
      if (last.length > samplesAlike) last.shift();
      const settleMs = performance.now() - startedAt;
      const alike = last.length === samplesAlike &&
        Math.max(...last) - Math.min(...last) <= alikeBytes;
      if (alike) return { sockets: this.#sockets.length, anonymous, rss, settleMs };
      if (settleMs > settleMsMax) {
        throw new Error(`Memory did not settle within ${settleMsMax} ms: ${last.join(" ")} bytes`);
      }
    }
  }

  #live(ms: number): void {
    const until = performance.now() + ms;
    do {
      const ready = this.#epoll.wait(Math.min(50, ms));
      // A socket that is closed here throws: an idle visitor must stay connected.
      for (let i = 0; i < ready; i++) {
        this.#sockets[this.#epoll.ready(i)]?.socket.read(ignore);
      }
      this.#sendHeartbeats();
    } while (performance.now() < until);
  }

  #sendHeartbeats(): void {
    const now = performance.now();
    for (;;) {
      const due = this.#sockets[this.#turn % this.#sockets.length];
      if (due === undefined || due.heartbeatAt > now) return;
      due.socket.write(heartbeat);
      due.heartbeatAt = now + heartbeatMs;
      this.#turn += 1;
    }
  }
}

function ignore(): void {}
