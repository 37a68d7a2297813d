/**
 * Rates that an operator may override (CHATNODE_LIMITS). Per second unless the name says otherwise.
 */
export interface RateLimits {
  readonly framesPerSecond: number;
  readonly framesBurst: number;
  readonly siteFramesPerSecond: number;
  /** New visitors of one address: an office behind one address is a few hundred people. */
  readonly visitorsPerMinute: number;
  /** Log-ins tried from one address. */
  readonly loginsPerMinute: number;
  /** Open WebSockets of this node: below the 20,000 files of a process. */
  readonly connectionsMax: number;
}

/** A token bucket: `rate` a second on average, `burst` at once. Time in monotonic milliseconds. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  constructor(burst: number, now: number) {
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes one token if there is one. */
  take(now: number, rate: number, burst: number): boolean {
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) * rate / 1_000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until there is a token. */
  waitMs(rate: number): number {
    return Math.max(1, Math.ceil((1 - this.#tokens) * 1_000 / rate - 1e-6));
  }
}

/** Keys that one limiter remembers; beyond it the oldest start anew. */
const keysMax = 50_000;

/** Buckets by key (an address, a site). */
export class KeyedLimit {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #rate: number;
  readonly #burst: number;

  constructor(limit: { readonly rate: number; readonly burst: number }) {
    this.#rate = limit.rate;
    this.#burst = limit.burst;
  }

  /** Zero when allowed, else the milliseconds after which to come back. */
  take(key: string, now: number): number {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#burst, now);
      this.#buckets.set(key, bucket);
      const [oldest] = this.#buckets.keys();
      if (this.#buckets.size > keysMax && oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket.take(now, this.#rate, this.#burst) ? 0 : bucket.waitMs(this.#rate);
  }
}
