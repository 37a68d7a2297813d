import { assert, unreachable } from "./assert.ts";
import { AgentPools } from "./assignment.ts";
import { Chat } from "./chat.ts";
import { addTo, ChatIndex } from "./chat_index.ts";
import { Deadlines } from "./deadlines.ts";
import type { EntryLog } from "./entry_log.ts";
import type { Fact } from "./fact.ts";
import {
  type AgentId,
  type CampaignId,
  type ChatId,
  type CommandId,
  type ConnectionNo,
  type DepartmentId,
  isThreadId,
  type Millis,
  type TenureId,
  type VisitorId,
} from "./ids.ts";
import { limits } from "./limits.ts";
import { ListFeed } from "./list_feed.ts";
import type { AgentRegisters, NounSnapshot, VisitorRegisters } from "./noun.ts";
import type { AgentPresence, Presence, VisitorPresence } from "./presence.ts";
import type { AgentConfig } from "./agent_config.ts";
import type { CampaignConfig } from "./campaign.ts";
import type { DepartmentConfig } from "./department_config.ts";
import type { SiteConfig } from "./site_config.ts";
import { SiteBans } from "./site_bans.ts";
import { SpentIds } from "./spent_ids.ts";
import { Thread } from "./thread.ts";
import type { Availability } from "./views.ts";
import type { QueueKey } from "./waiting_queue.ts";

/** A waiting chat that is offered to an agent. Volatile. */
export interface Offer {
  readonly agentId: AgentId;
  readonly until: Millis;
}

/**
 * Everything one site knows. apply() alone changes what is durable (chats, threads, registers of
 * agents and visitors, bans, spent ids, tenure) and the indexes over it; presence, deadlines,
 * offers and what was last pushed are volatile.
 */
export class SiteState {
  config: SiteConfig;
  readonly agentConfigs = new Map<AgentId, AgentConfig>();
  readonly departments = new Map<DepartmentId, DepartmentConfig>();
  readonly campaigns = new Map<CampaignId, CampaignConfig>();

  tenure: TenureId | undefined;
  readonly chats = new Map<ChatId, Chat>();
  readonly threads = new Map<ChatId, Thread>();
  readonly agents = new Map<AgentId, AgentRegisters>();
  readonly visitorRegisters = new Map<VisitorId, VisitorRegisters>();
  readonly bans = new SiteBans();
  readonly spentIds = new SpentIds();

  readonly threadsOf = new Map<AgentId, Set<ChatId>>();
  readonly #index = new ChatIndex();
  readonly runningOf = this.#index.runningOf;
  readonly waiting = this.#index.waiting;
  readonly ongoing = this.#index.ongoing;
  readonly attending = this.#index.attending;
  readonly ended = this.#index.ended;
  readonly lastChatOf = this.#index.lastChatOf;
  readonly durations = this.#index.durations;

  readonly visitors = new Map<VisitorId, VisitorPresence>();
  /** Those that agents see. [EN5] */
  readonly trackedVisitors = new Set<VisitorId>();
  readonly consoles = new Map<AgentId, AgentPresence>();
  readonly connections = new Map<ConnectionNo, Presence>();
  readonly pools = new AgentPools();
  readonly offers = new Map<ChatId, Offer>();
  readonly deadlines = new Deadlines();
  /** What changed of each list since it was last pushed. */
  readonly feeds = {
    visitors: new ListFeed<VisitorId>(),
    chats: new ListFeed<ChatId>(),
    agents: new ListFeed<AgentId>(),
  };
  /** Absence and inactivity are counted from here at the earliest: start, or the end of a stall. */
  seatedSince: Millis = 0;
  readonly pushedAt = { waiting: 0, visitors: 0, chats: 0, agents: 0 };
  /** How many waiting chats of each department agents were last told of. */
  readonly listedTotals = new Map<QueueKey, number>();
  /** What visitors' buttons were told last. */
  availability: Availability | undefined;
  /** Visits of the running five minutes. */
  visitCount: { readonly period: number; readonly visits: number } = { period: 0, visits: 0 };

  constructor(config: SiteConfig) {
    this.config = config;
    this.configure(config);
  }

  configure(config: SiteConfig): void {
    this.config = config;
    this.agentConfigs.clear();
    for (const agent of config.agents) this.agentConfigs.set(agent.agentId, agent);
    this.departments.clear();
    for (const one of config.departments) this.departments.set(one.departmentId, one);
    this.campaigns.clear();
    for (const one of config.campaigns) this.campaigns.set(one.campaignId, one);
    this.bans.configure(config.bans);
  }

