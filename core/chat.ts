import type { Vector } from "./cursor.ts";
import {
  type Author,
  compareEntries,
  type Entry,
  identityOf,
  sameAuthor,
  type Stream,
} from "./entry.ts";
import type { EndReason, Fact, RegisterStamp } from "./fact.ts";
import type { AgentId, ChatId, CommandId, Millis, TenureId, VisitorId } from "./ids.ts";
import { limits } from "./limits.ts";
import { StreamsHeld } from "./streams_held.ts";

/** Where a chat stands. An ended chat is never revived. */
export type ChatState =
  | { readonly state: "waiting"; readonly since: Millis }
  | { readonly state: "active"; readonly agentId: AgentId; readonly since: Millis }
  | {
    readonly state: "ended";
    readonly at: Millis;
    readonly by: Author;
    readonly reason: EndReason;
  };

type ChatRequested = Extract<Fact, { type: "chat_requested" }>;

/** All of a chat but its entries, as saved. Entries are saved apart, each once. */
export interface ChatSnapshot {
  readonly requested: ChatRequested;
  readonly state: ChatState;
  readonly stateStamp: RegisterStamp;
  readonly agentIds: readonly AgentId[];
  readonly firstAssignedAt?: Millis | undefined;
  readonly read: { readonly visitor: number; readonly agent: number };
  readonly lastOrder: number;
  readonly commands: readonly (readonly [CommandId, ChatCommand])[];
}

/** Commands whose results a chat remembers. */
export type ChatCommand = "accept_chat" | "end_chat";

/** One chat: its registers and its entries. Changed by apply only, in site_state.ts. */
export class Chat {
  readonly chatId: ChatId;
  readonly visitorId: VisitorId;
  readonly visitId: string;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly requestedAt: Millis;
  readonly #requested: ChatRequested;
  state: ChatState;
  stateStamp: RegisterStamp;
  /** Every agent that the chat was ever assigned to, in order. */
  readonly agentIds: AgentId[] = [];
  firstAssignedAt: Millis | undefined;
  readonly read = { visitor: 0, agent: 0 };
  /** In order of display. The same identity may stand twice, accepted in two tenures. */
  readonly entries: Entry[] = [];
  /** Entries that no segment holds yet; the journal's compaction takes them. */
  readonly unsaved: Entry[] = [];
  /** Segments of the journal that hold its other entries. */
  segments = 0;
  /** The largest order known in the chat; the next is above it. */
  lastOrder: number;
  /** By id; an id that several authors used stands under "<author>/<id>" for all but the first. */
  readonly #byId = new Map<string, Entry>();
  readonly #held = new StreamsHeld();
  readonly #commands = new Map<CommandId, ChatCommand>();

  constructor(requested: ChatRequested) {
    this.#requested = requested;
    this.chatId = requested.chatId;
    this.visitorId = requested.visitorId;
    this.visitId = requested.visitId;
    this.name = requested.name;
    this.email = requested.email;
    this.requestedAt = requested.at;
    this.state = { state: "waiting", since: requested.at };
    this.stateStamp = requested.stamp;
    this.lastOrder = requested.stamp.order;
  }

  /** The agent that has the chat now. */
  get agentId(): AgentId | undefined {
    return this.state.state === "active" ? this.state.agentId : undefined;
  }

  /** Adds an entry in its place; an entry already held changes nothing. */
  add(entry: Entry): void {
    if (!this.#held.add(entry)) return;
    this.#insert(entry);
    this.unsaved.push(entry);
  }

  /** Puts an entry that a segment holds, at recovery. */
  restore(entry: Entry): void {
    if (this.#held.add(entry)) this.#insert(entry);
  }

  #insert(entry: Entry): void {
    const entries = this.entries;
    let place = entries.length;
    while (place > 0) {
      const before = entries[place - 1];
      if (before === undefined || compareEntries(before, entry) < 0) break;
      place -= 1;
    }
    if (place === entries.length) entries.push(entry);
    else entries.splice(place, 0, entry);
    if (entry.order > this.lastOrder) this.lastOrder = entry.order;
    const first = this.#byId.get(entry.id);
    const key = first === undefined || sameAuthor(first.author, entry.author)
      ? entry.id
      : identityOf(entry.author, entry.id);
    const other = key === entry.id ? first : this.#byId.get(key);
    if (other === undefined || compareEntries(entry, other) < 0) this.#byId.set(key, entry);
  }

  /** The entry of this identity, at its smallest order. */
  find(author: Author, id: string): Entry | undefined {
    const first = this.#byId.get(id);
    if (first === undefined || sameAuthor(first.author, author)) return first;
    return this.#byId.get(identityOf(author, id));
  }

  /** Whether this very stamp is held. */
  holds(entry: Entry): boolean {
    return this.#held.holds(entry);
  }

  /** The next n of a stream in the running tenure, whose only writer this node is. */
  nextN(tenure: TenureId, stream: Stream): number {
    return this.#held.contiguous(tenure, stream) + 1;
  }

  /** How far every stream is held without a gap. */
  vector(): Vector {
    return this.#held.vector();
  }

  /** The same for what a visitor may know of. */
  publicVector(): Vector {
    return this.#held.publicVector();
  }

  /** Each identity once, at its smallest order, in order of display. */
  transcript(): Entry[] {
    return this.entries.filter((entry) => this.find(entry.author, entry.id) === entry);
  }

  /** Which command took effect under this id, if one did lately. */
  remembered(commandId: CommandId): ChatCommand | undefined {
    return this.#commands.get(commandId);
  }

  remember(commandId: CommandId | undefined, command: ChatCommand): void {
    if (commandId === undefined) return;
    this.#commands.set(commandId, command);
    if (this.#commands.size <= limits.commandsRemembered) return;
    const [oldest] = this.#commands.keys();
    if (oldest !== undefined) this.#commands.delete(oldest);
  }

  snapshot(): ChatSnapshot {
    return {
      requested: this.#requested,
      state: this.state,
      stateStamp: this.stateStamp,
      agentIds: this.agentIds,
      firstAssignedAt: this.firstAssignedAt,
      read: this.read,
      lastOrder: this.lastOrder,
      commands: [...this.#commands],
    };
  }

  /** A chat as it was saved; its entries follow with restore(). */
  static fromSnapshot(saved: ChatSnapshot): Chat {
    const chat = new Chat(saved.requested);
    chat.state = saved.state;
    chat.stateStamp = saved.stateStamp;
    chat.agentIds.push(...saved.agentIds);
    chat.firstAssignedAt = saved.firstAssignedAt;
    chat.read.visitor = saved.read.visitor;
    chat.read.agent = saved.read.agent;
    chat.lastOrder = saved.lastOrder;
    for (const [commandId, command] of saved.commands) chat.#commands.set(commandId, command);
    return chat;
  }
}
