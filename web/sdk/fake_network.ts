import type { AgentId, ConnectionId, VisitorId } from "../../core/ids.ts";
import { assert } from "./assert.ts";
import { ChatClient } from "./chat_client.ts";
import type { ClientEffect, ClientHappening } from "./client_event.ts";
import { type FakePeer, FakeServer } from "./fake_server.ts";
import type { ClientFrame, ServerFrame } from "./frame.ts";
import type { Holder } from "./holder.ts";
import { createIdMint, type IdMint } from "./ids.ts";
import { limits } from "./limits.ts";
import { type ClientStorage, memoryStorage } from "./storage.ts";
import type { Vector } from "./vector.ts";

/** A visitor or agent for tests. */
export function visitor(no = 1): Holder {
  // Born here for tests; a ULID in form.
  return { type: "visitor", id: `01V${String(no).padStart(23, "0")}` as VisitorId };
}

/** An agent for tests. */
export function agent(name = "ana"): Holder {
  // Born here for tests.
  return { type: "agent", id: name as AgentId };
}

/** Ids that count, and sort as they are made. */
export function countingIds(): IdMint {
  let count = 0;
  return createIdMint(() => `01M${String(++count).padStart(23, "0")}`);
}

interface Link {
  readonly socketNo: number;
  readonly peer: FakePeer;
  readonly toServer: string[];
  readonly toPage: string[];
  /** Half-dead: what is sent vanishes, and nobody is told. */
  dead: boolean;
  opened: boolean;
}

/** One page: a ChatClient, the storage of its browser, and its link to the server. */
export class FakePage {
  readonly client: ChatClient;
  readonly holder: Holder;
  readonly storage: ClientStorage;
  readonly ids: IdMint;
  readonly #network: FakeNetwork;
  readonly sent: ClientFrame[] = [];
  link: Link | undefined;
  wakeAt: number | undefined;
  gone = false;

  constructor(
    network: FakeNetwork,
    { holder, storage }: { holder: Holder; storage: ClientStorage },
  ) {
    this.#network = network;
    this.holder = holder;
    this.storage = storage;
    this.ids = network.ids;
    const connectionId: ConnectionId = this.ids.connectionId();
    this.client = new ChatClient({ holder, connectionId });
  }

  /** Hands an event in and carries its effects out. */
  handle(happening: ClientHappening): void {
    if (this.gone) return;
    const { now, random } = this.#network;
    const effects = this.client.handle({ ...happening, now, random: random() });
    for (const effect of effects) this.#run(effect);
  }

  /** The tab is closed: nothing of it stays but its storage. */
  close(): void {
    this.gone = true;
    this.drop({ told: false });
  }

  /** The connection is lost with all that was under way; the page may not be told. */
  drop({ told, code = 1006 }: { told: boolean; code?: number }): void {
    const { link } = this;
    if (link === undefined) return;
    this.link = undefined;
    this.#network.server.disconnect(link.peer);
    if (told) this.handle({ type: "socket_closed", socketNo: link.socketNo, code });
    else this.link = { ...link, dead: true, toServer: [], toPage: [] };
  }

  /** Moves one message over the link, or opens it; false when nothing was under way. */
  deliver(side: "toServer" | "toPage"): boolean {
    const { link } = this;
    if (link === undefined || link.dead || this.gone) return false;
    if (!link.opened) {
      link.opened = true;
      this.handle({ type: "socket_opened", socketNo: link.socketNo });
      return true;
    }
    const text = link[side].shift();
    if (text === undefined) return false;
    if (side === "toPage") {
      this.handle({ type: "socket_received", socketNo: link.socketNo, text });
    } else this.#network.serve(link.peer, text);
    return true;
  }

