import { ulid } from "ulid";
import type { ConfigCache } from "../cache/config_cache.ts";
import { dayOf } from "../cache/config_store.ts";
import { ConfigDamaged } from "../cache/known_sites.ts";
import { type CloseName } from "../core/close_code.ts";
import type { EngineFrame, Event, Session } from "../core/event.ts";
import type { ChatId, ConnectionNo, SiteId, TenureId, VisitorId } from "../core/ids.ts";
import { Site } from "../core/site.ts";
import type { SiteState } from "../core/site_state.ts";
import { type SiteConfig, siteConfigSchema } from "../core/site_config.ts";
import { refusedFrame } from "../core/turn.ts";
import type { Arrival, Erasure, NeighbourRequest, Transcript } from "../core/outcome.ts";
import type { Decided, Staged } from "./batch.ts";
import type { Clock } from "./clock.ts";
import { closeSpread } from "./close_spread.ts";
import { CommitLoop } from "./commit_loop.ts";
import type { DiskBudget } from "./disk_budget.ts";
import { Encoder } from "./encoder.ts";
import type { Journal } from "./journal.ts";
import { errorFields, type Log } from "./log.ts";
import { OpenQueries } from "./open_queries.ts";
import { askNeighbour, type Neighbours } from "./neighbours.ts";
import { commandOf } from "./refused_command.ts";
import { type Connection, SessionHub } from "./session_hub.ts";
import type { Signer } from "./signer.ts";
import { SiteSlot } from "./site_slot.ts";
import { Wakeups } from "./wakeups.ts";

/** What a node is made of. */
export interface NodeDeps {
  readonly journal: Journal;
  readonly configs: SiteConfigs;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly log: Log;
  /** Without one there is room for everything. */
  readonly disk?: DiskBudget;
  /** Bot, translation and file scan; a request without one counts as failed. */
  readonly neighbours?: Neighbours;
}

/** What a node needs of the configurations. */
export type SiteConfigs = Pick<ConfigCache, "get" | "load" | "onChange" | "noteUse">;

/** Events as callers post them: the node adds the time. */
export type PostedEvent = Event extends infer One ? One extends Event ? Omit<One, "at"> : never
  : never;

/** A second rebuild within this time means that the site cannot be trusted here. */
const rebuildPauseMsMin = 60_000;

/** The site failed here, or its journal could not be read: 503. */
export class SiteUnavailable extends Error {
  override name = "SiteUnavailable";
}

/**
 * One process that serves sites: their engines, the commit loop and the connections. start() reads
 * the journal and mints a tenure for every site in it; sites without a past are activated on first
 * use.
 */
export class Node {
  readonly hub = new SessionHub();
  readonly loop: CommitLoop;
  readonly encoder: Encoder;
  readonly #deps: NodeDeps;
  readonly #slots = new Map<SiteId, SiteSlot>();
  readonly #wakeups: Wakeups;
  readonly #queries = new OpenQueries<Transcript | undefined>();
  readonly #arrivals = new OpenQueries<Arrival>();
  readonly #erasures = new OpenQueries<Erasure>();
  #isStarted = false;
  #stopListening: () => void = () => {};
  rebuilds = 0;
  /** Called before a site is woken: whoever knows that the node stood still has to say so first. */
  beforeWaking: () => void = () => {};

  constructor(deps: NodeDeps) {
    this.#deps = deps;
    this.encoder = new Encoder(deps.signer);
    this.#wakeups = new Wakeups(deps.clock, (siteId) => this.#wake(siteId));
    this.loop = new CommitLoop({
      journal: deps.journal,
      encoder: this.encoder,
      clock: deps.clock,
      log: deps.log,
      isTight: () => deps.disk !== undefined && deps.disk.state !== "normal",
      stateOf: (siteId) => this.#soundState(siteId),
      release: (staged) => this.#release(staged),
      refuse: (decided) => this.#refuse(decided),
      rebuild: (slot) => void this.#rebuild(slot),
      decided: (slot) => this.#wakeups.set(slot.siteId, slot.site.wakeAt),
    });
  }

