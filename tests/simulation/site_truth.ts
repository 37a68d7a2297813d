import type { ChatSnapshot } from "../../core/chat.ts";
import { streamKey } from "../../core/cursor.ts";
import { type Author, canonicalEntry, type Entry, identityOf } from "../../core/entry.ts";
import type { Fact } from "../../core/fact.ts";
import type { AgentId, ChatId, Millis, VisitorId } from "../../core/ids.ts";
import type { Job } from "../../core/job.ts";
import type { SiteConfig } from "../../core/site_config.ts";
import { SiteState } from "../../core/site_state.ts";
import type { Decision } from "../../server/journal.ts";
import type { RuleName } from "./rules.ts";

/** What is remembered of a chat for ever, also when the site has forgotten it. */
export interface ChatTruth {
  readonly chatId: ChatId;
  readonly visitorId: VisitorId;
  readonly agentIds: Set<AgentId>;
  lastOrder: number;
  lastPublicOrder: number;
  notes: number;
  ended: boolean;
  /** The world's time of its last entry. */
  spokenAt: number;
}

/** What the truth has to know of the world when a fact lands. */
export interface TruthPorts {
  readonly config: SiteConfig;
  now(): number;
  violate(rule: RuleName, message: string): void;
  /** The world's own view: may this be decided about somebody's absence? */
  assigned(agentId: AgentId): void;
  absent(chat: ChatTruth, fact: Extract<Fact, { type: "chat_ended" }>): void;
  warned(chat: ChatTruth): void;
}

/**
 * Everything that a site ever committed, as read from what landed on the disk: judged fact by fact,
 * and applied to a state that was never lost.
 */
export class SiteTruth {
  readonly state: SiteState;
  readonly chats = new Map<ChatId, ChatTruth>();
  readonly entries = new Map<string, Entry>();
  readonly commands = new Set<string>();
  readonly #ports: TruthPorts;
  readonly #tenures = new Set<string>();
  readonly #identities = new Map<string, Entry>();
  readonly #ns = new Map<string, number>();
  readonly #endJobs = new Set<string>();

  constructor(ports: TruthPorts) {
    this.#ports = ports;
    this.state = new SiteState(ports.config);
  }

  /** One event's decision is on disk. */
  land({ facts, jobs = [] }: Decision): void {
    for (const fact of facts) {
      this.#judge(fact);
      this.state.apply(fact);
    }
    this.#judgeJobs(facts, jobs);
  }

  /** The entry of an identity, if it is on disk. */
  identityOf(chatId: ChatId, author: Author, id: string): Entry | undefined {
    return this.#identities.get(`${chatId}/${identityOf(author, id)}`);
  }

  /** The entry of a stamp, if it is on disk. */
  entryOf(stamp: Pick<Entry, "chatId" | "tenure" | "stream" | "n">): Entry | undefined {
    return this.entries.get(stampOf(stamp));
  }

  #judge(fact: Fact): void {
    const { violate } = this.#ports;
    switch (fact.type) {
      case "tenure_started":
        if (this.#tenures.has(fact.tenure)) violate("stamps", `Tenure ${fact.tenure} began twice`);
        this.#tenures.add(fact.tenure);
        return;
      case "agent_status_set":
        if (fact.commandId !== undefined) this.commands.add(fact.commandId);
        return;
      case "chat_requested":
        return this.#requested(fact);
      case "chat_assigned":
        return this.#assigned(fact);
      case "message_accepted":
        return this.#accepted(fact.entry);
      case "entries_merged":
        for (const entry of fact.entries) this.#accepted(entry);
        return;
      case "chat_ended":
        return this.#ended(fact);
      case "read_marked": {
        const chat = this.chats.get(fact.chatId);
        if (fact.order > (chat?.lastOrder ?? 0)) {
          violate("order", `Read beyond the end: ${fact.order}`);
        }
        return;
      }
      case "chat_forgotten":
        if (this.chats.get(fact.chatId)?.ended !== true) {
          violate("kept", `Chat ${fact.chatId} was forgotten and had not ended`);
        }
    }
  }

