import { assert, unreachable } from "./assert.ts";
import { AgentPool } from "./assignment.ts";
import { Chat, type ChatSnapshot } from "./chat.ts";
import { Deadlines } from "./deadlines.ts";
import type { Fact } from "./fact.ts";
import type {
  AgentId,
  ChatId,
  CommandId,
  ConnectionNo,
  Millis,
  TenureId,
  VisitorId,
} from "./ids.ts";
import { limits } from "./limits.ts";
import type { AgentPresence, Presence, VisitorPresence } from "./presence.ts";
import type { AgentStatus } from "./protocol.ts";
import type { AgentConfig, SiteConfig } from "./site_config.ts";
import { WaitingQueue } from "./waiting_queue.ts";

/** The durable part of an agent. */
export interface AgentRegisters {
  status: AgentStatus;
  commands: CommandId[];
}

/** A noun as saved: what apply() made of the facts up to some record of the journal. */
export type NounSnapshot =
  | { readonly noun: "site"; readonly tenure: TenureId }
  | { readonly noun: "agent"; readonly agentId: AgentId; readonly registers: AgentRegisters }
  | { readonly noun: "chat"; readonly chat: ChatSnapshot };

/**
 * Everything one site knows. apply() alone changes what is durable (chats, agent registers, tenure)
 * and the indexes over it; presence, deadlines and what was last pushed are volatile.
 */
export class SiteState {
  config: SiteConfig;
  readonly agentConfigs = new Map<AgentId, AgentConfig>();

  tenure: TenureId | undefined;
  readonly chats = new Map<ChatId, Chat>();
  readonly agents = new Map<AgentId, AgentRegisters>();

  readonly runningOf = new Map<VisitorId, Chat>();
  readonly waiting = new WaitingQueue();
  readonly ongoing = new Map<AgentId, Set<ChatId>>();
  /** Ended chats, oldest end first. */
  readonly ended = new Map<ChatId, Millis>();

  readonly visitors = new Map<VisitorId, VisitorPresence>();
  readonly consoles = new Map<AgentId, AgentPresence>();
  readonly connections = new Map<ConnectionNo, Presence>();
  readonly pool = new AgentPool();
  readonly deadlines = new Deadlines();
  /** Absence and inactivity are counted from here at the earliest: start, or the end of a stall. */
  seatedSince: Millis = 0;
  pushedAt: Millis = 0;

  constructor(config: SiteConfig) {
    this.config = config;
    this.configure(config);
  }

  configure(config: SiteConfig): void {
    this.config = config;
    this.agentConfigs.clear();
    for (const agent of config.agents) this.agentConfigs.set(agent.agentId, agent);
  }

  /** The only place where durable state changes; replay runs it too. */
  apply(fact: Fact): void {
    switch (fact.type) {
      case "tenure_started":
        this.tenure = fact.tenure;
        return;
      case "agent_status_set": {
        const registers = this.registersOf(fact.agentId);
        registers.status = fact.status;
        registers.commands.push(fact.commandId);
        if (registers.commands.length > limits.commandsRemembered) registers.commands.shift();
        return;
      }
      case "chat_requested":
        this.#index(new Chat(fact));
        return;
      case "message_accepted":
        this.#chat(fact.entry.chatId).add(fact.entry);
        return;
      case "entries_merged": {
        const chat = this.#chat(fact.chatId);
        for (const entry of fact.entries) chat.add(entry);
        return;
      }
      case "read_marked": {
        const read = this.#chat(fact.chatId).read;
        read[fact.side] = Math.max(read[fact.side], fact.order);
        return;
      }
      case "chat_assigned":
      case "chat_ended":
        this.#changeState(fact);
        return;
      case "chat_forgotten":
        this.chats.delete(fact.chatId);
        this.ended.delete(fact.chatId);
        return;
      default:
        unreachable(fact);
    }
  }

