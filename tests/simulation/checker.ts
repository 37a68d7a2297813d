import type { AgentId, SiteId } from "../../core/ids.ts";
import { limits } from "../../core/limits.ts";
import type { ServerFrame } from "../../core/server_frames.ts";
import type { SiteState } from "../../core/site_state.ts";
import type { Decision } from "../../server/decision.ts";
import type { JournalWrite } from "../../server/journal_store.ts";
import { FrameCheck } from "./frame_check.ts";
import type { Wire } from "./wire.ts";
import { checkPage } from "./page_check.ts";
import type { ShownPage } from "./shown_page.ts";
import type { RuleName, Violation } from "./rules.ts";
import { type ChatTruth, SiteTruth } from "./site_truth.ts";
import { differenceOf } from "./state_difference.ts";
import type { Sites } from "./sites.ts";
import type { Counts } from "./counts.ts";

/** What the checker has to know of the world. */
export interface CheckerPorts {
  readonly sites: Sites;
  readonly counts: Counts;
  now(): number;
  /** When the node that serves the site was last seated: started, or woken. */
  seatedAt(siteId: SiteId): number;
  /** Whether the site's engine is being rebuilt right now. */
  isRebuilding(siteId: SiteId): boolean;
  pages(): readonly ShownPage[];
  /** Of all sites that serve. */
  states(): readonly SiteState[];
}

/** A beat of the node's pulse, a correction of its clock, a commit under way. */
const slackMs = 1_500;
/** As they are when the world begins: a canary may change the node's. */
const { presenceGraceMs, silenceMsMax } = { ...limits };
const decoder = new TextDecoder();

/** Watches everything that the parts of the world do, and notes the first rule that is broken. */
export class Checker {
  readonly violations: Violation[] = [];
  readonly #ignored: ReadonlySet<string>;
  readonly #ports: CheckerPorts;
  readonly #truths = new Map<SiteId, SiteTruth>();
  /** When something was last heard of a person, as "<site>/<id>". */
  readonly #heardAt = new Map<string, number>();
  /** The same before that, when there was a pause in between. */
  readonly #heardBefore = new Map<string, number>();
  readonly #askedBefore = new Map<string, number>();

  constructor(ports: CheckerPorts, ignored: ReadonlySet<string>) {
    this.#ports = ports;
    this.#ignored = ignored;
  }

