import type { Author } from "./entry.ts";
import { EntryLog } from "./entry_log.ts";
import type {
  ChatCommand,
  EndReason,
  Fact,
  Rating,
  RegisterChange,
  RegisterStamp,
  VisitorDescription,
  WrapUp,
} from "./fact.ts";
import type {
  AgentId,
  CampaignId,
  ChatId,
  CommandId,
  DepartmentId,
  InvitationId,
  Millis,
  VisitorId,
} from "./ids.ts";
import { limits } from "./limits.ts";

/** Where a chat stands. An ended chat is never revived. */
export type ChatState =
  /** With the bot, before any agent. */
  | { readonly state: "bot"; readonly since: Millis }
  | { readonly state: "waiting"; readonly since: Millis }
  | { readonly state: "active"; readonly agentId: AgentId; readonly since: Millis }
  | {
    readonly state: "ended";
    readonly at: Millis;
    readonly by: Author;
    readonly reason: EndReason;
  };

type ChatRequested = Extract<Fact, { type: "chat_requested" }>;

/** Registers that a merge decides by stamp alone. */
interface Registers {
  rating?: Rating | undefined;
  wrapUp?: WrapUp | undefined;
  transcriptTo?: readonly string[] | undefined;
  translating?: string | null | undefined;
  signInWanted?: boolean | undefined;
}

/** All of a chat but its entries, as saved. Entries are saved apart, each once. */
export interface ChatSnapshot {
  readonly requested: ChatRequested;
  readonly state: ChatState;
  readonly stateStamp: RegisterStamp;
  readonly visitor: VisitorDescription;
  readonly departmentId?: DepartmentId | undefined;
  readonly registers: Registers;
  readonly stamps: readonly (readonly [RegisterChange["register"], RegisterStamp])[];
  readonly agentIds: readonly AgentId[];
  readonly participants: readonly (readonly [AgentId, ParticipantMode])[];
  readonly declined: readonly (readonly [AgentId, Declined])[];
  readonly firstAssignedAt?: Millis | undefined;
  readonly queue: QueueStays;
  readonly read: { readonly visitor: number; readonly agent: number };
  readonly lastOrder: number;
  readonly commands: readonly (readonly [CommandId, RememberedCommand])[];
}

/** joined: writes like the assigned agent. monitoring: reads, and the visitor does not know. */
export type ParticipantMode = "joined" | "monitoring";

/**
 * Why a waiting chat does not go to an agent by itself: it refused or missed it, or has just given
 * it away. The last holds until somebody else has had it.
 */
export type Declined = "refused" | "missed" | "gave_away";

/** How often a chat came to the waiting queue, when last, and whether it ever had to wait there. */
export interface QueueStays {
  readonly stays: number;
  readonly enteredAt?: Millis | undefined;
  readonly hasWaited: boolean;
}

/** A command that took effect, and by whom when that decides whether a repeat is one. */
export interface RememberedCommand {
  readonly command: ChatCommand;
  readonly by?: string | undefined;
}

/** One chat: its registers and its entries. Changed by apply only, in site_state.ts. */
export class Chat {
  readonly chatId: ChatId;
  readonly visitorId: VisitorId;
  readonly visitId: string;
  readonly campaignId: CampaignId | undefined;
  readonly invitationId: InvitationId | undefined;
  /** Also its place in the waiting queue, whenever it comes back to it. */
  readonly requestedAt: Millis;
  readonly log: EntryLog;
  readonly #requested: ChatRequested;
  state: ChatState;
  stateStamp: RegisterStamp;
  visitor: VisitorDescription;
  departmentId: DepartmentId | undefined;
  registers: Registers = {};
  readonly stamps = new Map<RegisterChange["register"], RegisterStamp>();
  /** Every agent that the chat was ever assigned to; who had it last stands last. */
  readonly agentIds: AgentId[] = [];
  /** Agents in it besides the assigned one. */
  readonly participants = new Map<AgentId, ParticipantMode>();
  /** Agents that it is not offered to. */
  readonly declined = new Map<AgentId, Declined>();
  firstAssignedAt: Millis | undefined;
  queue: QueueStays;
  readonly read = { visitor: 0, agent: 0 };
  readonly #commands = new Map<CommandId, RememberedCommand>();

  constructor(requested: ChatRequested) {
    this.#requested = requested;
    this.chatId = requested.chatId;
    this.visitorId = requested.visitorId;
    this.visitId = requested.visitId;
    this.campaignId = requested.campaignId;
    this.invitationId = requested.invitationId;
    this.requestedAt = requested.at;
    this.visitor = requested.visitor;
    this.departmentId = requested.departmentId;
    this.state = { state: requested.withBot ? "bot" : "waiting", since: requested.at };
    this.stateStamp = requested.stamp;
    this.queue = requested.withBot
      ? { stays: 0, hasWaited: false }
      : { stays: 1, enteredAt: requested.at, hasWaited: false };
    this.log = new EntryLog(requested.stamp.order);
  }

