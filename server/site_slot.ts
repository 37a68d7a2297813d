import type { Event } from "../core/event.ts";
import { type Fact, nounOf } from "../core/fact.ts";
import type { ChatId, Millis, SiteId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { Site } from "../core/site.ts";
import { nameOf } from "./journal.ts";

/**
 * What may happen to a site here. serving: it decides. rebuilding: dropped after a failed commit or
 * a mistake of ours, events wait until the journal has been read. failed: it needed that twice
 * within a minute and answers 503 until the node is restarted. retired: it is not configured (any
 * more), or its configuration cannot be read: it decides nothing, and its past is kept.
 */
export type SlotState = "serving" | "rebuilding" | "failed" | "retired";

/** One site on this node: its engine and the events that wait for it. */
export class SiteSlot {
  readonly siteId: SiteId;
  site: Site;
  state: SlotState = "serving";
  /** Whether it stands in the commit loop's line. */
  queued = false;
  /** Events decided in the round that is being gathered. */
  decidedInRound = 0;
  /**
   * The engine threw: it decides nothing more and is rebuilt once its committed part is on disk.
   */
  tainted = false;
  /** Time never runs backwards within a site. */
  lastAt: Millis = 0;
  rebuiltAt = -Infinity;
  /** The day on which its use was noted last. */
  usedAt: Millis = 0;
  /** It is not configured any more: it retires as soon as it is rebuilt. */
  isRemoved = false;
  readonly #mailbox: Event[] = [];
  #head = 0;
  readonly #names = new Map<ChatId, string>();

  constructor(siteId: SiteId, site: Site) {
    this.siteId = siteId;
    this.site = site;
  }

  /** The name of the noun that a fact changes, the same string every time. */
  nounName(fact: Fact): string {
    if (fact.type !== "message_accepted") return nameOf(this.siteId, nounOf(fact));
    const { chatId } = fact.entry;
    let name = this.#names.get(chatId);
    if (name === undefined) {
      if (this.#names.size >= limits.endedChatsMax) this.#names.clear();
      name = nameOf(this.siteId, nounOf(fact));
      this.#names.set(chatId, name);
    }
    return name;
  }

  /** Events that wait. */
  get waiting(): number {
    return this.#mailbox.length - this.#head;
  }

  /** Whether an answer may be waited for; if not, its senders are refused. */
  get answers(): boolean {
    return this.state === "serving" || this.state === "rebuilding";
  }

  /** Whether a frame from outside may still come in. */
  get acceptsMore(): boolean {
    return this.waiting < limits.mailboxEventsMax;
  }

  put(event: Event): void {
    this.#mailbox.push(event);
  }

  take(): Event | undefined {
    const event = this.#mailbox[this.#head];
    if (event === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#mailbox.length) {
      this.#mailbox.length = 0;
      this.#head = 0;
    } else if (this.#head > 1_024) {
      this.#mailbox.splice(0, this.#head);
      this.#head = 0;
    }
    return event;
  }

  /** Takes all that waits, to be refused. */
  takeAll(): Event[] {
    const events = this.#mailbox.slice(this.#head);
    this.#mailbox.length = 0;
    this.#head = 0;
    return events;
  }
}
