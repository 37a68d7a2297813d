import type { CommandId } from "../../core/ids.ts";
import type { RefusalCode } from "../../core/refusal.ts";
import { retryDelayMs } from "./backoff.ts";
import type { Chance } from "./connection.ts";
import type { FrameOf } from "./frame.ts";
import { chatIdOf } from "./ids.ts";
import { limits } from "./limits.ts";
import {
  type Failure,
  idOfFrame,
  isPost,
  laneOf,
  type OutboxFrame,
  type OutboxRecord,
  replacesEarlier,
} from "./outbox_record.ts";
import { type TextProblem, textProblem } from "./text.ts";

/**
 * Where an un-acked frame stands. `sent` is of this connection; a new connection starts at queued.
 */
export type ItemState =
  | { readonly state: "queued" }
  | { readonly state: "sent"; readonly at: number }
  | { readonly state: "delayed"; readonly until: number }
  | { readonly state: "failed"; readonly failure: Failure };

/** Why this side does not take a frame in. */
export type LocalRefusal = TextProblem | "outbox_full";

/** A frame on its way, with how often it was refused. */
export interface OutboxItem {
  readonly id: string;
  readonly lane: string;
  readonly frame: OutboxFrame;
  readonly postedAt: number;
  attempts: number;
  now: ItemState;
}

/**
 * What became of a refused item: it is sent again later, stays as failed, or was of no interest.
 */
export type RefusalResult =
  | { readonly type: "retried" }
  | { readonly type: "failed"; readonly items: readonly OutboxItem[] }
  | { readonly type: "dropped"; readonly item: OutboxItem };

/** Codes that mean: what was asked for is already so, or no longer matters. */
const pointless: ReadonlySet<RefusalCode> = new Set(["chat_ended", "unknown_chat", "not_in_chat"]);

/**
 * Everything un-acked, by lane in original order, each lane one at a time: a window of one is what
 * keeps the order when a frame in the middle is refused and has to be sent again.
 */
export class Outbox {
  readonly #items = new Map<string, OutboxItem>();
  readonly #lanes = new Map<string, OutboxItem[]>();
  #heldUntil = 0;

