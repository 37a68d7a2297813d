import type { Millis } from "../core/ids.ts";
import { KvMoves } from "./kv_moves.ts";
import type { StoredMessage } from "./kv_record.ts";
import { OldestTime } from "./oldest_time.ts";
import type { Delivery, QueueDefinition, QueueStats } from "./queue.ts";
import { type ReadyMessage, ReadyWindow } from "./ready_window.ts";

/** The longest that a timer is set for at once. */
const timerMsMax = 3_600_000;
/** How soon is looked again for what was due and could not be fetched. */
const againMsMin = 100;

/** Time as a queue needs it. */
export interface QueueTime {
  now(): Millis;
  /** Runs `task` once after `ms`; the returned function cancels it. */
  after(ms: number, task: () => void): () => void;
}

/** A message in a consumer's hands. Only in memory: after a restart nobody holds anything. */
export interface Held {
  /** With this delivery counted. */
  message: ReadyMessage;
  readonly lease: string;
  readonly holder: object;
  until: Millis;
  /** When its lease would have ended, had nobody extended it. */
  readonly freshUntil: Millis;
  /** Its end is being written: the lease can neither end nor be used again. */
  isSettling: boolean;
}

/** One queue as it stands in memory: what is counted, held, waited for. */
export class KvLane {
  readonly definition: QueueDefinition;
  readonly window = new ReadyWindow();
  /** `at` of what is ready, delayed or in flight. */
  readonly times = new OldestTime();
  readonly moves = new KvMoves();
  /** Ready and in flight. */
  live = 0;
  delayed = 0;
  dead = 0;
  isPaused = false;
  /** Moves delayed messages that are due to the ready ones, on disk. */
  fetchDue: () => Promise<void> = () => Promise.resolve();
  readonly #time: QueueTime;
  readonly #nonce: string;
  /** By id, in the order in which their leases end. */
  readonly #held = new Map<string, Held>();
  readonly #heldSeqs = new Set<number>();
  #leases = 0;
  #nextDue = Infinity;
  #waiters: { readonly holder: object; readonly wake: () => void }[] = [];
  #cancelTimer: (() => void) | undefined;
  /** What the timer is set for. */
  #timerAt = Infinity;
  /** Handed out alone, and still held. */
  #alone: Held | undefined;

  constructor(definition: QueueDefinition, time: QueueTime, nonce: string) {
    this.definition = definition;
    this.#time = time;
    this.#nonce = nonce;
  }

  get name(): string {
    return this.definition.name;
  }

  /** Whether there is, or may be, something ready that may be handed out now. */
  get mayHandOut(): boolean {
    const mayHaveReady = this.window.size > 0 || !this.window.isComplete;
    return mayHaveReady && this.#blockedUntil() <= this.#time.now();
  }