  #requested(fact: Extract<Fact, { type: "chat_requested" }>): void {
    const { violate, now } = this.#ports;
    const { chatId, visitorId } = fact;
    if (this.chats.has(chatId)) violate("one_agent", `Chat ${chatId} was requested twice`);
    const running = this.state.runningOf.get(visitorId);
    if (running !== undefined) {
      violate("one_agent", `${visitorId} has ${running.chatId} and asked for ${chatId}`);
    }
    this.commands.add(chatId);
    this.chats.set(chatId, {
      chatId,
      visitorId,
      agentIds: new Set(),
      lastOrder: fact.stamp.order,
      lastPublicOrder: fact.stamp.order,
      notes: 0,
      ended: false,
      spokenAt: now(),
    });
  }

  #assigned(fact: Extract<Fact, { type: "chat_assigned" }>): void {
    const { violate, config, assigned } = this.#ports;
    const { chatId, agentId } = fact;
    const chat = this.state.chats.get(chatId);
    const stands = chat?.state.state ?? "unknown";
    if (stands !== "waiting") {
      violate("one_agent", `${agentId} was given chat ${chatId}: ${stands}`);
    }
    const limit = config.agents.find((agent) => agent.agentId === agentId)?.chatLimit ?? 0;
    if (this.state.ongoingOf(agentId).size >= limit) {
      violate("agent_limit", `${agentId} was given chat ${chatId} beyond its limit of ${limit}`);
    }
    const status = this.state.agents.get(agentId)?.status ?? "offline";
    if (status !== "online") violate("present", `${agentId} was given ${chatId} while ${status}`);
    assigned(agentId);
    this.chats.get(chatId)?.agentIds.add(agentId);
    this.#stamped(chatId, fact.stamp.order);
    if (fact.commandId !== undefined) this.commands.add(fact.commandId);
  }

  #accepted(entry: Entry): void {
    const { violate, now, warned } = this.#ports;
    const chat = this.chats.get(entry.chatId);
    if (chat === undefined) return violate("one_agent", `An entry without a chat: ${entry.chatId}`);
    if (entry.tenure !== this.state.tenure) violate("stamps", `Stamped in ${entry.tenure}`);
    const key = `${entry.chatId}/${streamKey(entry.tenure, entry.stream)}`;
    const n = (this.#ns.get(key) ?? 0) + 1;
    if (entry.n !== n) violate("stamps", `${key} goes on with ${entry.n} instead of ${n}`);
    this.#ns.set(key, entry.n);
    const identity = `${entry.chatId}/${identityOf(entry.author, entry.id)}`;
    const twin = this.#identities.get(identity);
    if (twin !== undefined) violate("identity", `${identity} was accepted twice`);
    this.#identities.set(identity, entry);
    this.#stamped(entry.chatId, entry.order);
    if (chat.ended) violate("one_end", `Chat ${entry.chatId} has ended and goes on: ${entry.kind}`);
    this.#judgeAuthor(chat, entry);
    if (entry.kind === "inactivity_warned") warned(chat);
    if (entry.stream === "public") chat.lastPublicOrder = entry.order;
    else chat.notes += 1;
    if (entry.kind !== "chat_ended") chat.spokenAt = now();
    this.entries.set(stampOf(entry), entry);
  }

  #judgeAuthor(chat: ChatTruth, entry: Entry): void {
    const { violate } = this.#ports;
    const agentId = this.state.chats.get(chat.chatId)?.agentId;
    const { author } = entry;
    const mayPost = author.type === "system" ||
      author.id === (author.type === "visitor" ? chat.visitorId : agentId);
    if (!mayPost) violate("sites", `${author.id} posted to chat ${chat.chatId} of others`);
    const isStaff = entry.kind === "note";
    if (isStaff !== (entry.stream === "staff")) {
      violate("staff", `${entry.kind} in ${entry.stream}`);
    }
  }

  #ended(fact: Extract<Fact, { type: "chat_ended" }>): void {
    const chat = this.chats.get(fact.chatId);
    if (chat === undefined || chat.ended) {
      return this.#ports.violate("one_end", `Chat ${fact.chatId} ended twice, or never was`);
    }
    this.#ports.absent(chat, fact);
    this.#stamped(fact.chatId, fact.stamp.order);
    chat.ended = true;
    if (fact.commandId !== undefined) this.commands.add(fact.commandId);
  }

  /** Something in the chat has this order, which has to be above all before it. */
  #stamped(chatId: ChatId, order: Millis): void {
    const chat = this.chats.get(chatId);
    if (chat === undefined) return;
    if (order <= chat.lastOrder) {
      this.#ports.violate("order", `Chat ${chatId} goes on at ${order} behind ${chat.lastOrder}`);
    }
    chat.lastOrder = order;
  }

  #judgeJobs(facts: readonly Fact[], jobs: readonly Job[]): void {
    const { violate } = this.#ports;
    const ends = facts.filter((fact) => fact.type === "chat_ended").length;
    let published = 0;
    for (const { queue, uniqueId } of jobs) {
      if (queue !== "chat.end") continue;
      published += 1;
      if (this.#endJobs.has(uniqueId)) violate("one_end", `A second chat.end of ${uniqueId}`);
      this.#endJobs.add(uniqueId);
    }
    if (published !== ends) {
      violate("one_end", `${ends} chats ended with ${published} chat.end jobs`);
    }
  }
}

