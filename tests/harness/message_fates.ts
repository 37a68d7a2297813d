import assert from "node:assert/strict";
import type { Delivery, LeaseResult, PublishResult } from "../../mq/queue.ts";

/** Where a message may be; a number: it is live, after so many deliveries. */
export type Fate = "absent" | "dead" | "consumed" | number;

/** failed: nothing was written. unsure: nobody knows. */
export type Answer<Result> = Result | "failed" | "unsure";

interface Lease {
  readonly id: string;
  /** unsure: its end may have been written. */
  state: "held" | "ended" | "unsure";
  until: number;
}

/**
 * What may have become of each message, as far as a queue's answers say. An answer that no fate
 * allows is an error of the queue's.
 */
export class MessageFates {
  readonly #fates = new Map<string, Set<Fate>>();
  readonly #leases = new Map<string, Lease>();
  readonly #lastLease = new Map<string, Lease>();
  readonly #now: () => number;
  readonly #limits: { readonly leaseMs: number; readonly attemptsMax: number };

  constructor(
    now: () => number,
    limits: { readonly leaseMs: number; readonly attemptsMax: number },
  ) {
    this.#now = now;
    this.#limits = limits;
  }

  get ids(): string[] {
    return [...this.#fates.keys()];
  }

  /** A message whose attempts are used up is buried when somebody looks for it. */
  mayBe(id: string, fate: Fate): boolean {
    const fates = this.#of(id);
    return fates.has(fate) || (fate === "dead" && fates.has(this.#limits.attemptsMax + 1));
  }

  isLive(id: string): boolean {
    return [...this.#of(id)].every((fate) => typeof fate === "number");
  }

  published(id: string, answer: Answer<PublishResult>): void {
    if (answer === "unsure") return this.#maybe(id, "absent", 0);
    if (answer === "published") return this.#turned(id, "absent", 0);
    if (answer === "duplicate") this.#isNot(id, "absent");
  }

  delivered({ uniqueId, attempt, lease }: Delivery): void {
    const now = this.#now();
    const last = this.#lastLease.get(uniqueId);
    if (last?.state === "held") assert.ok(last.until <= now, `${uniqueId} is another's`);
    this.#turned(uniqueId, attempt - 1, attempt);
    const held: Lease = { id: uniqueId, state: "held", until: now + this.#limits.leaseMs };
    this.#leases.set(lease, held);
    this.#lastLease.set(uniqueId, held);
  }

  /** A look for messages was not answered: some may have been counted that nobody was given. */
  takeUnsure(): void {
    for (const fates of this.#fates.values()) {
      for (const fate of [...fates]) {
        if (typeof fate === "number" && fate <= this.#limits.attemptsMax) fates.add(fate + 1);
      }
    }
  }

  /** A delivery was to end so that its message becomes `fate`. */
  ended(delivery: Delivery, fate: Fate, answer: Answer<LeaseResult>): void {
    const lease = this.#leaseOf(delivery);
    const { uniqueId, attempt } = delivery;
    if (answer === "failed") return;
    this.#check(lease, answer);
    if (answer === "done") {
      lease.state = "ended";
      this.#fates.set(uniqueId, new Set([fate]));
    }
    if (answer === "unsure" && this.#isCurrent(lease)) {
      lease.state = "unsure";
      this.#maybe(uniqueId, attempt, fate);
      this.#maybe(uniqueId, attempt - 1, fate);
    }
  }

  extended(delivery: Delivery, answer: LeaseResult): void {
    const lease = this.#leaseOf(delivery);
    this.#check(lease, answer);
    if (answer === "done") lease.until = this.#now() + this.#limits.leaseMs;
  }

  /** A dead letter was to become `fate`; whether there was one. */
  unlettered(id: string, fate: Fate, answer: Answer<boolean>): void {
    if (answer === "unsure" && this.mayBe(id, "dead")) this.#of(id).add(fate);
    if (answer === true) {
      assert.ok(this.mayBe(id, "dead"), `${id} is dead`);
      this.#fates.set(id, new Set([fate]));
    }
    if (answer === false) this.#isNot(id, "dead");
  }

  #check(lease: Lease, answer: Answer<LeaseResult>): void {
    if (lease.state === "unsure" || answer === "unsure") return;
    assert.equal(answer, this.#isCurrent(lease) ? "done" : "lost", `a lease of ${lease.id}`);
  }

  #isCurrent(lease: Lease): boolean {
    return lease.state !== "ended" && lease.until > this.#now();
  }

  #leaseOf(delivery: Delivery): Lease {
    const lease = this.#leases.get(delivery.lease);
    assert.ok(lease);
    return lease;
  }

  #of(id: string): Set<Fate> {
    const fates = this.#fates.get(id) ?? new Set<Fate>(["absent"]);
    this.#fates.set(id, fates);
    return fates;
  }

  #turned(id: string, from: Fate, to: Fate): void {
    const fates = this.#of(id);
    assert.ok(fates.has(from), `${id} is not ${from} but one of ${[...fates]}`);
    this.#fates.set(id, new Set([to]));
  }

  #maybe(id: string, from: Fate, to: Fate): void {
    const fates = this.#of(id);
    if (fates.has(from)) fates.add(to);
  }

  #isNot(id: string, fate: Fate): void {
    const fates = this.#of(id);
    fates.delete(fate);
    assert.ok(fates.size > 0, `${id} is not ${fate}`);
  }
}