  /**
   * Takes up to `max` messages that are to be handed out together. One that used up its attempts
   * comes alone, so that its process's death tells of no other. [QD23]
   */
  takeReady(max: number): ReadyMessage[] {
    if (this.#blockedUntil() > this.#time.now()) return [];
    if (this.#isNextSpent) return this.window.take(1);
    return this.window.take(max, (message) => this.#isSpent(message));
  }

  /** Its last delivery may have ended by a death that was no fault of its own. */
  #isSpent({ attempts }: StoredMessage): boolean {
    return attempts === this.definition.attemptsMax;
  }

  get #isNextSpent(): boolean {
    const { first } = this.window;
    return first !== undefined && this.#isSpent(first);
  }

  /**
   * Until when nothing is handed out, as a message is in hand alone or waits to be; what is held
   * longer than a lease hangs, and nobody waits for it.
   */
  #blockedUntil(): Millis {
    if (!this.#isNextSpent) return this.#alone?.freshUntil ?? 0;
    let until = 0;
    for (const { freshUntil } of this.#held.values()) until = Math.max(until, freshUntil);
    return until;
  }

  /** A message is ready, in memory as on disk. */
  offer(message: ReadyMessage): void {
    this.window.offer(message);
    this.notify();
  }

  /** Gives messages to a holder for the queue's lease time. */
  hold(messages: readonly ReadyMessage[], holder: object): Held[] {
    const until = this.#time.now() + this.definition.leaseMs;
    return messages.map((message) => {
      const lease = `${this.#nonce}.${++this.#leases}`;
      const counted = { ...message, attempts: message.attempts + 1 };
      const held: Held = {
        message: counted,
        lease,
        holder,
        until,
        freshUntil: until,
        isSettling: false,
      };
      this.#held.set(message.id, held);
      this.#heldSeqs.add(message.seq);
      if (this.#isSpent(message)) this.#alone = held;
      if (until < this.#timerAt) this.#arm();
      return held;
    });
  }

  /** Its end could not be written: the lease is as before. */
  unsettle(held: Held): void {
    held.isSettling = false;
    this.#arm();
  }

  isHeldSeq(seq: number): boolean {
    return this.#heldSeqs.has(seq);
  }

  isHeld(held: Held): boolean {
    return this.#held.get(held.message.id) === held;
  }

  /** Who holds the message of that id, lease or no lease. */
  heldById(id: string): Held | undefined {
    return this.#held.get(id);
  }

  /** What a delivery stands for; undefined: its lease ended, was taken over or is used up. */
  heldBy({ uniqueId, lease }: Pick<Delivery, "uniqueId" | "lease">): Held | undefined {
    this.expire();
    const held = this.#held.get(uniqueId);
    return held === undefined || held.lease !== lease || held.isSettling ? undefined : held;
  }

  heldOf(holder: object): Held[] {
    return [...this.#held.values()].filter((held) => held.holder === holder && !held.isSettling);
  }

  extend(held: Held): void {
    held.until = this.#time.now() + this.definition.leaseMs;
    this.#held.delete(held.message.id);
    this.#held.set(held.message.id, held);
  }

  /** Nobody holds it any more; whether somebody did. */
  letGo(held: Held): boolean {
    if (!this.isHeld(held)) return false;
    this.#held.delete(held.message.id);
    this.#heldSeqs.delete(held.message.seq);
    const wasAlone = this.#alone === held;
    if (wasAlone) this.#alone = undefined;
    if (wasAlone || this.#isNextSpent) this.notify();
    return true;
  }

  /** The message is neither ready nor in anybody's hands any more. */
  takeOut({ id, seq }: StoredMessage): void {
    const held = this.#held.get(id);
    if (held?.message.seq === seq) this.letGo(held);
    else this.window.remove(seq);
  }

  /** It is ready again. */
  release(held: Held, message = held.message): void {
    if (this.letGo(held)) this.offer(message);
  }

  /** Releases what is held too long. */
  expire(): void {
    const now = this.#time.now();
    for (const held of this.#held.values()) {
      if (held.isSettling) continue;
      if (held.until > now) return;
      this.release(held);
    }
  }

  /** Whether time has changed something that refresh() would bring in. */
  get isDue(): boolean {
    return Math.min(this.#nextDue, this.#firstUntil()) <= this.#time.now();
  }

  /** The earliest time at which a delayed message is due; told whenever one may be earlier. */
  dueAt(due: Millis): void {
    this.#nextDue = Math.min(this.#nextDue, due);
    this.#arm();
  }

  /** The earliest due time as the disk has it; Infinity: none waits. */
  setNextDue(due: Millis): void {
    this.#nextDue = due;
    this.#arm();
  }

  /** Brings in what time has changed: ended leases, delays that are over. */
  async refresh(): Promise<void> {
    this.expire();
    while (this.#nextDue <= this.#time.now()) await this.fetchDue();
  }

  /** Resolves when something may be ready, at the latest after `ms`. In order of asking. */
  wait(ms: number, holder: object): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        if (this.#waiters.length === 0) this.#disarm();
        resolve();
      };
      const waiter = { holder, wake };
      const cancel = this.#time.after(Math.min(ms, timerMsMax), wake);
      this.#waiters.push(waiter);
      this.#arm();
    });
  }

  /** Lets the one who waits longest look; whoever takes something and leaves more calls again. */
  notify(): void {
    if (!this.isPaused) this.#waiters[0]?.wake();
  }

  /** Lets everybody who waits look. */
  wakeAll(): void {
    for (const { wake } of [...this.#waiters]) wake();
  }

  /** Lets a holder look who takes nothing more. */
  wake(holder: object): void {
    for (const waiter of [...this.#waiters]) if (waiter.holder === holder) waiter.wake();
  }

  stats(): QueueStats {
    const inFlight = this.#held.size;
    const { delayed, dead, isPaused } = this;
    return {
      queueName: this.name,
      ready: this.live - inFlight,
      delayed,
      inFlight,
      dead,
      oldestAt: this.times.oldest,
      isPaused,
    };
  }

  /** While somebody waits, a timer stands for the next thing that time will change. */
  #arm(againMs = 0): void {
    if (this.#waiters.length === 0) return;
    this.#disarm();
    const now = this.#time.now();
    const blockedUntil = this.#blockedUntil();
    const free = blockedUntil > now ? blockedUntil : Infinity;
    const next = Math.min(this.#nextDue, this.#firstUntil(), free);
    if (next === Infinity) return;
    const ms = Math.min(Math.max(againMs, next - now, 0), timerMsMax);
    this.#timerAt = now + ms;
    this.#cancelTimer = this.#time.after(ms, () => {
      this.#disarm();
      // Whoever waits asks again and is told what is wrong.
      this.refresh().then(() => this.#timePassed(), () => this.#arm(againMsMin));
    });
  }

  #timePassed(): void {
    if (this.mayHandOut) this.notify();
    this.#arm();
  }

  #firstUntil(): Millis {
    for (const { until, isSettling } of this.#held.values()) if (!isSettling) return until;
    return Infinity;
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAt = Infinity;
  }
}
