import type { Millis, SiteId } from "../core/ids.ts";
import type { SavedAgent, SavedAgents } from "./saved_agents.ts";

/**
 * Where a change stands in a log of changes. n counts from 1 without a gap; 0 is before the first.
 * Whoever finds another logId, or another changeId at its n, has followed something else and loads
 * everything anew. [DB4]
 */
export interface LogPosition {
  readonly logId: string;
  readonly n: number;
  /** A ULID; empty at n = 0. */
  readonly changeId: string;
}

/** One change of a site's configuration, as the log has it: what changed stands in the site. */
export interface ConfigChange extends LogPosition {
  readonly siteId: SiteId;
  /** The configuration's version from here on. */
  readonly version: number;
  /** Whether the site was removed. */
  readonly isRemoved: boolean;
  readonly at: Millis;
  /** Who did it: "operator", "agent:ana", "queue:agent.ban". */
  readonly by: string;
  /** What was done, for people: "agents.create zoe". */
  readonly what: string;
}

/** A site's configuration as bytes. */
export interface StoredSite {
  readonly siteId: SiteId;
  readonly version: number;
  /** A SiteConfig as JSON. */
  readonly json: string;
}

/** A site that was removed: its chats and audit rows may still be there, under its name. */
export interface RemovedSite {
  readonly siteId: SiteId;
  readonly removedAt: Millis;
}

/**
 * A part of the log, in order, and the sites as they are now that it speaks of (removed: absent).
 */
export interface ChangesPage {
  readonly changes: readonly ConfigChange[];
  readonly sites: readonly StoredSite[];
  /** Where the log ended when this was read. */
  readonly head: LogPosition;
}

/** What a writer wants. */
export interface ConfigWrite {
  readonly siteId: SiteId;
  /** The version that the writer changed; 0: there must be none. */
  readonly from: number;
  /**
   * The new configuration as JSON, valid and with the version `from` + 1; null removes the site.
   */
  readonly json: string | null;
  readonly by: string;
  readonly what: string;
  readonly at: Millis;
  /** Where it came from; the audit log alone keeps it. */
  readonly address?: string | undefined;
  /** The agents that it makes, changes or removes; none unless given. */
  readonly agents?: readonly SavedAgent[] | undefined;
}

/** written: on disk and in the log. conflict: somebody was faster; nothing was written. */
export type WriteResult =
  | { readonly type: "written"; readonly change: ConfigChange }
  | { readonly type: "conflict"; readonly version: number };

/** An act that only the audit log keeps: a log-in, an erasure, a replay. [OP9] */
export interface AuditRow {
  readonly auditId: string;
  readonly at: Millis;
  /** Undefined: of the whole deployment. */
  readonly siteId: SiteId | undefined;
  readonly by: string;
  readonly what: string;
  /** Where it came from; undefined for acts of ours. */
  readonly address: string | undefined;
}

/**
 * Configurations and the log of their changes: the source of a deployment, or what a node learned
 * from one. Position order is commit order. A change is written with its log row, its audit row and
 * the agents that it saved in one transaction.
 */
export interface ConfigStore {
  head(): Promise<LogPosition>;
  read(siteId: SiteId): Promise<StoredSite | undefined>;
  /** Sites in order of their ids, from behind `after`, with the day they were last used or made. */
  sites(after?: SiteId): AsyncIterable<{ readonly siteId: SiteId; readonly usedAt: Millis }>;
  /** When a site of this id was removed last, whether there is one now or not. [CC13] */
  removedAt(siteId: SiteId): Promise<Millis | undefined>;
  /** Ids of which a site was ever removed, in order, from behind `after`. */
  removedSites(after?: SiteId): AsyncIterable<RemovedSite>;
  write(write: ConfigWrite): Promise<WriteResult>;
  /**
   * Up to `limit` changes behind a position, fewer when their sites are long, at least one where
   * there is one; "gone" when this log does not have that position (any more), and the asker has to
   * load every site.
   */
  changes(after: LogPosition, limit: number): Promise<ChangesPage | "gone">;
  /**
   * Takes over a page of another store's log, at its positions, in as few transactions as hold it:
   * each leaves the store at one of the page's positions. Throws PageOutOfPlace, with nothing
   * changed, when the page does not begin behind the head, or has a gap.
   */
  follow(page: ChangesPage): Promise<void>;
  /**
   * Becomes a copy of another store as of `head`: sites that are not among these are removed, and
   * removals are remembered. Until it is through, the head is one that no log has, so that whoever
   * was interrupted begins anew.
   */
  replaceAll(head: LogPosition, sites: AsyncIterable<StoredSite | RemovedSite>): Promise<void>;
  /** These sites are in use today; kept for the next start. [DB3] */
  noteUse(siteIds: readonly SiteId[], at: Millis): Promise<void>;
  /**
   * Agents that changes written here have saved, and that are still to be published: those of the
   * oldest change first, up to `limit` rows. Pages of another store bring none, and a copy of one
   * takes none away: whoever wrote a change publishes it. [CC12]
   */
  savedAgents(limit: number): Promise<readonly SavedAgents[]>;
  /** The agents at these places are published. */
  forgetSavedAgents(places: readonly number[]): Promise<void>;
  audit(row: AuditRow): Promise<void>;
  /**
   * Newest first, from behind the row `before`, at most configLimits.auditRowsMax; without a site
   * those of the whole deployment.
   */
  auditRows(
    siteId: SiteId | undefined,
    page: { readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly AuditRow[]>;
  close(): void;
}

/** A page of another log was given that does not go on where this one ends. */
export class PageOutOfPlace extends Error {
  override name = "PageOutOfPlace";

  constructor(head: LogPosition, next: LogPosition) {
    super(
      `Cannot follow change ${next.logId}/${next.n} as the log ends at ${head.logId}/${head.n}`,
    );
  }
}

/** Throws PageOutOfPlace unless each change stands right behind the one before it. */
export function checkInPlace(head: LogPosition, changes: readonly ConfigChange[]): void {
  let last = head;
  for (const change of changes) {
    if (change.logId !== last.logId || change.n !== last.n + 1) {
      throw new PageOutOfPlace(last, change);
    }
    last = change;
  }
}

/** The head while a copy is being made: no log has this position. */
export const nowhere: LogPosition = { logId: "", n: 0, changeId: "" };

/** Whether two positions are the same point of the same log. */
export function isSamePosition(one: LogPosition, other: LogPosition): boolean {
  return one.logId === other.logId && one.n === other.n && one.changeId === other.changeId;
}

const dayMs = 24 * 3_600_000;

/** The start of a time's day (UTC): use is kept by day. */
export function dayOf(at: Millis): Millis {
  return at - at % dayMs;
}