  #run(effect: ClientEffect): void {
    switch (effect.type) {
      case "open_socket":
        this.link = this.#open(effect.socketNo);
        return;
      case "close_socket":
        if (this.link !== undefined) this.#network.server.disconnect(this.link.peer);
        this.link = undefined;
        return;
      case "send":
        // What this page just wrote with JSON.stringify.
        this.sent.push(JSON.parse(effect.text) as ClientFrame);
        this.link?.toServer.push(effect.text);
        return;
      case "store":
        this.storage.set(effect.id, effect.text);
        return;
      case "forget":
        return this.storage.remove(effect.id);
      case "read_storage": {
        const keys = this.storage.keys("");
        const records = keys.map((id) => ({ id, text: this.storage.get(id) ?? "" }));
        return this.handle({ type: "storage_read", records });
      }
      case "wake_at":
        this.wakeAt = effect.at;
        return;
      case "changed":
        return;
    }
  }

  #open(socketNo: number): Link {
    const toPage: string[] = [];
    const peer: FakePeer = {
      holder: this.holder,
      send: (frame: ServerFrame) => toPage.push(JSON.stringify(frame)),
      close: (code) => this.drop({ told: true, code }),
    };
    return { socketNo, peer, toServer: [], toPage, dead: false, opened: false };
  }
}

/** Pages and a fake server on a virtual clock. Nothing moves unless a test moves it. */
export class FakeNetwork {
  readonly server = new FakeServer();
  readonly pages: FakePage[] = [];
  readonly ids = countingIds();
  readonly random: () => number;
  now = 1_700_000_000_000;

  constructor({ random = () => 0.5 }: { random?: () => number } = {}) {
    this.random = random;
  }

  /** Opens a page and starts it. Tabs of one browser are given the same storage. */
  open(holder: Holder, storage: ClientStorage = memoryStorage()): FakePage {
    const page = new FakePage(this, { holder, storage });
    this.pages.push(page);
    page.handle({ type: "start", token: "token" });
    return page;
  }

  /** What arrived at the server; every frame of the SDK has to keep the wire's limits. */
  serve(peer: FakePeer, text: string): void {
    assert(new TextEncoder().encode(text).length <= limits.frameBytesMax, "a frame is too big");
    // What FakePage wrote with JSON.stringify; the compiler has held it against the wire's types.
    const frame = JSON.parse(text) as ClientFrame;
    assertSendable(frame);
    this.server.receive(peer, frame, this.now);
  }

  /** Delivers until nothing is under way. */
  settle(): void {
    let busy = true;
    for (let round = 0; busy; round++) {
      assert(round < 10_000, "the network does not come to rest");
      busy = false;
      for (const page of this.pages) {
        while (page.deliver("toServer")) busy = true;
        while (page.deliver("toPage")) busy = true;
      }
    }
  }

  /** Lets time pass, waking every page whenever it wanted to be woken, and settles. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (let wakes = 0;; wakes++) {
      assert(wakes < 100_000, "a page wants to be woken again and again");
      const next = this.pages.filter(({ gone, wakeAt }) => !gone && (wakeAt ?? Infinity) <= end)
        .sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0))[0];
      if (next === undefined) break;
      this.now = Math.max(this.now, next.wakeAt ?? 0);
      next.handle({ type: "woke" });
      this.settle();
    }
    this.now = end;
    this.settle();
  }
}

/** The limits of the wire that types cannot state. */
function assertSendable(frame: ClientFrame): void {
  if (frame.type === "hello" || frame.type === "heartbeat") {
    const vectors = Object.values(frame.chats);
    assert(vectors.length <= limits.chatsPerHelloMax, "too many chats");
    for (const vector of vectors) assertVector(vector);
  }
  if (frame.type === "get_entries") {
    assertVector(frame.have);
    assert(frame.before === undefined || Number.isInteger(frame.before), "`before` is an integer");
  }
  if (frame.type !== "upload_entries") return;
  assert(frame.entries.length > 0, "an upload is never empty");
  assert(frame.entries.length <= limits.pageEntriesMax, "an upload is too long");
  for (const { n, order, at } of frame.entries) {
    assert([n, order, at].every((value) => Number.isInteger(value)), "numbers are integers");
  }
}

function assertVector(vector: Vector): void {
  const numbers = Object.values(vector);
  assert(numbers.length <= limits.vectorStreamsMax, "too many streams");
  assert(numbers.every((n) => Number.isInteger(n) && n >= 0), "n is an integer");
}
