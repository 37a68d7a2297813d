import type { AgentId, SiteId } from "../core/ids.ts";

/** How wrong passwords lock a name out, by name and with the reason. */
export const lockLimits = {
  /** Wrong ones in a row before the first lock: room for a person who mistypes. */
  failuresMax: 5,
  /** The first lock. Every wrong password after it locks for twice as long as the one before. */
  lockMs: 60_000,
  /** The longest lock: some 24 guesses a day. */
  lockMsMax: 3_600_000,
  /** A name at which nobody tried for this long begins anew. */
  keptMs: 24 * 3_600_000,
  /** Names remembered, of agents and of strangers each; beyond it the oldest begin anew. */
  namesMax: 50_000,
} as const;

/** Whose log-in it is; `isAgent`: whether the site has such an agent. */
export interface LoginName {
  readonly siteId: SiteId;
  readonly agentId: AgentId;
  readonly isAgent: boolean;
}

/** What is known of a name at which somebody was wrong. */
interface Failures {
  count: number;
  lockedUntil: number;
  lastAt: number;
}

/**
 * Locks a name of a site out after wrong passwords in a row. An attempt counts as wrong from its
 * beginning, so that many at once are not more than as many one by one. Names that no agent has are
 * locked alike, and remembered apart: who makes names up does not push those of agents out. Times
 * in monotonic milliseconds. [AM7]
 */
export class LoginLock {
  readonly #agents = new Map<string, Failures>();
  readonly #strangers = new Map<string, Failures>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Names remembered. */
  get size(): number {
    return this.#agents.size + this.#strangers.size;
  }

  /**
   * Before the password is looked at: how long the name is locked, or that it may be tried and
   * whether it is locked from here on unless the password is right.
   */
  attempt(name: LoginName): { readonly waitMs: number; readonly locks: boolean } {
    const now = this.#now();
    const names = this.#namesOf(name);
    const key = keyOf(name);
    const known = names.get(key);
    if (known !== undefined && known.lockedUntil > now) {
      return { waitMs: known.lockedUntil - now, locks: false };
    }
    const isOld = known === undefined || now - known.lastAt > lockLimits.keptMs;
    const count = isOld ? 1 : known.count + 1;
    const { failuresMax, lockMs, lockMsMax, namesMax } = lockLimits;
    const locks = count >= failuresMax;
    const lockedMs = locks ? Math.min(lockMsMax, lockMs * 2 ** (count - failuresMax)) : 0;
    names.delete(key); // what is set anew stands last
    names.set(key, { count, lockedUntil: now + lockedMs, lastAt: now });
    const [oldest] = names.keys();
    if (names.size > namesMax && oldest !== undefined) names.delete(oldest);
    return { waitMs: 0, locks };
  }

  /** The password was right, or somebody who may has unlocked the name. */
  clear(name: Omit<LoginName, "isAgent">): void {
    this.#agents.delete(keyOf(name));
    this.#strangers.delete(keyOf(name));
  }

  #namesOf({ isAgent }: LoginName): Map<string, Failures> {
    return isAgent ? this.#agents : this.#strangers;
  }
}

function keyOf({ siteId, agentId }: Omit<LoginName, "isAgent">): string {
  return `${siteId}/${agentId}`;
}
