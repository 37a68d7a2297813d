import { streamKey } from "../../core/cursor.ts";
import { type Author, type Entry, identityOf } from "../../core/entry.ts";
import type { Fact } from "../../core/fact.ts";
import { type AgentId, agentsOfThread, type ChatId, isThreadId } from "../../core/ids.ts";
import type { Millis, VisitorId } from "../../core/ids.ts";
import type { SiteConfig } from "../../core/site_config.ts";
import { SiteState } from "../../core/site_state.ts";
import type { Decision } from "../../server/decision.ts";
import { JobTruth } from "./job_truth.ts";
import type { RuleName } from "./rules.ts";
import { Sight } from "./sight.ts";
import { stampOf } from "./state_difference.ts";

/** What is remembered of a chat for ever, also when the site has forgotten it. */
export interface ChatTruth {
  readonly chatId: ChatId;
  /** Nobody's, of what two agents write to each other. */
  readonly visitorId: VisitorId | undefined;
  readonly agentIds: Set<AgentId>;
  lastOrder: number;
  lastPublicOrder: number;
  notes: number;
  ended: boolean;
  /** The world's time of its last entry. */
  spokenAt: number;
  /** Since when the visitor waits for its agent's word. */
  unansweredAt: number | undefined;
  /** Agents who were in it in whatever way, at some time. */
  readonly seenBy: Set<AgentId>;
}

/** What the truth has to know of the world when a fact lands. */
export interface TruthPorts {
  readonly config: SiteConfig;
  now(): number;
  violate(rule: RuleName, message: string): void;
  /** The world's own view: may this be decided about somebody's absence? */
  assigned(agentId: AgentId): void;
  silent(chat: ChatTruth): void;
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
  readonly #jobs: JobTruth;
  /** Who may see what is let go now. */
  readonly sight: Sight;
  /** Visitors who were banned before the last commit. */
  readonly #banned = new Set<string>();
  /** Requests of chats that were refused once; another tab may have asked with more luck. */
  readonly refusedRequests = new Set<string>();
  /** Visitors who were ever banned, agents who ever logged out. */
  readonly wasPutOut = new Set<string>();

  constructor(ports: TruthPorts) {
    this.#ports = ports;
    this.state = new SiteState(ports.config);
    this.sight = new Sight(this.state);
    this.#jobs = new JobTruth(ports.violate);
  }

  /** A commit lands: who lost sight of something in the one before may not see it any more. */
  committing(): void {
    this.sight.committing();
    this.#banned.clear();
    for (const { target } of this.state.bans.all()) {
      if (target.type === "visitor") this.#banned.add(target.visitorId);
    }
  }

  /** Whether the visitor was banned before the last commit, and is. */
  isBanned(id: string): boolean {
    return this.#banned.has(id) &&
      [...this.state.bans.all()].some(({ target }) =>
        target.type === "visitor" && target.visitorId === id
      );
  }

  /** One event's decision is on disk. */
  land({ facts, jobs = [] }: Decision): void {
    for (const fact of facts) {
      if ("chatId" in fact) this.sight.changing(fact.chatId);
      if ("commandId" in fact && fact.commandId !== undefined) this.commands.add(fact.commandId);
      this.#judge(fact);
      this.state.apply(fact);
    }
    this.#jobs.judge(facts, jobs);
  }

  /** The entry of an identity, if it is on disk. */
  identityOf(chatId: ChatId, author: Author, id: string): Entry | undefined {
    const identity = identityOf(author, id);
    const found = this.#identities.get(`${chatId}/${identity}`);
    if (found !== undefined) return found;
    // Of a chat that was asked for under a new id, that is another time before the same letters.
    const again = [...this.chats.keys()].filter((other) => other.slice(10) === chatId.slice(10));
    return again.map((other) => this.#identities.get(`${other}/${identity}`))
      .find((entry) => entry !== undefined);
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
        if (fact.status === "offline") this.wasPutOut.add(fact.agentId);
        return;
      case "ban_set":
        this.commands.add(fact.ban.banId);
        if (fact.ban.target.type === "visitor") this.wasPutOut.add(fact.ban.target.visitorId);
        return;
      case "visitor_forgotten":
        return this.#jobs.forget(fact.visitorId);
      case "register_set":
        return this.#stamped(fact.chatId, fact.stamp.order);
      case "participant_joined":
        return this.#joined(fact);
      case "chat_requeued":
        return this.#requeued(fact);
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
        if (this.chats.get(fact.chatId)?.ended !== true && !isThreadId(fact.chatId)) {
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
      unansweredAt: undefined,
      seenBy: new Set(),
    });
  }

