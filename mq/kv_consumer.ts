import { assert } from "../core/assert.ts";
import { acking, counting, forwarding, givingBack, publishing, returning } from "./kv_changes.ts";
import type { KvFile } from "./kv_file.ts";
import type { Held, KvLane } from "./kv_lane.ts";
import { burying } from "./kv_letters.ts";
import { parsePayload } from "./kv_record.ts";
import { fillingWindow } from "./kv_scan.ts";
import type { MessageCheck } from "./message_check.ts";
import {
  type Consumer,
  type Delivery,
  type GiveBack,
  type LeaseResult,
  type NewMessage,
  type PublishResult,
  QueueUnavailable,
} from "./queue.ts";
import type { ReadyMessage } from "./ready_window.ts";

/** Acks that are written at once: their ids fit one value. */
const acksMax = 200;

/** A consumer of one queue of the KV driver. */
export class KvConsumer implements Consumer {
  readonly #file: KvFile;
  readonly #lane: KvLane;
  readonly #check: MessageCheck;
  readonly #asking = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(file: KvFile, lane: KvLane, check: MessageCheck) {
    this.#file = file;
    this.#lane = lane;
    this.#check = check;
  }

  get queueName(): string {
    return this.#lane.name;
  }

  get leaseMs(): number {
    return this.#lane.definition.leaseMs;
  }

  async dequeue(waitMs = 0): Promise<Delivery | undefined> {
    const [delivery] = await this.dequeueAll(1, waitMs);
    return delivery;
  }

  async dequeueAll(max: number, waitMs = 0): Promise<readonly Delivery[]> {
    assert(Number.isInteger(max) && max >= 1, "at least one message is asked for");
    const asked = this.#dequeueAll(max, waitMs);
    this.#asking.add(asked);
    try {
      return await asked;
    } finally {
      this.#asking.delete(asked);
    }
  }

  async #dequeueAll(max: number, waitMs: number): Promise<readonly Delivery[]> {
    const lane = this.#lane;
    const until = this.#file.now() + waitMs;
    while (!this.#isClosed) {
      if (this.#file.writer.isBehind) await this.#file.writer.catchUp();
      await lane.refresh();
      while (!lane.isPaused && !this.#isClosed && lane.mayHandOut) {
        const deliveries = await this.#take(max);
        if (deliveries.length === 0) continue;
        if (lane.mayHandOut) lane.notify();
        return deliveries;
      }
      const left = until - this.#file.now();
      if (lane.isDue) continue;
      if (left <= 0 || this.#isClosed) break;
      await lane.wait(left, this);
    }
    // Whoever is told of a message and does not take it lets the next one look.
    if (lane.mayHandOut) lane.notify();
    return [];
  }

  async #take(max: number): Promise<readonly Delivery[]> {
    const { writer } = this.#file;
    const lane = this.#lane;
    let taken: readonly ReadyMessage[] = [];
    let held: readonly Held[] = [];
    try {
      if (lane.window.size < max && !lane.window.isComplete) {
        await writer.run(fillingWindow(this.#file, lane));
      }
      if (lane.isPaused || this.#isClosed) return [];
      taken = lane.takeReady(max);
      held = lane.hold(taken, this);
      return held.length === 0 ? [] : await this.#deliver(held);
    } catch (error) {
      held.forEach((one, place) => lane.release(one, taken[place]));
      lane.notify();
      throw unavailable(error);
    }
  }

  /** Counts the delivery of each and hands it out, but for those that nobody is to have. */
  async #deliver(all: readonly Held[]): Promise<readonly Delivery[]> {
    const lane = this.#lane;
    const unread = all.filter(({ message }) => message.json === undefined);
    const texts = await this.#file.readJson(lane.name, unread.map(({ message }) => message));
    const read = new Map(unread.map((held, place) => [held, texts[place]]));
    const bad: { held: Held; error: string }[] = [];
    const good: { held: Held; delivery: Delivery }[] = [];
    for (const held of all) {
      const payload = parsePayload(held.message.json ?? read.get(held));
      const { id: uniqueId, at, attempts: attempt, error } = held.message;
      if (payload === undefined) bad.push({ held, error: "Its payload is damaged" });
      else if (attempt > lane.definition.attemptsMax + 1) {
        held.message = { ...held.message, attempts: attempt - 1 };
        bad.push({ held, error: error ?? "Its last delivery, alone, ended without an answer" });
      } else {
        const { lease } = held;
        const delivery = { queueName: lane.name, uniqueId, payload, attempt, at, lease };
        good.push({ held, delivery });
      }
    }
    if (bad.length > 0) await this.#file.writer.run(burying(this.#file, lane, bad, new Set()));
    if (good.length === 0) return [];
    await this.#file.writer.run(counting(lane, good.map(({ held }) => held)));
    lane.expire();
    return good.filter(({ held }) => lane.isHeld(held)).map(({ delivery }) => delivery);
  }

  async ackAll(deliveries: readonly Delivery[]): Promise<readonly LeaseResult[]> {
    const held = deliveries.map((delivery) => this.#settling(delivery));
    const acked = new Set<Held>();
    const asked = held.filter((one) => one !== undefined);
    const writes: Promise<void>[] = [];
    for (let from = 0; from < asked.length; from += acksMax) {
      const some = asked.slice(from, from + acksMax);
      writes.push(this.#settle(some, acked));
    }
    await allOf(writes);
    return held.map((one) => one !== undefined && acked.has(one) ? "done" : "lost");
  }

  async #settle(some: readonly Held[], acked: Set<Held>): Promise<void> {
    const ones = new Set<Held>();
    const change = acking(this.#file, this.#lane, some, ones);
    await this.#orBack(some, () => this.#file.writer.run(change));
    for (const one of ones) acked.add(one);
  }

  async forward(delivery: Delivery, messages: readonly NewMessage[]): Promise<LeaseResult> {
    const checked = this.#check.all(messages);
    const held = this.#settling(delivery);
    if (held === undefined) return "lost";
    const acked = new Set<Held>();
    const results: PublishResult[] = [];
    const change = forwarding(
      acking(this.#file, this.#lane, [held], acked),
      publishing(this.#file, checked, results, -Infinity),
      () => this.#lane.isHeld(held),
    );
    await this.#orBack([held], () => this.#file.writer.run(change));
    return acked.has(held) ? "done" : "lost";
  }

  extend(deliveries: readonly Delivery[]): Promise<readonly LeaseResult[]> {
    return Promise.resolve(deliveries.map((delivery) => {
      const held = this.#lane.heldBy(delivery);
      if (held === undefined) return "lost";
      this.#lane.extend(held);
      return "done";
    }));
  }

  async giveBack(delivery: Delivery, how: GiveBack): Promise<LeaseResult> {
    const held = this.#settling(delivery);
    if (held === undefined) return "lost";
    const done = new Set<Held>();
    const change = givingBack(this.#file, this.#lane, held, how, done);
    await this.#orBack([held], () => this.#file.writer.run(change));
    return done.has(held) ? "done" : "lost";
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const held = this.#lane.heldOf(this);
    for (const one of held) one.isSettling = true;
    this.#lane.wake(this);
    const change = returning(this.#lane, held);
    if (held.length > 0) await this.#orBack(held, () => this.#file.writer.run(change));
    await Promise.allSettled([...this.#asking]);
  }

  /** From here on the lease neither ends nor counts for anybody else. */
  #settling(delivery: Delivery): Held | undefined {
    const held = this.#lane.heldBy(delivery);
    if (held !== undefined) held.isSettling = true;
    return held;
  }

  /** When it cannot be written the lease is as before, so that the same can be asked again. */
  async #orBack(all: readonly Held[], write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      for (const held of all) this.#lane.unsettle(held);
      throw error;
    }
  }
}

function unavailable(cause: unknown): QueueUnavailable {
  if (cause instanceof QueueUnavailable) return cause;
  return new QueueUnavailable("The queue's file cannot be read", { cause });
}

/** Waits for all, also when one fails; then throws what the first one threw. */
async function allOf(writes: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(writes);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