  violate(rule: RuleName, message: string): void {
    if (this.#ignored.has(rule) || this.violations.length >= 10) return;
    this.violations.push({ rule, message, at: this.#ports.now() });
  }

  /** Whether somebody asked to look away from this rule. */
  ignores(rule: RuleName): boolean {
    return this.#ignored.has(rule);
  }

  /** What really happened at a site. */
  truth(siteId: SiteId): SiteTruth {
    let truth = this.#truths.get(siteId);
    if (truth === undefined) {
      truth = new SiteTruth({
        config: this.#ports.sites.config(siteId),
        now: () => this.#ports.now(),
        violate: (rule, message) => this.violate(rule, message),
        assigned: (agentId) => this.#assigned(siteId, agentId),
        absent: (chat, fact) => {
          if (fact.reason === "visitor_left") this.#left(siteId, chat);
          if (fact.reason === "inactive") this.#silent(siteId, chat, "endAfterMs");
        },
        warned: (chat) => this.#silent(siteId, chat, "warnAfterMs"),
        silent: (chat) => this.#unanswered(siteId, chat),
      });
      this.#truths.set(siteId, truth);
    }
    return truth;
  }

  /** A commit is on disk. */
  landed({ puts }: JournalWrite): void {
    const begun = new Set<SiteId>();
    for (const { key, value } of puts) {
      if (key[0] !== "log") continue;
      const decisions: Decision[] = JSON.parse(`[${decoder.decode(value)}]`);
      for (const { site } of decisions) {
        if (begun.has(site)) continue;
        begun.add(site);
        this.truth(site).committing();
      }
      for (const decision of decisions) {
        this.#count(decision);
        this.truth(decision.site).land(decision);
      }
    }
  }

  #count({ facts }: Decision): void {
    for (const fact of facts) {
      const name = fact.type === "chat_requeued"
        ? fact.why === "agent_silent" ? "agent_silent" : "requeued"
        : fact.type === "chat_declined" && fact.how === "missed"
        ? "missed"
        : fact.type === "ban_set"
        ? "banned"
        : fact.type === "agent_status_set" && fact.status === "offline"
        ? "logged_out"
        : undefined;
      if (name !== undefined) this.#ports.counts.add(`case_${name}`);
    }
  }

  /** A site was read back from the journal; nothing was decided on it yet. */
  recovered(siteId: SiteId, state: SiteState): void {
    const { counts, sites } = this.#ports;
    const isOlder = sites.history(siteId).length > 1 && state.chats.size > 0;
    if (isOlder) counts.add("case_older_journal_read");
    const difference = differenceOf(state, this.truth(siteId).state);
    if (difference !== undefined) this.violate("kept", `${siteId} was read back: ${difference}`);
  }

  /** A node lets go of a message. */
  sent(link: Wire, text: string): void {
    const { siteId } = link.owner;
    const check = new FrameCheck(link, {
      truth: this.truth(siteId),
      configs: this.#ports.sites.inForce(siteId, this.#ports.now()),
      signer: this.#ports.sites.signer,
      violate: (rule, message) => this.violate(rule, message),
    });
    for (const line of text.split("\n")) {
      const frame: ServerFrame = JSON.parse(line);
      this.#ports.counts.add(`sent_${frame.type}`);
      if (frame.type === "refused") {
        this.#ports.counts.add(`refused_${frame.code}`);
        const isRequest = link.asked.get(frame.re) === "request_chat";
        if (isRequest && !frame.retryable) this.truth(siteId).refusedRequests.add(frame.re);
      }
      check.judge(frame);
    }
  }

  /** A frame reached a node. Answers its type when it has an id by which it is repeated. */
  received(link: Wire, text: string): string | undefined {
    const { siteId, holder } = link.owner;
    this.#hear(`${siteId}/${holder.id}`);
    const frame: unknown = JSON.parse(text);
    if (typeof frame !== "object" || frame === null || !("type" in frame)) return undefined;
    const type = String(frame.type);
    const id = "messageId" in frame ? frame.messageId : "commandId" in frame ? frame.commandId : "";
    if (typeof id !== "string" || id === "") return undefined;
    link.asked.set(id, type);
    const key = `${siteId}/${holder.id}/${id}`;
    const before = this.#askedBefore.get(key) ?? 0;
    this.#askedBefore.set(key, before + 1);
    if (before > 0) this.#ports.counts.add(`case_repeated_${type}`);
    return type;
  }

  /** A node closes a socket. */
  closed(link: Wire, reason: string): void {
    // A socket that its page gave up may be closed with whatever code.
    if (reason !== "resync" || link.pageOver) return;
    if (this.#ports.isRebuilding(link.owner.siteId)) return;
    this.violate("connected", `${link} is closed to resync, and nothing was lost on it`);
  }

  /** Looks at every page that changed since the last time. */
  look(): void {
    this.#lookAtOffers();
    for (const page of this.#ports.pages()) {
      if (!page.dirty || page.gone) continue;
      page.dirty = false;
      checkPage(page, {
        truth: this.truth(page.siteId),
        others: this.#ports.pages(),
        isShutOut: this.#isShutOut(page),
        violate: (rule, message) => this.violate(rule, message),
      });
    }
  }

  /** Whether the person was banned, logged out, disabled or lost its sessions at some time. */
  #isShutOut({ siteId, holder }: ShownPage): boolean {
    return this.truth(siteId).wasPutOut.has(holder.id) ||
      this.#ports.sites.history(siteId).some(({ agents }) =>
        agents.some(({ agentId, disabled, tokenVersion }) =>
          agentId === holder.id && (disabled || tokenVersion > 1)
        )
      );
  }

  /** An agent that nothing was heard of for long is not given chats. [RT3] */
  #assigned(siteId: SiteId, agentId: AgentId): void {
    const heardAt = this.#heardAt.get(`${siteId}/${agentId}`) ?? 0;
    const since = Math.max(heardAt, this.#ports.seatedAt(siteId));
    const silentMs = this.#ports.now() - since;
    // Found silent at a beat after silenceMsMax, then present for the grace.
    const allowed = silenceMsMax + 1_000 + presenceGraceMs + slackMs;
    if (silentMs <= allowed) return;
    const seconds = Math.round(silentMs / 1_000);
    this.violate(
      "present",
      `${agentId} was given a chat after ${seconds} s without a sign of life`,
    );
  }

  #hear(person: string): void {
    const now = this.#ports.now();
    const last = this.#heardAt.get(person) ?? 0;
    if (now - last > slackMs) this.#heardBefore.set(person, last);
    this.#heardAt.set(person, now);
  }

  #left(siteId: SiteId, chat: ChatTruth): void {
    const { visitorId } = chat;
    const person = `${siteId}/${visitorId}`;
    const heardAt = this.#heardAt.get(person) ?? 0;
    // Whoever comes back in this very moment may be too late by a hair.
    const isBack = this.#ports.now() - heardAt < slackMs;
    const gone = isBack ? this.#heardBefore.get(person) ?? 0 : heardAt;
    const since = Math.max(gone, this.#ports.seatedAt(siteId));
    this.#early(chat, { since, ms: presenceGraceMs, what: "ended as its visitor left" });
  }

  #silent(siteId: SiteId, chat: ChatTruth, which: "warnAfterMs" | "endAfterMs"): void {
    const ms = this.#ports.sites.config(siteId).inactivity[which];
    const since = Math.max(chat.spokenAt, this.#ports.seatedAt(siteId));
    this.#early(chat, { since, ms, what: which === "warnAfterMs" ? "warned" : "ended inactive" });
  }

  #unanswered(siteId: SiteId, chat: ChatTruth): void {
    const ms = this.#ports.sites.config(siteId).inactivity.agentSilentMs ?? 0;
    const since = Math.max(chat.unansweredAt ?? Infinity, this.#ports.seatedAt(siteId));
    this.#early(chat, { since, ms, what: "taken from its silent agent" });
  }

  /** After every step: no engine gives or offers more than an agent may have. */
  #lookAtOffers(): void {
    for (const state of this.#ports.states()) {
      for (const { agentId, offers } of state.consoles.values()) {
        const limit = state.agentConfigs.get(agentId)?.chatLimit ?? Infinity;
        const has = state.ongoingOf(agentId).size;
        if (offers.size === 0 || has + offers.size <= limit) continue;
        this.violate("agent_limit", `${agentId} has ${has} chats and ${offers.size} offers`);
      }
    }
  }

  #early(chat: ChatTruth, { since, ms, what }: { since: number; ms: number; what: string }): void {
    const passed = this.#ports.now() - since;
    if (passed >= ms - slackMs) return;
    this.violate("absence", `Chat ${chat.chatId} was ${what} after ${passed} ms instead of ${ms}`);
  }
}