  #joined({ chatId, agentId }: Extract<Fact, { type: "participant_joined" }>): void {
    const chat = this.state.chats.get(chatId);
    if (chat?.state.state !== "active" || chat.agentId === agentId) {
      this.#ports.violate("one_agent", `${agentId} joined chat ${chatId}: ${chat?.state.state}`);
    }
    this.chats.get(chatId)?.seenBy.add(agentId);
  }

  #requeued(fact: Extract<Fact, { type: "chat_requeued" }>): void {
    const { chatId, why } = fact;
    const chat = this.chats.get(chatId);
    const stands = this.state.chats.get(chatId)?.state.state;
    const from = why === "bot_handed_over"
      ? "bot"
      : why === "department_removed"
      ? "waiting"
      : "active";
    if (chat === undefined || stands !== from) {
      return this.#ports.violate("one_agent", `Chat ${chatId} was requeued (${why}): ${stands}`);
    }
    if (why === "agent_silent") this.#ports.silent(chat);
    this.#stamped(chatId, fact.stamp.order);
  }

  #assigned(fact: Extract<Fact, { type: "chat_assigned" }>): void {
    const { violate, assigned, now } = this.#ports;
    const { chatId, agentId, how } = fact;
    const chat = this.state.chats.get(chatId);
    const stands = chat?.state.state ?? "unknown";
    const wanted = how === "assigned" || how === "accepted" ? "waiting" : "active";
    if (stands !== wanted || chat?.agentId === agentId) {
      violate("one_agent", `${agentId} was given chat ${chatId} (${how}): ${stands}`);
    }
    const limit = this.state.agentConfigs.get(agentId)?.chatLimit ?? 0;
    if (this.state.ongoingOf(agentId).size >= limit) {
      violate("agent_limit", `${agentId} was given chat ${chatId} beyond its limit of ${limit}`);
    }
    const status = this.state.agents.get(agentId)?.status ?? "offline";
    // Who takes a chat over, or inherits it as one of its people, is there by that.
    const isPicked = how !== "taken_over" && how !== "inherited";
    if (isPicked && status !== "online") {
      violate("present", `${agentId} was given ${chatId} (${how}) while ${status}`);
    }
    if (isPicked) assigned(agentId);
    const truth = this.chats.get(chatId);
    truth?.agentIds.add(agentId);
    truth?.seenBy.add(agentId);
    if (truth?.unansweredAt !== undefined) truth.unansweredAt = now();
    this.#stamped(chatId, fact.stamp.order);
  }

  #accepted(entry: Entry): void {
    const { violate, now, warned } = this.#ports;
    const chat = this.#conversation(entry.chatId);
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
    const isOfMonitors = entry.stream === "staff" && entry.author.type === "system";
    const isWriting = entry.changes === undefined && !isOfMonitors;
    if (isWriting && entry.kind !== "chat_ended") chat.spokenAt = now();
    // Notes answer nobody.
    if (entry.author.type === "agent" && entry.stream === "public") chat.unansweredAt = undefined;
    if (entry.author.type === "visitor") chat.unansweredAt ??= now();
    this.entries.set(stampOf(entry), entry);
  }

  #conversation(chatId: ChatId): ChatTruth | undefined {
    const known = this.chats.get(chatId);
    if (known !== undefined || !isThreadId(chatId)) return known;
    const agentIds = new Set(agentsOfThread(chatId));
    const thread: ChatTruth = {
      chatId,
      visitorId: undefined,
      agentIds,
      seenBy: agentIds,
      lastOrder: 0,
      lastPublicOrder: 0,
      notes: 0,
      ended: false,
      spokenAt: 0,
      unansweredAt: undefined,
    };
    this.chats.set(chatId, thread);
    return thread;
  }

  #judgeAuthor(chat: ChatTruth, entry: Entry): void {
    const { violate } = this.#ports;
    if (!this.#mayWrite(chat, entry)) {
      violate("sites", `${entry.author.id} posted to chat ${chat.chatId} of others`);
    }
    if (staffKinds.has(entry.kind) !== (entry.stream === "staff")) {
      violate("staff", `${entry.kind} in ${entry.stream}`);
    }
    if (isThreadId(chat.chatId) !== (entry.kind === "private")) {
      violate("staff", `${entry.kind} in ${chat.chatId}`);
    }
  }

  #mayWrite({ chatId, visitorId, agentIds }: ChatTruth, { author, kind }: Entry): boolean {
    if (author.type === "system") return true;
    if (author.type === "visitor") return author.id === visitorId;
    if (author.type === "bot") return this.state.chats.get(chatId)?.state.state === "bot";
    if (kind === "private") return agentIds.has(author.id);
    const chat = this.state.chats.get(chatId);
    const mode = chat?.participants.get(author.id);
    return chat?.agentId === author.id || mode === "joined" ||
      (mode === "monitoring" && kind === "note");
  }

  #ended(fact: Extract<Fact, { type: "chat_ended" }>): void {
    const chat = this.chats.get(fact.chatId);
    if (chat === undefined || chat.ended) {
      return this.#ports.violate("one_end", `Chat ${fact.chatId} ended twice, or never was`);
    }
    this.#ports.absent(chat, fact);
    this.#stamped(fact.chatId, fact.stamp.order);
    chat.ended = true;
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
}

/** What no visitor may ever see. */
const staffKinds: ReadonlySet<string> = new Set([
  "note",
  "private",
  "monitor_started",
  "monitor_ended",
]);
