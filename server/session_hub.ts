import type { Session } from "../core/event.ts";
import { closeCodes, type CloseName } from "../core/close_code.ts";
import type { ConnectionNo } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { ServerFrame } from "../core/server_frames.ts";
import { utf8Bytes } from "../core/utf8.ts";
import type { SiteSlot } from "./site_slot.ts";

/** What the hub needs of a WebSocket. */
export interface Socket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
}

const socketOpen = 1;

/** One socket on this node, from its upgrade to its close. */
export class Connection {
  readonly no: ConnectionNo;
  readonly slot: SiteSlot;
  readonly socket: Socket;
  /** Who it is, from a valid hello on. */
  session: Session | undefined;
  /** Monotonic milliseconds of the last frame from it. */
  heardAt: number;
  /** Frames gathered for it in the batch that is being released. */
  out = "";
  closing = false;
  /** Monotonic milliseconds of the first sweep that found it closing. */
  closeSweptAt: number | undefined;
  /** Called once, when the connection is gone or given up. */
  readonly #onGone: () => void;
  readonly via: Via | undefined;
  #gone = false;

  constructor(no: ConnectionNo, slot: SiteSlot, socket: Socket, on: HubEvents) {
    this.no = no;
    this.#onGone = on.gone;
    this.slot = slot;
    this.socket = socket;
    this.heardAt = on.now;
    this.via = on.via;
  }

  /** It is gone, or as good as gone; a second time changes nothing. */
  gone(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#onGone();
  }
}

/** The listener that a socket came through. */
export interface Via {
  /** It takes no new sockets, as another has its place. */
  readonly isRetiring: boolean;
}

/** What the owner of a socket wants to know, and the monotonic time of its opening. */
export interface HubEvents {
  readonly now: number;
  readonly via?: Via | undefined;
  gone(): void;
}

/** A peer that reads nothing does not answer a close either; after this long it is given up. */
const closeMsMax = 5_000;

/**
 * Whether the text on top of what waits is more than may wait; counts bytes only when it matters.
 */
function isOver(waiting: number, text: string): boolean {
  if (waiting + text.length * 3 <= limits.sendQueueBytesMax) return false;
  return waiting + utf8Bytes(text) > limits.sendQueueBytesMax;
}

/** Characters that one WebSocket message gathers before the next is begun. */
const messageCharsMax = 48 * 1024;

/**
 * All sockets of the node. Frames of one release go out as one WebSocket message per connection, a
 * line each. A connection whose unsent bytes exceed the cap is told to reconnect; nothing is
 * skipped. [CN6]
 */
export class SessionHub {
  readonly #connections = new Map<ConnectionNo, Connection>();
  #lastNo = 0;
  #dirty: Connection[] = [];
  readonly #lingering = new Set<Connection>();
  sentMessages = 0;
  sentFrames = 0;
  slowConsumers = 0;

  /** Connections, and sockets that were given up but whose peer still holds them. */
  get size(): number {
    return this.#connections.size + this.#lingering.size;
  }

  add(slot: SiteSlot, socket: Socket, on: HubEvents): Connection {
    this.#lastNo += 1;
    // The hub alone makes these numbers.
    const connection = new Connection(this.#lastNo as ConnectionNo, slot, socket, on);
    this.#connections.set(connection.no, connection);
    return connection;
  }

  /** The socket is closed. */
  remove(connection: Connection): void {
    this.#connections.delete(connection.no);
    this.#lingering.delete(connection);
    connection.gone();
  }

  get(no: ConnectionNo): Connection | undefined {
    return this.#connections.get(no);
  }

  [Symbol.iterator](): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** Gathers a frame for each of these connections; flush() sends. */
  gather(to: readonly ConnectionNo[], text: string): void {
    for (const no of to) {
      const connection = this.#connections.get(no);
      if (connection !== undefined) this.#gatherOne(connection, text);
    }
  }

  gatherFor(no: ConnectionNo, text: string): void {
    const connection = this.#connections.get(no);
    if (connection !== undefined) this.#gatherOne(connection, text);
  }

  #gatherOne(connection: Connection, text: string): void {
    this.sentFrames += 1;
    if (connection.out === "") {
      connection.out = text;
      this.#dirty.push(connection);
      return;
    }
    if (connection.out.length + text.length > messageCharsMax) {
      this.#send(connection, connection.out);
      connection.out = text;
    } else connection.out += "\n" + text;
  }

  /** Sends what was gathered. */
  flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const connection of dirty) {
      const text = connection.out;
      connection.out = "";
      if (text !== "") this.#send(connection, text);
    }
  }

  /** Sends one frame at once: for answers that no commit stands behind. */
  sendNow(connection: Connection, frame: ServerFrame): void {
    this.sentFrames += 1;
    this.#send(connection, JSON.stringify(frame));
  }

  #send(connection: Connection, text: string): void {
    const { socket } = connection;
    if (socket.readyState !== socketOpen || connection.closing) return;
    if (isOver(socket.bufferedAmount, text)) {
      this.slowConsumers += 1;
      this.close(connection, "slow_consumer");
      return;
    }
    this.sentMessages += 1;
    socket.send(text);
  }

  /** Sends what is gathered for the connection and closes it with this code. */
  close(connection: Connection, name: CloseName): void {
    if (connection.closing) return;
    if (connection.out !== "" && name !== "slow_consumer") {
      const text = connection.out;
      connection.out = "";
      this.#send(connection, text);
    }
    connection.closing = true;
    if (connection.socket.readyState <= socketOpen) {
      connection.socket.close(closeCodes[name].code, name);
    }
  }

  /** Closes connections that were silent for too long, and gives up those that do not close. */
  sweep(now: number): void {
    for (const connection of this.#connections.values()) {
      if (connection.closing) {
        this.#giveUp(connection, now);
        continue;
      }
      const allowed = connection.session === undefined ? limits.helloMsMax : limits.silenceMsMax;
      if (now - connection.heardAt <= allowed) continue;
      this.close(connection, connection.session === undefined ? "hello_timeout" : "silent");
    }
  }

  #giveUp(connection: Connection, now: number): void {
    connection.closeSweptAt ??= now;
    if (now - connection.closeSweptAt < closeMsMax) return;
    this.#connections.delete(connection.no);
    this.#lingering.add(connection);
    connection.gone();
  }
}