/** A stamp as a key. */
export function stampOf(
  { chatId, tenure, stream, n }: Pick<Entry, "chatId" | "tenure" | "stream" | "n">,
) {
  return `${chatId}/${tenure}/${stream}/${n}`;
}

/** Whether two entries are the same in all that is signed. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return a === b || (a.chatId === b.chatId && a.tenure === b.tenure && a.stream === b.stream &&
    a.n === b.n && a.order === b.order && a.at === b.at && a.author.type === b.author.type &&
    a.author.id === b.author.id && a.id === b.id && a.kind === b.kind && a.text === b.text);
}

/** How two states of a site differ, in one line; undefined when they are equal. */
export function differenceOf(real: SiteState, expected: SiteState): string | undefined {
  if (real.tenure !== expected.tenure) return `tenure ${real.tenure}, expected ${expected.tenure}`;
  for (const agentId of new Set([...real.agents.keys(), ...expected.agents.keys()])) {
    const [a, b] = [real.registersOf(agentId), expected.registersOf(agentId)].map((registers) =>
      JSON.stringify(registers)
    );
    if (a !== b) return `agent ${agentId} is ${a}, expected ${b}`;
  }
  for (const chatId of new Set([...real.chats.keys(), ...expected.chats.keys()])) {
    const a = real.chats.get(chatId);
    const b = expected.chats.get(chatId);
    if (a === undefined) return `chat ${chatId} is gone`;
    if (b === undefined) return `chat ${chatId} is there and was forgotten or never committed`;
    const difference = entryDifference(a.log.entries, b.log.entries) ??
      registerDifference(a.snapshot(), b.snapshot());
    if (difference !== undefined) return `chat ${chatId}: ${difference}`;
  }
  return undefined;
}

function registerDifference(real: ChatSnapshot, expected: ChatSnapshot): string | undefined {
  const others = new Map(Object.entries(expected));
  for (const [name, value] of Object.entries(real)) {
    const [one, other] = [JSON.stringify(value), JSON.stringify(others.get(name))];
    if (one !== other) return `${name} is ${one}, expected ${other}`;
  }
  return undefined;
}

function entryDifference(real: readonly Entry[], expected: readonly Entry[]): string | undefined {
  for (let i = 0; i < Math.max(real.length, expected.length); i++) {
    const [a, b] = [real[i], expected[i]];
    if (a !== undefined && b !== undefined && sameEntry(a, b)) continue;
    const one = a === undefined ? "missing" : canonicalEntry(a);
    const other = b === undefined ? "missing" : canonicalEntry(b);
    if (one !== other) return `entry ${i + 1} of ${expected.length} is ${one}, expected ${other}`;
  }
  return undefined;
}
