import type { Millis, SiteId } from "../core/ids.ts";
import type { After } from "./cache_feed.ts";
import type { ConfigCache } from "./config_cache.ts";
import { type ConfigFeed, FeedUnavailable } from "./config_feed.ts";
import { configLimits } from "./config_limits.ts";
import type { ChangesPage, RemovedSite, StoredSite } from "./config_store.ts";

/** What a follower stands on. */
export interface FollowerDeps {
  readonly cache: ConfigCache;
  readonly feed: ConfigFeed;
  readonly clock: { now(): Millis; monotonic(): number; readonly after: After };
  /** From 0 to 1: spreads those who come back at once. */
  random(): number;
  /** Told once when the source goes away, when it comes back, and of every copy. */
  tell(event: "follower_away" | "follower_back" | "follower_copies", why: string): void;
}

/** How the follower stands, for the operator. */
export interface FollowerState {
  /** Whether the source answered last, and is not being loaded whole just now. */
  readonly isConnected: boolean;
  /** Changes of the source that are not here, as of its last answer. */
  readonly behind: number;
  /** When the source answered last; undefined: never since the start. */
  readonly heardAt: Millis | undefined;
  readonly lastError: string | undefined;
  /** How often every site was loaded anew. */
  readonly copies: number;
}

/**
 * Keeps a cache the copy of another. It asks for what is behind its own head, so it goes on where
 * it was, whoever was away; when the source does not know that position, it loads every site anew,
 * and then what changed meanwhile. [CC6]
 */
export class ConfigFollower {
  readonly #deps: FollowerDeps;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #failures = 0;
  #behind = 0;
  #copies = 0;
  #isCopying = false;
  #heardAt: Millis | undefined;
  #lastError: string | undefined;

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
  }

  get state(): FollowerState {
    return {
      isConnected: this.#heardAt !== undefined && this.#failures === 0 && !this.#isCopying,
      behind: this.#behind,
      heardAt: this.#heardAt,
      lastError: this.#lastError,
      copies: this.#copies,
    };
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when nothing is asked or written any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#deps;
    const { followRetryMsMin, followRetryMsMax, followPollMs } = configLimits;
    while (!this.#stop.signal.aborted) {
      const started = clock.monotonic();
      try {
        const isNews = await this.#step();
        this.#heard();
        // An empty answer that came at once: the source holds too many to hold us, too.
        if (!isNews) await this.#pause(followPollMs - (clock.monotonic() - started));
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#failed(error);
        const most = Math.min(followRetryMsMax, followRetryMsMin * 2 ** this.#failures);
        await this.#pause(most * random());
      }
    }
  }

  /** Asks once; whether there was something. */
  async #step(): Promise<boolean> {
    const { cache, feed } = this.#deps;
    const head = await cache.store.head();
    const page = await this.#inTime(configLimits.followWaitMs, (signal) =>
      feed.changes(head, {
        limit: configLimits.pageChangesMax,
        waitMs: configLimits.followWaitMs,
        signal,
      }));
    if (page === "gone") {
      this.#isCopying = true;
      await this.#copy();
      this.#isCopying = false;
      return true;
    }
    this.#isCopying = false;
    return await this.#take(page);
  }

  async #take(page: ChangesPage): Promise<boolean> {
    await this.#deps.cache.follow(page);
    const last = page.changes.at(-1);
    this.#behind = last === undefined ? 0 : Math.max(0, page.head.n - last.n);
    return last !== undefined;
  }

  /** Loads every site. The head is that of before the first page: what changed since follows. */
  async #copy(): Promise<void> {
    const { cache, feed, tell } = this.#deps;
    tell("follower_copies", "the source does not know our position");
    const ask = (after: SiteId | undefined) =>
      this.#inTime(0, (signal) => feed.sites(after, signal));
    const first = await ask(undefined);
    if (first.head.logId === "") throw new FeedUnavailable("The source is no whole copy itself");
    async function* sites(): AsyncGenerator<StoredSite | RemovedSite> {
      yield* first.sites;
      yield* first.removed;
      for (let next = first.next; next !== undefined;) {
        const page = await ask(next);
        yield* page.sites;
        yield* page.removed;
        next = page.next;
      }
    }
    await cache.replaceAll(first.head, sites());
    this.#copies += 1;
  }

  /** Gives up on an answer that does not come in time. */
  async #inTime<Answer>(
    waitMs: number,
    ask: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const late = new AbortController();
    const ms = waitMs + configLimits.followAnswerMsMax;
    const cancel = this.#deps.clock.after(ms, () => {
      late.abort(new Error(`No answer within ${ms} ms`));
    });
    try {
      return await ask(AbortSignal.any([late.signal, this.#stop.signal]));
    } finally {
      cancel();
    }
  }

  #heard(): void {
    if (this.#failures > 0) this.#deps.tell("follower_back", `after ${this.#failures} attempts`);
    this.#failures = 0;
    this.#lastError = undefined;
    this.#heardAt = this.#deps.clock.now();
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    const why = error instanceof Error ? error.message : String(error);
    if (why !== this.#lastError) this.#deps.tell("follower_away", why);
    this.#lastError = why;
  }

  #pause(ms: number): Promise<void> {
    if (ms <= 0 || this.#stop.signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#deps.clock.after(ms, resolve);
    const stop = () => {
      cancel();
      resolve();
    };
    this.#stop.signal.addEventListener("abort", stop);
    return promise.finally(() => this.#stop.signal.removeEventListener("abort", stop));
  }
}
