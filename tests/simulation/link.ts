import { ChatSocket } from "../../routes/socket.ts";
import type { Socket as ServerSocket } from "../../server/session_hub.ts";
import type { Socket, SocketEvents } from "../../web/sdk/socket.ts";
import { Direction, type LinkShape } from "./direction.ts";
import type { NodeLink, NodeProcess } from "./node_process.ts";
import type { Stage } from "./stage.ts";
import type { LinkOwner, Wire } from "./wire.ts";

/** Until TCP gives up on a peer that does not answer: minutes. */
const tcpTimeoutMs = { min: 60_000, max: 900_000 };

/**
 * One WebSocket between a page and a node, from its upgrade to the last event at either end. Its
 * ends see what real ones see: in order, perhaps late, perhaps never.
 */
export class Link implements Wire, NodeLink {
  readonly owner: LinkOwner;
  readonly process: NodeProcess;
  readonly up: Direction;
  readonly down: Direction;
  /** Frames that the node received on it, by the id that a sender repeats, with their type. */
  readonly asked = new Map<string, string>();
  readonly no: number;
  readonly #stage: Stage;
  readonly #events: SocketEvents;
  readonly #lifeNo: number;
  #page: "opening" | "open" | "over" = "opening";
  #server: "none" | "open" | "closing" | "closed" = "none";
  #chat: ChatSocket | undefined;

  constructor(
    stage: Stage,
    process: NodeProcess,
    owner: LinkOwner,
    { events, shape, no }: { events: SocketEvents; shape: LinkShape; no: number },
  ) {
    this.#stage = stage;
    this.process = process;
    this.owner = owner;
    this.no = no;
    this.#events = events;
    this.#lifeNo = process.lifeNo;
    this.up = new Direction(stage.clock, stage.random, shape);
    this.down = new Direction(stage.clock, stage.random, shape);
  }

  /** Whether both ends believe in it. */
  get alive(): boolean {
    return this.#page === "open" && this.#server === "open" && !this.up.dead && !this.down.dead;
  }

  get pageOver(): boolean {
    return this.#page === "over";
  }

  /** Sends the upgrade. Answers the page's end. */
  open(): Socket {
    const { process } = this;
    process.links.add(this);
    if (process.state === "down") this.up.send(300, () => this.#refused());
    else this.up.send(300, () => process.work(this.#lifeNo, () => this.#upgrade()));
    return {
      send: (text) => {
        if (this.#page !== "open") return;
        this.up.send(text.length, () => process.work(this.#lifeNo, () => this.#received(text)));
      },
      close: () => this.leave(),
    };
  }

  /** The page closes its end, and hears no more. */
  leave(): void {
    if (this.#page === "over") return;
    this.#page = "over";
    this.up.send(0, () => this.#serverClosed());
  }

  /** Both directions end at once; either end is told, sooner or later. */
  cut({ pageMs, serverMs }: { readonly pageMs: number; readonly serverMs: number }): void {
    this.up.dead = true;
    this.down.dead = true;
    this.#stage.clock.after(pageMs, () => this.#pageClosed(1006));
    this.#stage.clock.after(serverMs, () => this.#serverClosed());
  }

  /** One direction delivers nothing any more; TCP notices after minutes. */
  halfDie(direction: "up" | "down" | "both"): void {
    if (direction !== "down") this.up.dead = true;
    if (direction !== "up") this.down.dead = true;
    const { random } = this.#stage;
    const ms = random.between(tcpTimeoutMs.min, tcpTimeoutMs.max);
    this.#stage.clock.after(ms, () => this.cut({ pageMs: 0, serverMs: 0 }));
  }

  /** The process at the other end is gone. */
  nodeDied({ told }: { readonly told: boolean }): void {
    this.#server = "closed";
    this.up.dead = true;
    this.down.dead = true;
    if (!told) return;
    this.#stage.clock.after(this.#stage.random.between(0, 50), () => this.#pageClosed(1006));
  }

  #refused(): void {
    this.down.send(100, () => this.#pageClosed(1006));
    this.process.links.delete(this);
  }

  /** What routes/sockets.ts does at an upgrade. */
  #upgrade(): void {
    const { life, state } = this.process;
    const slot = state === "up" ? life?.node.slot(this.owner.siteId) : undefined;
    if (life === undefined || slot === undefined || slot.state === "failed") return this.#refused();
    this.#server = "open";
    this.#chat = new ChatSocket(life.deps, this.owner.holder.type, slot, this.#serverSocket());
    this.down.send(200, () => {
      if (this.#page !== "opening") return;
      this.#page = "open";
      this.#events.opened();
    });
  }

  #serverSocket(): ServerSocket {
    const states = { none: 0, open: 1, closing: 2, closed: 3 };
    const readyState = () => states[this.#server];
    const bufferedAmount = () => this.down.buffered;
    return {
      get readyState() {
        return readyState();
      },
      get bufferedAmount() {
        return bufferedAmount();
      },
      send: (text) => this.#send(text),
      close: (code, reason) => this.#close(code, reason),
    };
  }

  #send(text: string): void {
    const { checker } = this.#stage;
    checker.sent(this, text);
    const length = text.length;
    this.#stage.trace.add(this.#stage.clock.now, `${this} < ${text.slice(0, 200)} #${length}`);
    this.down.send(length, () => {
      if (this.#page === "open") this.#events.received(text);
    });
  }

  #close(code: number, reason: string): void {
    const { trace, clock, counts, checker, random } = this.#stage;
    trace.add(clock.now, `${this} closed by the node: ${code} ${reason}`);
    counts.add(`closed_${reason}`);
    checker.closed(this, reason);
    this.#server = "closing";
    this.down.send(0, () => {
      this.#pageClosed(code);
      this.up.send(0, () => this.#serverClosed());
    });
    // A peer that does not answer a close keeps the socket until TCP gives up. Deno never ends it
    // itself.
    clock.after(random.between(tcpTimeoutMs.min, tcpTimeoutMs.max), () => this.#serverClosed());
  }

  #received(text: string): void {
    const { trace, clock, checker } = this.#stage;
    if (this.#server !== "open" && this.#server !== "closing") return;
    trace.add(clock.now, `${this} > ${text.slice(0, 200)} #${text.length}`);
    const type = checker.received(this, text);
    this.#chat?.receive(text);
    if (type !== undefined) this.#stage.received(this, type);
  }

  #pageClosed(code: number): void {
    if (this.#page === "over") return;
    this.#page = "over";
    this.#events.closed(code);
  }

  #serverClosed(): void {
    this.process.work(this.#lifeNo, () => {
      if (this.#server === "closed") return;
      const chat = this.#chat;
      this.#server = "closed";
      this.process.links.delete(this);
      if (chat === undefined) return;
      this.#stage.trace.add(this.#stage.clock.now, `${this} is over at the node`);
      chat.closed();
    });
  }

  toString(): string {
    return `${this.owner.pageName}#${this.no}`;
  }
}
