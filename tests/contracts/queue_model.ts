import type { Delivery, GiveBack, LeaseResult, PublishResult } from "../../mq/queue.ts";
import { attemptsMax, leaseMs } from "./queue_case.ts";

interface Message {
  readonly id: string;
  readonly at: number;
  readonly order: number;
  readonly attempts: number;
}

interface Held {
  readonly message: Message;
  readonly lease: string;
  readonly consumer: number;
  readonly since: number;
  until: number;
}

/** What a queue ought to be, in the plainest way: lists. */
export class QueueModel {
  readonly #now: () => number;
  #order = 0;
  #ready: Message[] = [];
  #delayed: { readonly message: Message; readonly due: number }[] = [];
  #held: Held[] = [];
  #dead: Message[] = [];
  readonly #marks = new Map<string, "live" | "dead" | "consumed">();
  isPaused = false;
  published = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  publish(ids: readonly string[]): PublishResult[] {
    return ids.map((id) => {
      if (this.#marks.has(id)) return "duplicate";
      this.#marks.set(id, "live");
      this.#makeReady({ id, at: this.#now(), order: ++this.#order, attempts: 0 });
      this.published += 1;
      return "published";
    });
  }

  /** Ids and attempts of what is handed out. */
  take(max: number): Message[] {
    this.#pass();
    while (!this.isPaused && this.#ready.length > 0) {
      const some = this.#nextOnes(max);
      if (some.length === 0) return [];
      this.#ready.splice(0, some.length);
      const good: Message[] = [];
      for (const message of some) {
        if (message.attempts > attemptsMax) this.#die(message);
        else good.push({ ...message, attempts: message.attempts + 1 });
      }
      if (good.length > 0) return good;
    }
    return [];
  }

  /** A message that used up its attempts comes alone, and nothing else while it is in hand. */
  #nextOnes(max: number): Message[] {
    const fresh = this.#held.filter(({ since }) => since + leaseMs > this.#now());
    const isSpent = ({ attempts }: Message) => attempts === attemptsMax;
    if (fresh.some(({ message }) => message.attempts > attemptsMax)) return [];
    const end = this.#ready.findIndex(isSpent);
    if (end === 0) return fresh.length > 0 ? [] : this.#ready.slice(0, 1);
    return this.#ready.slice(0, end === -1 ? max : Math.min(end, max));
  }

  handedOut(messages: readonly Message[], deliveries: readonly Delivery[], consumer: number): void {
    messages.forEach((message, place) => {
      const lease = deliveries[place]?.lease ?? "";
      const since = this.#now();
      this.#held.push({ message, lease, consumer, since, until: since + leaseMs });
    });
  }

  ack(delivery: Delivery): LeaseResult {
    const held = this.#letGo(delivery);
    if (held === undefined) return "lost";
    this.#marks.set(held.message.id, "consumed");
    return "done";
  }

  extend(delivery: Delivery): LeaseResult {
    const held = this.#find(delivery);
    if (held === undefined) return "lost";
    held.until = this.#now() + leaseMs;
    return "done";
  }

  giveBack(delivery: Delivery, { delayMs, counts = true }: GiveBack): LeaseResult {
    const held = this.#letGo(delivery);
    if (held === undefined) return "lost";
    const { message } = held;
    if (delayMs === "never" || (counts && message.attempts >= attemptsMax)) this.#die(message);
    else {
      const again = counts ? message : { ...message, attempts: message.attempts - 1 };
      if (delayMs === 0) this.#makeReady(again);
      else this.#delayed.push({ message: again, due: this.#now() + delayMs });
    }
    return "done";
  }

  /** Of one consumer, or of all. */
  close(consumer?: number): void {
    this.#pass();
    for (const held of this.#held.filter((one) => one.consumer === (consumer ?? one.consumer))) {
      this.#held.splice(this.#held.indexOf(held), 1);
      this.#makeReady({ ...held.message, attempts: held.message.attempts - 1 });
    }
  }

  crash(): void {
    for (const { message } of this.#held.splice(0)) this.#makeReady(message);
  }

  setAside(id: string): void {
    this.#dead = this.#dead.filter((one) => one.id !== id);
    this.#dead.push({ id, at: this.#now(), order: 0, attempts: 0 });
  }

  replay(id: string): boolean {
    const letter = this.#dead.find((one) => one.id === id);
    if (letter === undefined) return false;
    this.#dead = this.#dead.filter((one) => one !== letter);
    if (this.#marks.get(id) === "live") return true;
    this.#marks.set(id, "live");
    this.#makeReady({ ...letter, order: ++this.#order, attempts: 0 });
    return true;
  }

  drop(id: string): boolean {
    const letter = this.#dead.find((one) => one.id === id);
    if (letter === undefined) return false;
    this.#dead = this.#dead.filter((one) => one !== letter);
    if (this.#marks.get(id) === "dead") this.#marks.set(id, "consumed");
    return true;
  }

  erase(concerns: (id: string) => boolean): number {
    this.#pass();
    const live = [
      ...this.#ready,
      ...this.#delayed.map(({ message }) => message),
      ...this.#held.map(({ message }) => message),
    ].filter(({ id }) => concerns(id));
    const letters = this.#dead.filter(({ id }) => concerns(id));
    this.#ready = this.#ready.filter(({ id }) => !concerns(id));
    this.#delayed = this.#delayed.filter(({ message }) => !concerns(message.id));
    this.#held = this.#held.filter(({ message }) => !concerns(message.id));
    this.#dead = this.#dead.filter(({ id }) => !concerns(id));
    for (const { id } of live) this.#marks.set(id, "consumed");
    for (const { id } of letters) {
      if (this.#marks.get(id) === "dead") this.#marks.set(id, "consumed");
    }
    return live.length + letters.length;
  }

  /** Ids of the dead letters, oldest first. */
  get deadIds(): string[] {
    return this.#dead.map(({ id }) => id);
  }

  stats() {
    this.#pass();
    const live = [
      ...this.#ready,
      ...this.#delayed.map(({ message }) => message),
      ...this.#held.map(({ message }) => message),
    ];
    return {
      queueName: "jobs",
      ready: this.#ready.length,
      delayed: this.#delayed.length,
      inFlight: this.#held.length,
      dead: this.#dead.length,
      oldestAt: live.length === 0 ? undefined : Math.min(...live.map(({ at }) => at)),
      isPaused: this.isPaused,
    };
  }

  /** What time changes: leases end, delays are over. */
  #pass(): void {
    const now = this.#now();
    for (const held of this.#held.filter(({ until }) => until <= now)) {
      this.#held.splice(this.#held.indexOf(held), 1);
      this.#makeReady(held.message);
    }
    for (const delayed of this.#delayed.filter(({ due }) => due <= now)) {
      this.#delayed.splice(this.#delayed.indexOf(delayed), 1);
      this.#makeReady(delayed.message);
    }
  }

  #find({ uniqueId, lease }: Delivery): Held | undefined {
    this.#pass();
    return this.#held.find((one) => one.message.id === uniqueId && one.lease === lease);
  }

  #letGo(delivery: Delivery): Held | undefined {
    const held = this.#find(delivery);
    if (held !== undefined) this.#held.splice(this.#held.indexOf(held), 1);
    return held;
  }

  #makeReady(message: Message): void {
    this.#ready.push(message);
    this.#ready.sort((a, b) => a.order - b.order);
  }

  #die(message: Message): void {
    this.#dead = this.#dead.filter(({ id }) => id !== message.id);
    this.#dead.push(message);
    this.#marks.set(message.id, "dead");
  }
}
