import type { SiteId } from "../core/ids.ts";
import { utf8Bytes } from "../core/utf8.ts";
import type { ConfigCache } from "./config_cache.ts";
import type { ConfigFeed, FeedQuestion, SitesPage } from "./config_feed.ts";
import { configLimits } from "./config_limits.ts";
import type { ChangesPage, LogPosition, RemovedSite, StoredSite } from "./config_store.ts";

/** Runs `task` once after that many milliseconds; the answer cancels it. */
export type After = (ms: number, task: () => void) => () => void;

/** Lets others follow a cache's store: in this process, or behind a route. */
export class CacheFeed implements ConfigFeed {
  readonly #cache: ConfigCache;
  readonly #after: After;
  readonly #waiting = new Set<() => void>();
  readonly #stopListening: () => void;
  #isClosed = false;

  constructor(cache: ConfigCache, after: After) {
    this.#cache = cache;
    this.#after = after;
    this.#stopListening = cache.onLog(() => this.#wakeAll());
  }

  /** Questions that are held. */
  get waiting(): number {
    return this.#waiting.size;
  }

  async changes(after: LogPosition, question: FeedQuestion): Promise<ChangesPage | "gone"> {
    const { limit, waitMs, signal } = question;
    // Held before the log is read: a change in between ends the wait.
    const wait = this.#hold(Math.min(waitMs, configLimits.feedWaitMsMax), signal);
    try {
      const page = await this.#cache.store.changes(after, limit);
      if (page === "gone" || page.changes.length > 0 || !await wait.isWorthIt) return page;
      return await this.#cache.store.changes(after, limit);
    } finally {
      wait.end();
    }
  }

  /** Whether waiting was worth it: resolves true when the log grew, false when time is up. */
  #hold(ms: number, signal: AbortSignal | undefined): { isWorthIt: Promise<boolean>; end(): void } {
    const mayNot = this.#isClosed || this.#waiting.size >= configLimits.feedWaitersMax;
    if (ms <= 0 || mayNot || signal?.aborted === true) {
      return { isWorthIt: Promise.resolve(false), end() {} };
    }
    const { promise: isWorthIt, resolve } = Promise.withResolvers<boolean>();
    const wake = () => resolve(!this.#isClosed);
    const giveUp = () => resolve(false);
    const cancel = this.#after(ms, giveUp);
    this.#waiting.add(wake);
    signal?.addEventListener("abort", giveUp);
    return {
      isWorthIt,
      end: () => {
        cancel();
        this.#waiting.delete(wake);
        signal?.removeEventListener("abort", giveUp);
      },
    };
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  async sites(after: SiteId | undefined): Promise<SitesPage> {
    const { store } = this.#cache;
    const head = await store.head();
    const sites: StoredSite[] = [];
    let bytes = 0;
    let next: SiteId | undefined;
    for await (const { siteId } of store.sites(after)) {
      const site = await store.read(siteId);
      if (site === undefined) continue; // removed meanwhile
      bytes += utf8Bytes(site.json);
      const isFull = bytes > configLimits.pageBytesMax && sites.length > 0;
      if (isFull || sites.length >= configLimits.pageSitesMax) {
        next = sites.at(-1)?.siteId;
        break;
      }
      sites.push(site);
    }
    const removed: RemovedSite[] = [];
    for await (const one of store.removedSites(after)) {
      if (next !== undefined && one.siteId > next) break;
      if (removed.length >= configLimits.pageSitesMax) {
        next = removed.at(-1)?.siteId;
        break;
      }
      removed.push(one);
    }
    const end = next;
    const within = sites.filter(({ siteId }) => end === undefined || siteId <= end);
    return { head, sites: within, removed, next };
  }

  /** Answers everybody who waits, and holds nobody any more. */
  close(): void {
    this.#isClosed = true;
    this.#stopListening();
    this.#wakeAll();
  }
}