  /** Puts back a noun as it was saved, before the facts after it are applied. */
  restore(saved: NounSnapshot): void {
    switch (saved.noun) {
      case "site":
        this.tenure = saved.tenure;
        return;
      case "agent":
        this.agents.set(saved.agentId, saved.registers);
        return;
      case "chat":
        this.#index(Chat.fromSnapshot(saved.chat));
        return;
      default:
        unreachable(saved);
    }
  }

  /** The noun of a name (nounOf) as it is now; undefined when it is not there any more. */
  snapshot(kind: string, id: string): NounSnapshot | undefined {
    switch (kind) {
      case "site":
        return this.tenure === undefined ? undefined : { noun: "site", tenure: this.tenure };
      case "agent": {
        const agentId = id as AgentId; // the id came from a fact of this site
        const registers = this.agents.get(agentId);
        return registers === undefined ? undefined : { noun: "agent", agentId, registers };
      }
      default: {
        const chat = this.chats.get(id as ChatId); // as above
        return chat === undefined ? undefined : { noun: "chat", chat: chat.snapshot() };
      }
    }
  }

  registersOf(agentId: AgentId): AgentRegisters {
    let registers = this.agents.get(agentId);
    if (registers === undefined) {
      registers = { status: "offline", commands: [] };
      this.agents.set(agentId, registers);
    }
    return registers;
  }

  ongoingOf(agentId: AgentId): ReadonlySet<ChatId> {
    return this.ongoing.get(agentId) ?? none;
  }

  /** Puts ended chats in order of their end; snapshots come back in any order. */
  sortEnded(): void {
    const sorted = [...this.ended].sort((a, b) => a[1] - b[1]);
    this.ended.clear();
    for (const [chatId, at] of sorted) this.ended.set(chatId, at);
  }

  #chat(chatId: ChatId): Chat {
    const chat = this.chats.get(chatId);
    assert(chat !== undefined, `A fact names chat "${chatId}", which is not there`);
    return chat;
  }

  #changeState(fact: Extract<Fact, { type: "chat_assigned" | "chat_ended" }>): void {
    const chat = this.#chat(fact.chatId);
    this.#unindex(chat);
    chat.stateStamp = fact.stamp;
    chat.lastOrder = Math.max(chat.lastOrder, fact.stamp.order);
    if (fact.type === "chat_assigned") {
      chat.remember(fact.commandId, "accept_chat");
      chat.state = { state: "active", agentId: fact.agentId, since: fact.at };
      chat.firstAssignedAt ??= fact.at;
      if (!chat.agentIds.includes(fact.agentId)) chat.agentIds.push(fact.agentId);
    } else {
      chat.remember(fact.commandId, "end_chat");
      chat.state = { state: "ended", at: fact.at, by: fact.by, reason: fact.reason };
    }
    this.#index(chat);
  }

  #index(chat: Chat): void {
    this.chats.set(chat.chatId, chat);
    const state = chat.state;
    switch (state.state) {
      case "waiting":
        this.runningOf.set(chat.visitorId, chat);
        this.waiting.add(chat.chatId, state.since);
        return;
      case "active": {
        this.runningOf.set(chat.visitorId, chat);
        let chats = this.ongoing.get(state.agentId);
        if (chats === undefined) {
          chats = new Set();
          this.ongoing.set(state.agentId, chats);
        }
        chats.add(chat.chatId);
        return;
      }
      case "ended":
        this.ended.set(chat.chatId, state.at);
        return;
      default:
        unreachable(state);
    }
  }

  #unindex(chat: Chat): void {
    const state = chat.state;
    if (this.runningOf.get(chat.visitorId) === chat) this.runningOf.delete(chat.visitorId);
    if (state.state === "waiting") this.waiting.remove(chat.chatId);
    if (state.state === "active") this.ongoing.get(state.agentId)?.delete(chat.chatId);
  }
}

const none: ReadonlySet<ChatId> = new Set();