  /** The only place where durable state changes; replay runs it too. */
  apply(fact: Fact): void {
    switch (fact.type) {
      case "tenure_started":
        this.tenure = fact.tenure;
        return;
      case "agent_status_set":
      case "agent_preferences_set":
      case "agent_acted":
        return this.#changeAgent(fact);
      case "visitor_acted":
        return this.#visitorActed(fact);
      case "visitor_forgotten":
        this.visitorRegisters.delete(fact.visitorId);
        return;
      case "ban_set":
      case "ban_lifted":
      case "ban_copied":
      case "ban_lift_settled":
        return this.bans.apply(fact);
      case "chat_id_spent":
      case "spent_ids_dropped":
      case "ids_outdated":
        return this.spentIds.apply(fact);
      case "chat_requested":
        return this.#add(new Chat(fact));
      case "message_accepted":
        return this.#log(fact.entry.chatId).add(fact.entry);
      case "entries_merged": {
        const log = this.#log(fact.chatId);
        for (const entry of fact.entries) log.add(entry);
        return;
      }
      case "read_marked":
        return this.#chat(fact.chatId).noteRead(fact.side, fact.order);
      case "chat_declined": {
        const chat = this.#chat(fact.chatId);
        chat.remember(fact.commandId, "refuse_chat", fact.agentId);
        chat.declined.set(fact.agentId, fact.how);
        return;
      }
      case "participant_joined":
      case "participant_left":
        return this.#changeParticipant(fact);
      case "register_set": {
        const chat = this.#chat(fact.chatId);
        chat.setRegister(fact.change, fact.stamp);
        chat.log.raise(fact.stamp.order);
        if (fact.command !== undefined) chat.remember(fact.commandId, fact.command);
        return;
      }
      case "chat_assigned":
      case "chat_requeued":
      case "chat_ended":
        return this.#changeState(fact);
      case "chat_forgotten":
        return this.#forget(fact.chatId);
      default:
        unreachable(fact);
    }
  }

  /** Puts back a noun as it was saved, before the facts after it are applied. */
  restore(saved: NounSnapshot): void {
    switch (saved.noun) {
      case "site":
        this.tenure = saved.tenure;
        return this.spentIds.outdate(saved.outdatedUntil ?? 0);
      case "agent":
        this.agents.set(saved.agentId, saved.registers);
        return;
      case "visitor":
        this.visitorRegisters.set(saved.visitorId, saved.registers);
        return;
      case "ban":
        return this.bans.add(saved.ban);
      case "lifted_ban":
        return this.bans.lift(saved.banId, saved.at);
      case "spent_ids":
        return this.spentIds.restore(saved.batch, saved.since, saved.ids);
      case "chat":
        return this.#add(Chat.fromSnapshot(saved.chat));
      case "thread":
        this.#thread(saved.chatId).log.raise(saved.lastOrder);
        return;
      default:
        unreachable(saved);
    }
  }

  /** The noun of a name (nounOf) as it is now; undefined when it is not there any more. */
  snapshot(kind: string, id: string): NounSnapshot | undefined {
    // The ids came from facts of this site.
    switch (kind) {
      case "site": {
        const { tenure, spentIds: { outdatedUntil } } = this;
        return tenure === undefined ? undefined : { noun: "site", tenure, outdatedUntil };
      }
      case "agent": {
        const agentId = id as AgentId; // as said above
        const registers = this.agents.get(agentId);
        return registers === undefined ? undefined : { noun: "agent", agentId, registers };
      }
      case "visitor": {
        const visitorId = id as VisitorId; // as said above
        const registers = this.visitorRegisters.get(visitorId);
        return registers === undefined ? undefined : { noun: "visitor", visitorId, registers };
      }
      case "ban": {
        const [ban, at] = [this.bans.getSet(id), this.bans.lifted.get(id)];
        if (ban !== undefined) return { noun: "ban", ban };
        return at === undefined ? undefined : { noun: "lifted_ban", banId: id, at };
      }
      case "spent": {
        const [no, batch] = [Number(id), this.spentIds.batch(Number(id))];
        if (batch === undefined) return undefined;
        return { noun: "spent_ids", batch: no, since: batch.since, ids: [...batch.ids] };
      }
      default: {
        const chatId = id as ChatId; // as said above
        const thread = this.threads.get(chatId);
        if (thread !== undefined) {
          return { noun: "thread", chatId, lastOrder: thread.log.lastOrder };
        }
        const chat = this.chats.get(chatId);
        return chat === undefined ? undefined : { noun: "chat", chat: chat.snapshot() };
      }
    }
  }

  /** The chat or thread of this id. */
  conversation(chatId: ChatId): Chat | Thread | undefined {
    return this.chats.get(chatId) ?? this.threads.get(chatId);
  }

  registersOf(agentId: AgentId): AgentRegisters {
    return this.agents.get(agentId) ?? { status: "offline", commands: [] };
  }

  ongoingOf(agentId: AgentId): ReadonlySet<ChatId> {
    return this.ongoing.get(agentId) ?? none;
  }

  attendingOf(agentId: AgentId): ReadonlySet<ChatId> {
    return this.attending.get(agentId) ?? none;
  }

