import type { SiteId } from "../../core/ids.ts";
import { ChatSession } from "../../web/sdk/chat_session.ts";
import type { ClientSnapshot } from "../../web/sdk/snapshot.ts";
import type { Holder } from "../../web/sdk/holder.ts";
import { createIdMint } from "../../web/sdk/ids.ts";
import type { Socket, SocketEvents } from "../../web/sdk/socket.ts";
import type { ClientStorage } from "../../web/sdk/storage.ts";
import type { LinkShape } from "./direction.ts";
import { Desk } from "./desk.ts";
import type { Link } from "./link.ts";
import type { ShownChat, ShownPage } from "./shown_page.ts";
import type { Stage } from "./stage.ts";
import { epoch } from "./virtual_clock.ts";

const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** What a page connects by. */
export interface Network {
  readonly stage: Stage;
  /** A new connection to the node of the page's site. */
  link(page: Page, no: number, events: SocketEvents): Link;
}

/** What a page is opened with. */
export interface PageOptions {
  readonly name: string;
  readonly siteId: SiteId;
  readonly holder: Holder;
  readonly storage: ClientStorage;
  readonly token: string;
}

/** One page in a browser: the SDK's session, on the world's clock and network. */
export class Page implements ShownPage {
  readonly name: string;
  readonly siteId: SiteId;
  readonly holder: Holder;
  readonly session: ChatSession;
  /** What it does beside the session, on the same socket. */
  readonly desk: Desk;
  readonly openedAt: number;
  gone = false;
  /** When its person last told it to connect. */
  startedAt = 0;
  /** The link of its newest socket. */
  link: Link | undefined;
  /** Changed since the checker last looked. */
  dirty = true;
  /** Of its links from here on, when it is not as everybody's. */
  shape: LinkShape | undefined;
  /** Ids that the mint gives out before any of its own: a page that means mischief. */
  readonly forcedIds: string[] = [];
  /** For the checker: what it showed, by chat. */
  readonly shown = new Map<string, ShownChat>();
  readonly #world: Network;
  readonly #token: string;
  #ids = 0;
  #links = 0;
  #socket: Socket | undefined;
  #aheadMs = 0;
  /** What came up while it sleeps. */
  #slept: (() => void)[] | undefined;

  constructor(world: Network, options: PageOptions) {
    this.#world = world;
    this.name = options.name;
    this.siteId = options.siteId;
    this.holder = options.holder;
    this.#token = options.token;
    this.openedAt = world.stage.clock.now;
    const { clock, random } = world.stage;
    this.desk = new Desk({
      holder: options.holder,
      send: (frame) => this.#socket?.send(JSON.stringify(frame)),
      after: (ms, run) => void clock.after(ms, () => this.#run(run)),
    });
    this.session = new ChatSession({
      server: "http://world.test",
      siteId: options.siteId,
      holder: options.holder,
      storage: options.storage,
      now: () => this.#now(),
      random: () => random.next(),
      setTimer: (run, ms) => clock.after(ms, () => this.#run(run)),
      ids: createIdMint(() => this.forcedIds.shift() ?? this.#nextId()),
      openSocket: (_url, events) => this.#open(events),
    });
    this.session.subscribe(() => void (this.dirty = true));
  }

  #open(events: SocketEvents): Socket {
    const { clock, trace } = this.#world.stage;
    this.#links += 1;
    const link = this.#world.link(this, this.#links, {
      opened: () => this.#run(() => events.opened()),
      received: (text) =>
        this.#run(() => {
          if (this.link === link) this.desk.hear(text);
          events.received(text);
        }),
      closed: (code) =>
        this.#run(() => {
          if (this.link === link) this.desk.closed();
          trace.add(clock.now, `${this.name}#${link.no} hears that it is closed: ${code}`);
          events.closed(code);
        }),
    });
    this.link = link;
    this.desk.closed();
    const socket = link.open();
    this.#socket = socket;
    return {
      send: (text) => socket.send(text),
      close: () => {
        if (this.link === link) this.desk.closed();
        socket.close();
      },
    };
  }

  /** The device sleeps: nothing happens in the page until it wakes. */
  sleep(): void {
    this.#slept ??= [];
  }

  /** Goes on, on a clock that went on meanwhile or, as some do, stood still. */
  wake({ aheadMs }: { readonly aheadMs: number }): void {
    const slept = this.#slept ?? [];
    this.#slept = undefined;
    this.#aheadMs += aheadMs;
    for (const run of slept) this.#run(run);
  }

  #run(happen: () => void): void {
    if (this.gone) return;
    if (this.#slept === undefined) happen();
    else this.#slept.push(happen);
  }

  #now(): number {
    return epoch + this.#world.stage.clock.now + this.#aheadMs;
  }

  /** An id for a command of its desk. */
  mint(): string {
    return this.#nextId();
  }

  start(): void {
    this.startedAt = this.#world.stage.clock.now;
    this.session.start(this.#token);
  }

  get snapshot(): ClientSnapshot {
    return this.session.snapshot();
  }

  get state(): ClientSnapshot["connection"]["state"] {
    return this.snapshot.connection.state;
  }

  /** The page is gone; its socket is closed, or just lost. */
  close({ told }: { readonly told: boolean }): void {
    if (this.gone) return;
    this.gone = true;
    this.#world.stage.trace.add(this.#world.stage.clock.now, `${this.name} is gone`);
    if (told) this.link?.leave();
    else this.link?.halfDie("both");
  }

  #nextId(): string {
    this.#ids += 1;
    let time = this.#now();
    let text = "";
    for (let i = 0; i < 10; i++) {
      text = digits.charAt(time % 32) + text;
      time = Math.floor(time / 32);
    }
    let count = this.#ids;
    let tail = "";
    for (let i = 0; i < 4; i++) {
      tail = digits.charAt(count % 32) + tail;
      count = Math.floor(count / 32);
    }
    text += tail;
    for (let i = 0; i < 12; i++) text += digits.charAt(this.#world.stage.random.between(0, 31));
    return text;
  }
}