  /** The agent that has the chat now. */
  get agentId(): AgentId | undefined {
    return this.state.state === "active" ? this.state.agentId : undefined;
  }

  /** The agent whose invitation was accepted. */
  get invitedBy(): AgentId | undefined {
    return this.#requested.invitedBy;
  }

  /** What the visitor asked for, to tell a repeat from another request. */
  get requested(): ChatRequested {
    return this.#requested;
  }

  /** Sets a register, unless it was changed later already. */
  setRegister(change: RegisterChange, stamp: RegisterStamp): void {
    const last = this.stamps.get(change.register);
    if (last !== undefined && isLater(last, stamp)) return;
    this.stamps.set(change.register, stamp);
    if (change.register === "visitor") this.visitor = change.value;
    else this.registers = { ...this.registers, [change.register]: change.value };
  }

  /** An agent has the chat from here on: it has not declined it, nor was it the last to give it. */
  noteAgent(agentId: AgentId): void {
    const place = this.agentIds.indexOf(agentId);
    if (place >= 0) this.agentIds.splice(place, 1);
    this.agentIds.push(agentId);
    this.declined.delete(agentId);
    for (const [other, how] of this.declined) if (how === "gave_away") this.declined.delete(other);
  }

  /** It came to the waiting queue. */
  enterQueue(at: Millis): void {
    this.queue = { ...this.queue, stays: this.queue.stays + 1, enteredAt: at };
  }

  /** It leaves the state that it is in; out of the queue, it has waited if time went by. */
  leaveQueue(at: Millis, hasAgent: boolean): void {
    if (this.state.state !== "waiting") return;
    const { enteredAt = at } = this.queue;
    if (!hasAgent || at > enteredAt) this.queue = { ...this.queue, hasWaited: true };
  }

  /** A side has read up to this place in the order. */
  noteRead(side: "visitor" | "agent", order: number): void {
    this.read[side] = Math.max(this.read[side], order);
  }

  /** Which command took effect under this id, if one did lately. */
  remembered(commandId: CommandId): RememberedCommand | undefined {
    return this.#commands.get(commandId);
  }

  remember(commandId: CommandId | undefined, command: ChatCommand, by?: string): void {
    if (commandId === undefined) return;
    this.#commands.set(commandId, { command, by });
    if (this.#commands.size <= limits.commandsRemembered) return;
    const [oldest] = this.#commands.keys();
    if (oldest !== undefined) this.#commands.delete(oldest);
  }

  snapshot(): ChatSnapshot {
    return {
      requested: this.#requested,
      state: this.state,
      stateStamp: this.stateStamp,
      visitor: this.visitor,
      departmentId: this.departmentId,
      registers: this.registers,
      stamps: [...this.stamps],
      agentIds: this.agentIds,
      participants: [...this.participants],
      declined: [...this.declined],
      firstAssignedAt: this.firstAssignedAt,
      queue: this.queue,
      read: this.read,
      lastOrder: this.log.lastOrder,
      commands: [...this.#commands],
    };
  }

  /** A chat as it was saved; its entries follow with restore(). */
  static fromSnapshot(saved: ChatSnapshot): Chat {
    const chat = new Chat(saved.requested);
    chat.state = saved.state;
    chat.stateStamp = saved.stateStamp;
    chat.visitor = saved.visitor;
    chat.departmentId = saved.departmentId;
    chat.registers = saved.registers;
    for (const [register, stamp] of saved.stamps) chat.stamps.set(register, stamp);
    chat.agentIds.push(...saved.agentIds);
    for (const [agentId, mode] of saved.participants) chat.participants.set(agentId, mode);
    for (const [agentId, how] of saved.declined) chat.declined.set(agentId, how);
    chat.firstAssignedAt = saved.firstAssignedAt;
    // Older snapshots have none.
    chat.queue = saved.queue ?? chat.queue;
    chat.read.visitor = saved.read.visitor;
    chat.read.agent = saved.read.agent;
    chat.log.raise(saved.lastOrder);
    for (const [commandId, command] of saved.commands) chat.#commands.set(commandId, command);
    return chat;
  }
}

/** Whether the first stamp is later than the second. */
function isLater(one: RegisterStamp, other: RegisterStamp): boolean {
  return one.order > other.order || (one.order === other.order && one.tenure > other.tenure);
}