  /**
   * Reads the journal and serves every site that has a past. Its configurations are read on the
   * way; one that changes meanwhile counts before anything is decided. A site that is not
   * configured (any more) keeps its past and is not served. [CC9]
   */
  async start(): Promise<void> {
    const { journal, configs } = this.#deps;
    await journal.readEnds();
    await journal.recover(
      (siteId) => this.#slots.get(siteId)?.site.state,
      async (siteId) => void this.#slots.set(siteId, await this.#slotToRead(siteId)),
    );
    this.#stopListening = configs.onChange((siteId, config) => this.#configured(siteId, config));
    this.#isStarted = true;
    for (const slot of this.#slots.values()) this.#seat(slot);
  }

  /** A slot to read a site's past into; retired without a configuration that can be read. */
  async #slotToRead(siteId: SiteId): Promise<SiteSlot> {
    const { configs, log } = this.#deps;
    try {
      const config = await configs.load(siteId);
      if (config !== undefined) return new SiteSlot(siteId, new Site(config));
    } catch (error) {
      if (!(error instanceof ConfigDamaged)) throw error;
      log.write("error", "config_damaged", { siteId, ...errorFields(error) });
    }
    const slot = new SiteSlot(siteId, new Site(siteConfigSchema.parse({ siteId, name: siteId })));
    slot.state = "retired";
    return slot;
  }

