import type { AgentId, SiteId } from "../core/ids.ts";
import { type AttemptEnd, LoginTally } from "./login_tally.ts";

/** How wrong passwords lock a name out, with the reason for each number. */
export const lockLimits = {
  /** Wrong ones in a row from one address before the first lock: room for who mistypes. */
  failuresMax: 5,
  /**
   * Wrong ones in a row from all addresses together: many must not guess what one may not, and one
   * who locks others out needs ten addresses.
   */
  nameFailuresMax: 50,
  /** The first lock. Every wrong password after it locks for twice as long as the one before. */
  lockMs: 60_000,
  /** The longest lock: some 24 guesses a day. */
  lockMsMax: 3_600_000,
  /** A name at which nobody tried for this long begins anew. */
  keptMs: 24 * 3_600_000,
  /** How long an address from which somebody logged in is known for that. */
  provedMs: 30 * 24 * 3_600_000,
  /** Names remembered, of agents and of strangers each; beyond it the oldest begin anew. */
  namesMax: 50_000,
  /** Attempts of all names that wait for others to be judged. */
  waitingMax: 500,
} as const;

/** Whose password is tried, and from where. */
export interface LoginName {
  readonly siteId: SiteId;
  readonly agentId: AgentId;
  /** Whether the site has such an agent. */
  readonly isAgent: boolean;
  /** An address; or "session": by who is logged in under the name. */
  readonly from: string;
}

/** Whether a password may be looked at; whoever does says by `end` what it was, in any case. */
export type LoginAttempt =
  | { readonly type: "locked"; readonly waitMs: number }
  /** Whether the name is locked from here on. */
  | { readonly type: "open"; end(how: AttemptEnd): boolean };

interface Remembered {
  /** By name and address. */
  readonly pairs: Map<string, LoginTally>;
  /** By name. */
  readonly names: Map<string, LoginTally>;
}

/**
 * Locks a name out after wrong passwords in a row: for the address that they came from, and with
 * ten times as many for every address from which nobody has logged in. Who is logged in has a count
 * of its own, so that strangers do not keep it from its password. Attempts beyond those that may
 * still be wrong wait for the ones before: many at once are no more than one by one, and right ones
 * are let in. Names that no agent has are locked alike, and remembered apart: who makes names up
 * does not push those of agents out. Times in monotonic milliseconds. [AM7, AM22]
 */
export class LoginLock {
  readonly #agents: Remembered = { pairs: new Map(), names: new Map() };
  readonly #strangers: Remembered = { pairs: new Map(), names: new Map() };
  /** Until when an address is known for a name. */
  readonly #proved = new Map<string, number>();
  readonly #now: () => number;
  #waiting = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Names remembered, and names with an address. */
  get size(): number {
    return [this.#agents, this.#strangers]
      .reduce((sum, { pairs, names }) => sum + pairs.size + names.size, this.#proved.size);
  }

  /** Before the password is looked at. Resolves once those before it leave room. */
  async attempt(name: LoginName): Promise<LoginAttempt> {
    for (;;) {
      const now = this.#now();
      const tallies = this.#talliesOf(name, now);
      const waitMs = Math.max(...tallies.map((tally) => tally.lockedMs(now)));
      if (waitMs > 0) return { type: "locked", waitMs };
      const full = tallies.find((tally) => tally.isFull);
      if (full === undefined) return this.#begun(name, tallies);
      if (this.#waiting >= lockLimits.waitingMax) return { type: "locked", waitMs: 1_000 };
      this.#waiting += 1;
      await full.settled();
      this.#waiting -= 1;
    }
  }

  #begun(name: LoginName, tallies: readonly LoginTally[]): LoginAttempt {
    for (const tally of tallies) tally.begin();
    return {
      type: "open",
      end: (how) => {
        const now = this.#now();
        const locks = tallies.map((tally) => tally.end(how, now));
        if (how === "right" && name.from !== "session") {
          remember(this.#proved, pairKey(name), now + lockLimits.provedMs);
        }
        return locks.includes(true);
      },
    };
  }

  #talliesOf(name: LoginName, now: number): LoginTally[] {
    const { pairs, names } = name.isAgent ? this.#agents : this.#strangers;
    const pair = tallyOf(pairs, pairKey(name), { max: lockLimits.failuresMax, now });
    const isKnown = name.from === "session" || (this.#proved.get(pairKey(name)) ?? 0) > now;
    if (isKnown) return [pair];
    return [pair, tallyOf(names, nameKey(name), { max: lockLimits.nameFailuresMax, now })];
  }

  /** Somebody who may has unlocked the name, or set its password. */
  clear(name: Pick<LoginName, "siteId" | "agentId">): void {
    const key = nameKey(name);
    for (const { pairs, names } of [this.#agents, this.#strangers]) {
      names.delete(key);
      for (const pair of pairs.keys()) if (pair.startsWith(key)) pairs.delete(pair);
    }
  }
}

/** The count under a key; a new one when there is none, or when it is too old to count. */
function tallyOf(
  tallies: Map<string, LoginTally>,
  key: string,
  { max, now }: { readonly max: number; readonly now: number },
): LoginTally {
  const known = tallies.get(key);
  const tally = known === undefined || known.isOver(now, lockLimits.keptMs)
    ? new LoginTally(max, lockLimits)
    : known;
  remember(tallies, key, tally);
  return tally;
}

/** What is set anew stands last, and what stands first is forgotten first. */
function remember<Value>(values: Map<string, Value>, key: string, value: Value): void {
  values.delete(key);
  values.set(key, value);
  const [oldest] = values.keys();
  if (values.size > lockLimits.namesMax && oldest !== undefined) values.delete(oldest);
}

function nameKey({ siteId, agentId }: Pick<LoginName, "siteId" | "agentId">): string {
  return `${siteId}/${agentId}/`;
}

function pairKey(name: LoginName): string {
  return `${nameKey(name)}${name.from}`;
}