  /** Puts ended chats in order of their end; snapshots come back in any order. */
  sortEnded(): void {
    this.#index.sortEnded(this.chats);
  }

  #add(chat: Chat): void {
    this.chats.set(chat.chatId, chat);
    this.#index.add(chat);
  }

  #chat(chatId: ChatId): Chat {
    const chat = this.chats.get(chatId);
    assert(chat !== undefined, `A fact names chat "${chatId}", which is not there`);
    return chat;
  }

  /** The log of a chat, or of a thread, which its first entry begins. */
  #log(chatId: ChatId): EntryLog {
    return isThreadId(chatId) ? this.#thread(chatId).log : this.#chat(chatId).log;
  }

  #thread(chatId: ChatId): Thread {
    let thread = this.threads.get(chatId);
    if (thread === undefined) {
      thread = new Thread(chatId);
      this.threads.set(chatId, thread);
      for (const agentId of thread.agentIds) addTo(this.threadsOf, agentId, chatId);
    }
    return thread;
  }

  #forget(chatId: ChatId): void {
    const thread = this.threads.get(chatId);
    for (const agentId of thread?.agentIds ?? []) this.threadsOf.get(agentId)?.delete(chatId);
    this.threads.delete(chatId);
    const chat = this.chats.get(chatId);
    if (chat !== undefined) this.#index.forget(chat);
    this.chats.delete(chatId);
  }

  #visitorActed(fact: Extract<Fact, { type: "visitor_acted" }>): void {
    const registers = this.visitorRegisters.get(fact.visitorId) ?? { commands: [], at: 0 };
    registers.at = fact.at;
    remember(registers.commands, fact.commandId, fact.command);
    this.visitorRegisters.set(fact.visitorId, registers);
  }

  #changeAgent(
    fact: Extract<
      Fact,
      { type: "agent_status_set" | "agent_preferences_set" | "agent_acted" }
    >,
  ): void {
    const registers = this.registersOf(fact.agentId);
    this.agents.set(fact.agentId, registers);
    if (fact.type === "agent_status_set") {
      if (registers.status !== fact.status) registers.since = fact.at;
      registers.status = fact.status;
      registers.reason = fact.reason;
    } else if (fact.type === "agent_preferences_set") registers.preferences = fact.preferences;
    const command = fact.type === "agent_acted" ? fact.command : fact.type;
    if (fact.commandId !== undefined) remember(registers.commands, fact.commandId, command);
  }

  #changeParticipant(
    fact: Extract<Fact, { type: "participant_joined" | "participant_left" }>,
  ): void {
    const chat = this.#chat(fact.chatId);
    if (fact.type === "participant_joined") {
      chat.remember(fact.commandId, "join_chat", fact.agentId);
      chat.participants.set(fact.agentId, fact.mode);
      addTo(this.attending, fact.agentId, fact.chatId);
    } else {
      chat.remember(fact.commandId, "leave_chat", fact.agentId);
      chat.participants.delete(fact.agentId);
      this.attending.get(fact.agentId)?.delete(fact.chatId);
    }
  }

  #changeState(
    fact: Extract<Fact, { type: "chat_assigned" | "chat_requeued" | "chat_ended" }>,
  ): void {
    const chat = this.#chat(fact.chatId);
    this.#index.remove(chat);
    chat.leaveQueue(fact.at, fact.type === "chat_assigned");
    chat.stateStamp = fact.stamp;
    chat.log.raise(fact.stamp.order);
    switch (fact.type) {
      case "chat_assigned":
        chat.remember(fact.commandId, fact.command ?? "accept_chat", fact.by ?? fact.agentId);
        chat.state = { state: "active", agentId: fact.agentId, since: fact.at };
        chat.firstAssignedAt ??= fact.at;
        chat.participants.delete(fact.agentId);
        chat.noteAgent(fact.agentId);
        break;
      case "chat_requeued":
        if (fact.command !== undefined) chat.remember(fact.commandId, fact.command, fact.by);
        chat.state = { state: "waiting", since: chat.requestedAt };
        chat.enterQueue(fact.at);
        chat.departmentId = fact.departmentId;
        if (fact.exceptAgentId !== undefined) {
          const how = fact.why === "agent_silent" ? "missed" : "gave_away";
          chat.declined.set(fact.exceptAgentId, how);
        }
        break;
      case "chat_ended":
        chat.remember(fact.commandId, "end_chat", fact.by.id);
        chat.state = { state: "ended", at: fact.at, by: fact.by, reason: fact.reason };
        break;
      default:
        unreachable(fact);
    }
    this.#index.add(chat);
  }
}

function remember(
  commands: (readonly [CommandId, string])[],
  commandId: CommandId,
  command: string,
): void {
  commands.push([commandId, command]);
  if (commands.length > limits.commandsRemembered) commands.shift();
}

const none: ReadonlySet<ChatId> = new Set();
