import { setImmediate } from "node:timers/promises";
import { ConfigCache } from "../../cache/config_cache.ts";
import type { ConfigStore } from "../../cache/config_store.ts";
import { assert } from "../../core/assert.ts";
import type { EngineFrame, Session } from "../../core/event.ts";
import { agentIdSchema, type ChatId, chatIdSchema, type SiteId } from "../../core/ids.ts";
import type { ServerFrame } from "../../core/server_frames.ts";
import type { SiteConfig } from "../../core/site_config.ts";
import type { DiskBudget } from "../../server/disk_budget.ts";
import { Journal } from "../../server/journal.ts";
import type { JournalStore } from "../../server/journal_store.ts";
import { KeyRing } from "../../server/keys.ts";
import type { Log, LogLevel } from "../../server/log.ts";
import { Node } from "../../server/node.ts";
import type { Connection } from "../../server/session_hub.ts";
import { Signer } from "../../server/signer.ts";
import type { SiteSlot } from "../../server/site_slot.ts";
import { FixedIds } from "./fixed_ids.ts";
import { ListeningSocket } from "./listening_socket.ts";
import { MemoryConfigStore } from "./memory_config_store.ts";
import { MemoryJournalStore } from "./memory_journal_store.ts";
import { benchConfig } from "./site_bench.ts";
import { settled, VirtualClock } from "./virtual_clock.ts";

/** Keys of tests: the same at every run. */
export const benchKeys = new KeyRing([{ keyId: "k1", secret: new Uint8Array(32).fill(7) }]);

/** What differs from one site "acme" on a store in memory. */
export interface NodeBenchOptions<Store> {
  readonly configs?: readonly SiteConfig[];
  readonly store?: Store;
  readonly unsavedLogBytesMax?: number;
  readonly clock?: VirtualClock;
  readonly configStore?: ConfigStore;
  readonly disk?: DiskBudget;
}

/** One real node on virtual time, with connections that end in memory. */
export class NodeBench<Store extends JournalStore = MemoryJournalStore> {
  readonly node: Node;
  readonly journal: Journal;
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly configs: ConfigCache;
  readonly signer = new Signer(benchKeys);
  readonly ids = new FixedIds();
  /** Names of what was logged. */
  readonly logged: string[] = [];

  private constructor(store: Store, configs: ConfigCache, options: NodeBenchOptions<Store>) {
    const unsavedLogBytesMax = options.unsavedLogBytesMax ?? 64 * 2 ** 20;
    this.store = store;
    this.configs = configs;
    this.clock = options.clock ?? new VirtualClock();
    this.journal = new Journal(store, {
      unsavedLogBytes: Math.min(unsavedLogBytesMax, 8 * 2 ** 20),
      unsavedLogBytesMax,
    });
    const { journal, signer, clock, log } = this;
    const { disk } = options;
    this.node = new Node({
      ...{ journal, configs, signer, clock, log },
      ...(disk === undefined ? {} : { disk }),
    });
  }

  /** A started node on a store in memory. */
  static start(options: NodeBenchOptions<MemoryJournalStore> = {}): Promise<NodeBench> {
    return NodeBench.startOn(options.store ?? new MemoryJournalStore(), options);
  }

  /** A started node on this store. */
  static async startOn<Store extends JournalStore>(
    store: Store,
    options: NodeBenchOptions<Store> = {},
  ): Promise<NodeBench<Store>> {
    const clock = options.clock ?? new VirtualClock();
    const configStore = options.configStore ?? new MemoryConfigStore();
    const configs = await ConfigCache.open(configStore, { now: () => clock.now() });
    for (const config of options.configs ?? [benchConfig({ mode: "manual" })]) {
      await configs.put(config);
    }
    const bench = new NodeBench(store, configs, { ...options, clock });
    await bench.node.start();
    await bench.idle();
    return bench;
  }

  get log(): Log {
    return {
      write: (_: LogLevel, event: string) => void this.logged.push(event),
    };
  }

  slot(siteId = "acme"): SiteSlot {
    const slot = this.node.slot(siteId as SiteId); // ids of tests are well-formed
    assert(slot !== undefined, `Site "${siteId}" is configured`);
    return slot;
  }

  /** A visitor's connection that said hello. */
  visitor(siteId = "acme"): NodePage {
    const visitorId = this.ids.visitor();
    return this.connect({ type: "visitor", visitorId, visitId: "visit-1" }, siteId);
  }

  /** An agent's connection that said hello. */
  agent(agentId: string, siteId = "acme"): NodePage {
    return this.connect({ type: "agent", agentId: agentIdSchema.parse(agentId) }, siteId);
  }

  /** A new connection of a session that said hello. */
  connect(session: Session, siteId = "acme"): NodePage {
    const socket = new ListeningSocket();
    const slot = this.slot(siteId);
    const connection = this.node.hub.add(slot, socket, {
      now: this.clock.monotonic(),
      gone() {},
    });
    connection.session = session;
    this.node.post(slot, {
      type: "connected",
      connection: connection.no,
      session,
      hello: {
        type: "hello",
        protocol: 1,
        token: "checked by the edge",
        connectionId: this.ids.connection(),
        term: 1,
        chats: {},
        unacked: 0,
      },
    });
    return new NodePage(this.node, connection, socket, this.ids);
  }

  /** Everything posted is decided, written and sent. Virtual time passes while the loop gathers. */
  async idle(): Promise<void> {
    let idle = false;
    await settled();
    void this.node.loop.idle().then(() => idle = true);
    while (!idle) {
      await this.clock.advance(1);
      await setImmediate();
    }
    await settled();
  }

  /** Goes on until something was sent to the socket or it was closed: tokens are read elsewhere. */
  async answered(socket: ListeningSocket): Promise<void> {
    while (socket.messages.length === 0 && socket.closedWith === undefined) {
      await setImmediate();
      await this.idle();
    }
  }

  /** Stops without a farewell: what is on the store stays as it is. */
  stop(): void {
    this.node.stop();
  }
}

/** One connection of a session at a node. */
export class NodePage {
  readonly connection: Connection;
  readonly socket: ListeningSocket;
  readonly #node: Node;
  readonly #ids: FixedIds;

  constructor(node: Node, connection: Connection, socket: ListeningSocket, ids: FixedIds) {
    this.#node = node;
    this.connection = connection;
    this.socket = socket;
    this.#ids = ids;
  }

  send(frame: EngineFrame): void {
    const { slot, no } = this.connection;
    this.#node.post(slot, { type: "frame_received", connection: no, frame });
  }

  requestChat(): ChatId {
    const commandId = this.#ids.command();
    this.send({ type: "request_chat", commandId });
    return chatIdSchema.parse(commandId);
  }

  post(chatId: ChatId, text: string, messageId = this.#ids.message()): void {
    this.send({ type: "post_message", chatId, messageId, text });
  }

  /** Frames that came since the last look. */
  take(): ServerFrame[] {
    return this.socket.take();
  }

  /** Their types, refusals with their code. */
  takeTypes(): string[] {
    return this.take().map((frame) => frame.type === "refused" ? frame.code : frame.type);
  }
}