  /** Frames without an answer; failed ones not counted. */
  get unacked(): number {
    let count = 0;
    for (const lane of this.#lanes.values()) count += lane.length;
    return count;
  }

  /**
   * Whether a frame may be added; nothing more is while `outboxMax` are unanswered or not
   * dismissed.
   */
  refusalOf(frame: OutboxFrame): LocalRefusal | undefined {
    if (this.#items.size >= limits.outboxMax) return "outbox_full";
    const isText = isPost(frame) || frame.type === "post_private" ||
      frame.type === "submit_offline_message";
    return isText ? textProblem(frame.text) : undefined;
  }

  /** Whether this id is on its way or failed. */
  has(id: string): boolean {
    return this.#items.has(id);
  }

  /** The item of an id. */
  find(id: string): OutboxItem | undefined {
    return this.#items.get(id);
  }

  /** Takes a frame in behind its lane. A status or read mark replaces one that is not under way. */
  add(frame: OutboxFrame, now: number): OutboxItem {
    return this.#insert({ frame, postedAt: now }, { sorted: false });
  }

  /** Takes in what a reloaded page or another tab left in storage, at the place its id gives it. */
  adopt(record: OutboxRecord, now: number): OutboxItem {
    const item = this.#insert(record, { sorted: true });
    const failure = record.failure ?? (isTooOld(record, now) ? expired : undefined);
    if (failure !== undefined) this.#fail(item, failure);
    return item;
  }

  /**
   * Gives up what has waited for so long that it must not be sent any more, a request with all that
   * was said in its chat. What belonged to its moment only is gone. In lanes the oldest is first.
   */
  expire(now: number): readonly OutboxItem[] {
    const given: OutboxItem[] = [];
    for (const lane of [...this.#lanes.values()]) {
      for (let [head] = lane; head !== undefined; [head] = lane) {
        if (head.now.state === "sent" || !isTooOld(head, now)) break;
        if (isOfItsMoment(head.frame)) {
          this.remove(head.id);
          given.push(head);
        } else given.push(...this.#giveUp(head, expired));
      }
    }
    return given;
  }

  /**
   * The heads of all lanes that may be sent now, in original order; they count as sent from here
   * on.
   */
  takeSendable(now: number): readonly OutboxItem[] {
    if (now < this.#heldUntil) return [];
    const heads: OutboxItem[] = [];
    for (const [head] of this.#lanes.values()) {
      if (head === undefined || !isSendable(head, now)) continue;
      head.now = { state: "sent", at: now };
      heads.push(head);
    }
    return heads.length > 1 ? heads.sort(byId) : heads;
  }

  /** Removes an item that was answered, seen as an entry, or dismissed. */
  remove(id: string): OutboxItem | undefined {
    const item = this.#items.get(id);
    if (item === undefined) return undefined;
    this.#items.delete(id);
    this.#leaveLane(item);
    return item;
  }

  /**
   * Takes a refusal in. `retryable` is the caller's judgement, which may be milder than the
   * frame's.
   */
  refuse(item: OutboxItem, frame: FrameOf<"refused">, chance: Chance): RefusalResult {
    if (frame.retryable) {
      const tries = { attempts: item.attempts, random: chance.random };
      const until = chance.now + retryDelayMs(tries, frame.retryAfterMs);
      item.attempts += 1;
      item.now = { state: "delayed", until };
      if (frame.code === "rate_limited") this.#heldUntil = Math.max(this.#heldUntil, until);
      return { type: "retried" };
    }
    const { code, message, field } = frame;
    const failure: Failure = field === undefined ? { code, message } : { code, message, field };
    if (isMoot(item.frame, code)) {
      this.remove(item.id);
      return { type: "dropped", item };
    }
    return { type: "failed", items: this.#giveUp(item, failure) };
  }

  /**
   * Asks for the chat under another id, and takes along what was said in it, which was never sent:
   * the request goes first. Returns the items as they are now.
   */
  rename(request: OutboxItem, commandId: CommandId): readonly OutboxItem[] {
    const chatId = chatIdOf(commandId);
    return [...this.#lanes.get(request.lane) ?? []].map((item) => {
      this.remove(item.id);
      const frame = item === request ? { ...item.frame, commandId } : { ...item.frame, chatId };
      // What names the chat is another id of the same kind, and all else is as it was.
      const record = { frame: frame as OutboxFrame, postedAt: item.postedAt };
      const renamed = this.#insert(record, { sorted: false });
      renamed.attempts = item === request ? item.attempts + 1 : 0;
      return renamed;
    });
  }

  /**
   * The connection is gone: nothing is under way any more, everything is sent again on the next.
   */
  disconnected(): void {
    this.#heldUntil = 0;
    for (const lane of this.#lanes.values()) {
      for (const item of lane) item.now = { state: "queued" };
    }
  }

  /** Sends again what this connection should have answered long ago. */
  requeueUnanswered(now: number): void {
    for (const [head] of this.#lanes.values()) {
      if (head?.now.state === "sent" && now - head.now.at > limits.unansweredMsMax) {
        head.now = { state: "queued" };
      }
    }
  }

  /** When a delayed frame may go out again; undefined when none waits for time to pass. */
  deadline(): number | undefined {
    let earliest: number | undefined;
    for (const [head] of this.#lanes.values()) {
      if (head === undefined || head.now.state === "sent" || head.now.state === "failed") continue;
      const until = head.now.state === "delayed" ? head.now.until : this.#heldUntil;
      const at = Math.max(until, this.#heldUntil);
      if (earliest === undefined || at < earliest) earliest = at;
    }
    return earliest;
  }

  /** A chat's items that wait for their answer, in order. */
  waitingIn(lane: string): readonly OutboxItem[] {
    return this.#lanes.get(lane) ?? [];
  }

  /** Items that were refused for good and not yet dismissed, in original order. */
  failed(): readonly OutboxItem[] {
    return [...this.#items.values()].filter((item) => item.now.state === "failed").sort(byId);
  }

  #insert({ frame, postedAt }: OutboxRecord, { sorted }: { sorted: boolean }): OutboxItem {
    const id = idOfFrame(frame);
    const item: OutboxItem = {
      id,
      lane: laneOf(frame),
      frame,
      postedAt,
      attempts: 0,
      now: { state: "queued" },
    };
    if (replacesEarlier(frame)) this.#supersede(item.lane);
    const lane = this.#lanes.get(item.lane) ?? [];
    let place = lane.length;
    while (sorted && place > 0 && mayPass(item, lane[place - 1])) place -= 1;
    lane.splice(place, 0, item);
    this.#lanes.set(item.lane, lane);
    this.#items.set(id, item);
    return item;
  }

  #supersede(lane: string): void {
    for (const item of [...this.#lanes.get(lane) ?? []]) {
      if (item.now.state !== "sent" && replacesEarlier(item.frame)) this.remove(item.id);
    }
  }

  /** Fails an item, and with the request of a chat all that waits for it. */
  #giveUp(item: OutboxItem, failure: Failure): OutboxItem[] {
    this.#fail(item, failure);
    if (item.frame.type !== "request_chat") return [item];
    const followers = [...this.#lanes.get(item.lane) ?? []];
    const orphaned: Failure = failure === expired
      ? expired
      : { code: "chat_refused", message: failure.message };
    for (const follower of followers) this.#fail(follower, orphaned);
    return [item, ...followers];
  }

  #fail(item: OutboxItem, failure: Failure): void {
    this.#leaveLane(item);
    item.now = { state: "failed", failure };
  }

  #leaveLane(item: OutboxItem): void {
    const lane = this.#lanes.get(item.lane);
    if (lane === undefined) return;
    const place = lane.indexOf(item);
    if (place >= 0) lane.splice(place, 1);
    if (lane.length === 0) this.#lanes.delete(item.lane);
  }
}

const expired: Failure = { code: "expired", message: "It was written too long ago." };

function isTooOld({ postedAt }: Pick<OutboxItem, "postedAt">, now: number): boolean {
  return now - postedAt > limits.storedMsMax;
}

/** What nobody misses: a later one says the same, or a new connection is told anew. */
function isOfItsMoment({ type }: OutboxFrame): boolean {
  return type === "mark_read" || type === "set_variables";
}

function isSendable(item: OutboxItem, now: number): boolean {
  return item.now.state === "queued" ||
    (item.now.state === "delayed" && item.now.until <= now);
}

/** The request of a chat comes before all that is said in it, whatever the clock did in between. */
function mayPass(item: OutboxItem, before: OutboxItem | undefined): boolean {
  if (before === undefined || before.now.state === "sent") return false;
  if (item.frame.type === "request_chat") return true;
  return before.frame.type !== "request_chat" && item.id < before.id;
}

function isMoot(frame: OutboxFrame, code: RefusalCode): boolean {
  switch (frame.type) {
    case "mark_read":
      return true;
    case "end_chat":
      return pointless.has(code);
    case "answer_invitation":
      return code === "unknown_invitation";
    default:
      return false;
  }
}

function byId(a: OutboxItem, b: OutboxItem): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