  /** The past of a site is read: it begins, under the configuration that it has now. */
  #seat(slot: SiteSlot): void {
    const config = this.#readConfig(slot.siteId);
    if (config === undefined) {
      slot.state = "retired";
      return;
    }
    slot.state = "serving";
    slot.isRemoved = false;
    if (config !== slot.site.state.config) slot.site.state.configure(config);
    this.#activate(slot);
  }

  /** The site's configuration as far as it is loaded and can be read. */
  #readConfig(siteId: SiteId): SiteConfig | undefined {
    try {
      return this.#deps.configs.get(siteId);
    } catch (error) {
      if (!(error instanceof ConfigDamaged)) throw error;
      return undefined; // said where it was read first
    }
  }

  /** A site was configured otherwise, or removed. [CC8] */
  #configured(siteId: SiteId, config: SiteConfig | undefined): void {
    const slot = this.#slots.get(siteId);
    if (slot === undefined) return;
    if (config === undefined) return this.#retire(slot);
    slot.isRemoved = false;
    if (slot.state === "retired") this.#seat(slot);
    else if (slot.state !== "failed") this.post(slot, { type: "config_changed", config });
  }

  /**
   * A site was removed: its sockets are closed for good, and once what it decided is on disk, its
   * past is read again and rests, in case that it is made again.
   */
  #retire(slot: SiteSlot): void {
    slot.isRemoved = true;
    this.#deps.log.write("info", "site_removed", { siteId: slot.siteId });
    this.#wakeups.set(slot.siteId, undefined);
    this.#closeAll(slot, "unknown_site");
    if (slot.state !== "retired") this.loop.drop(slot);
  }

  /** The state of a site that is as its journal says; none while it is void. */
  #soundState(siteId: SiteId): SiteState | undefined {
    const slot = this.#slots.get(siteId);
    const isSound = slot?.state === "serving" || slot?.state === "retired";
    return isSound && !slot.tainted ? slot.site.state : undefined;
  }

  /**
   * The slot of a configured site that is loaded, activated if it was not; undefined for a site not
   * known here, and for all until the node has started. [CC9]
   */
  slot(siteId: SiteId): SiteSlot | undefined {
    if (!this.#isStarted) return undefined;
    const slot = this.#slots.get(siteId) ?? this.#newSlot(siteId);
    if (slot?.state === "retired") this.#seat(slot);
    if (slot === undefined || slot.state === "retired" || slot.isRemoved) return undefined;
    const today = dayOf(this.#deps.clock.now());
    if (slot.usedAt !== today) {
      slot.usedAt = today;
      this.#deps.configs.noteUse(siteId);
    }
    return slot;
  }

  #newSlot(siteId: SiteId): SiteSlot | undefined {
    const config = this.#deps.configs.get(siteId);
    if (config === undefined) return undefined;
    const slot = new SiteSlot(siteId, new Site(config));
    this.#slots.set(siteId, slot);
    this.#activate(slot);
    return slot;
  }

  get siteCount(): number {
    return [...this.#slots.values()].filter((slot) => slot.state !== "retired").length;
  }

  /** Sites that failed here and answer 503. */
  failedSites(): SiteId[] {
    return [...this.#slots.values()].filter((slot) => slot.state === "failed")
      .map((slot) => slot.siteId);
  }

  #activate(slot: SiteSlot): void {
    const tenure = ulid() as TenureId; // made here, and a ULID
    this.post(slot, { type: "activated", tenure });
  }

  /**
   * Puts an event into its site's mailbox with the time, which never runs backwards within a site.
   */
  post(slot: SiteSlot, event: PostedEvent): void {
    if (slot.state === "retired") return; // only farewells of its sockets come so late
    const at = Math.max(slot.lastAt, this.#deps.clock.now());
    slot.lastAt = at;
    // `at` is all that a posted event lacks.
    this.loop.post(slot, { ...event, at } as Event);
  }

  /** post() for the most frequent event. */
  postFrame(slot: SiteSlot, connection: ConnectionNo, frame: EngineFrame): void {
    const at = Math.max(slot.lastAt, this.#deps.clock.now());
    slot.lastAt = at;
    this.loop.post(slot, { type: "frame_received", at, connection, frame });
  }

  #wake(siteId: SiteId): void {
    this.beforeWaking();
    const slot = this.#slots.get(siteId);
    if (slot !== undefined) this.post(slot, { type: "woken" });
  }

  /** The process stood still: every site starts its deadlines about absence again. */
  stalled(): void {
    for (const slot of this.#slots.values()) this.post(slot, { type: "stalled" });
    this.#wakeups.rearm();
  }

  /**
   * A chat's transcript as committed, as the reader may see it; undefined when there is none for
   * it.
   */
  transcript(
    slot: SiteSlot,
    chatId: ChatId,
    reader: Session,
  ): Promise<Transcript | undefined> {
    return this.#asked(slot, this.#queries, (query) => {
      return { type: "transcript_asked", chatId, reader, query };
    });
  }

  /** Posts a question to a site. Throws SiteUnavailable when it cannot answer. */
  async #asked<Answer>(
    slot: SiteSlot,
    queries: OpenQueries<Answer>,
    question: (query: number) => PostedEvent,
  ): Promise<Answer> {
    const answer = await queries.ask((query) => {
      if (!slot.answers) queries.answer(query, "failed");
      else this.post(slot, question(query));
    });
    if (answer === "failed") throw new SiteUnavailable(`Site "${slot.siteId}" is unavailable`);
    return answer;
  }

  #release(staged: readonly Staged[]): void {
    const { hub } = this;
    for (const { slot, send, text } of staged) {
      if (send.type === "ack") hub.gatherFor(send.to, text ?? "");
      else if (send.type === "transcript") this.#queries.answer(send.query, send.transcript);
      else if (send.type === "erasure") this.#erasures.answer(send.query, send.erasure);
      else if (send.type === "arrival") this.#arrivals.answer(send.query, send.arrival);
      else if (send.type === "neighbour") this.#askNeighbour(slot, send.request);
      else if (send.type === "close") {
        const connection = hub.get(send.to);
        if (connection !== undefined) hub.close(connection, send.code);
      } else if (send.type === "page") hub.gatherFor(send.to, text ?? "");
      else hub.gather(send.to, text ?? "");
    }
    hub.flush();
  }

  /** A page of a visitor was loaded: what the site says to that. */
  visitorArrived(
    slot: SiteSlot,
    visitor: Omit<Extract<PostedEvent, { type: "visitor_arrived" }>, "type" | "query">,
  ): Promise<Arrival> {
    return this.#asked(slot, this.#arrivals, (query) => {
      return { type: "visitor_arrived", query, ...visitor };
    });
  }

  /** Drops a visitor's ended chats and what was remembered of it; not while a chat of it runs. */
  eraseVisitor(slot: SiteSlot, visitorId: VisitorId): Promise<Erasure> {
    return this.#asked(slot, this.#erasures, (query) => {
      return { type: "visitor_erased", visitorId, query };
    });
  }

  #askNeighbour(slot: SiteSlot, request: NeighbourRequest): void {
    const { chatId, requestId } = request;
    const answered = askNeighbour(this.#deps.neighbours, slot.siteId, request);
    void answered.then((answer) =>
      this.post(slot, { type: "neighbour_answered", chatId, requestId, answer })
    );
  }

  #refuse(decided: readonly Decided[]): void {
    for (const { event } of decided) {
      if (event.type === "transcript_asked") this.#queries.answer(event.query, "failed");
      if (event.type === "visitor_erased") this.#erasures.answer(event.query, "failed");
      if (event.type === "visitor_arrived") this.#arrivals.answer(event.query, "failed");
      const re = commandOf(event);
      if (re === undefined || !("connection" in event)) continue;
      const connection = this.hub.get(event.connection);
      if (connection === undefined) continue;
      this.hub.sendNow(connection, refusedFrame(re, { code: "unavailable" }));
    }
  }

  /** Drops the engine's state and reads the site again from its journal. */
  async #rebuild(slot: SiteSlot): Promise<void> {
    const { clock, log } = this.#deps;
    if (!slot.isRemoved) {
      this.rebuilds += 1;
      this.#closeAll(slot, "resync");
      const now = clock.monotonic();
      const isAgain = now - slot.rebuiltAt < rebuildPauseMsMin;
      slot.rebuiltAt = now;
      if (isAgain) return this.#fail(slot);
    }
    const site = new Site(this.#readConfig(slot.siteId) ?? slot.site.state.config);
    try {
      await this.#deps.journal.recover((id) => id === slot.siteId ? site.state : undefined);
    } catch (error) {
      return this.#fail(slot, error);
    }
    const waited = slot.takeAll();
    slot.site = site;
    if (slot.isRemoved) {
      slot.state = "retired";
      this.#closeAll(slot, "unknown_site");
      return this.#refuse(waited.map((event) => ({ slot, event })));
    }
    slot.state = "serving";
    log.write("warn", "site_rebuilt", { siteId: slot.siteId, waited: waited.length });
    this.#activate(slot);
    for (const event of waited) this.loop.post(slot, { ...event, at: slot.lastAt });
  }

  #fail(slot: SiteSlot, error?: unknown): void {
    const { siteId } = slot;
    slot.state = "failed";
    const fields = error === undefined ? {} : errorFields(error);
    this.#deps.log.write("error", "site_failed", { siteId, ...fields });
    this.#refuse(slot.takeAll().map((event) => ({ slot, event })));
  }

  #closeAll(slot: SiteSlot, name: CloseName): void {
    for (const connection of this.hub) {
      if (connection.slot === slot) this.hub.close(connection, name);
    }
  }

  /** Tells every connection to reconnect, spread over time, and waits until all is on disk. */
  async drain(closesPerSecond: number): Promise<void> {
    await this.reconnect([...this.hub], closesPerSecond);
    await this.loop.idle();
  }

  /** Tells these to reconnect, spread over time. */
  reconnect(connections: readonly Connection[], closesPerSecond: number): Promise<void> {
    return closeSpread(this.hub, this.#deps.clock, connections, closesPerSecond);
  }

  /** Wakes nobody any more and lets go of the journal. The loop must be idle. */
  stop(): void {
    this.#stopListening();
    this.#wakeups.stop();
    this.#deps.journal.close();
  }
}
