import { encodeTime } from "ulid";
import { configLimits } from "../../cache/config_limits.ts";
import {
  type AuditRow,
  type ChangesPage,
  checkInPlace,
  type ConfigChange,
  type ConfigStore,
  type ConfigWrite,
  dayOf,
  isSamePosition,
  type LogPosition,
  nowhere,
  type RemovedSite,
  type StoredSite,
  type WriteResult,
} from "../../cache/config_store.ts";
import type { SavedAgents } from "../../cache/saved_agents.ts";
import type { Millis, SiteId } from "../../core/ids.ts";
import { utf8Bytes } from "../../core/utf8.ts";

interface KeptSite {
  readonly version: number;
  readonly json: string;
  readonly usedAt: Millis;
}

let logs = 0;

/** Configurations and their log in memory: a driver of the store for tests. */
export class MemoryConfigStore implements ConfigStore {
  readonly kept = new Map<SiteId, KeptSite>();
  /** How often a site was read. */
  reads = 0;
  readonly #removed = new Map<SiteId, Millis>();
  readonly #logChangesMax: number;
  #head: LogPosition;
  /** Where the log was begun: known though no change of it is kept. */
  #base: LogPosition;
  #log: ConfigChange[] = [];
  #audit: AuditRow[] = [];
  #savedAgents: SavedAgents[] = [];
  #place = 0;

  constructor(options: { readonly logChangesMax?: number } = {}) {
    this.#logChangesMax = options.logChangesMax ?? configLimits.logChangesMax;
    logs += 1;
    this.#head = { logId: ulidOf("L", logs), n: 0, changeId: "" };
    this.#base = this.#head;
  }

  head(): Promise<LogPosition> {
    return Promise.resolve(this.#head);
  }

  read(siteId: SiteId): Promise<StoredSite | undefined> {
    this.reads += 1;
    return Promise.resolve(this.#read(siteId));
  }

  #read(siteId: SiteId): StoredSite | undefined {
    const kept = this.kept.get(siteId);
    return kept === undefined ? undefined : { siteId, version: kept.version, json: kept.json };
  }

  async *sites(after?: SiteId) {
    for (const siteId of [...this.kept.keys()].sort()) {
      await Promise.resolve();
      const site = this.kept.get(siteId);
      if (site !== undefined && (after === undefined || siteId > after)) {
        yield { siteId, usedAt: site.usedAt };
      }
    }
  }

  removedAt(siteId: SiteId): Promise<Millis | undefined> {
    return Promise.resolve(this.#removed.get(siteId));
  }

  async *removedSites(after?: SiteId) {
    for (const siteId of [...this.#removed.keys()].sort()) {
      await Promise.resolve();
      const removedAt = this.#removed.get(siteId);
      if (removedAt === undefined || (after !== undefined && siteId <= after)) continue;
      yield { siteId, removedAt };
    }
  }

  write(write: ConfigWrite): Promise<WriteResult> {
    const { siteId, from, json, by, what, at, address, agents = [] } = write;
    const version = this.kept.get(siteId)?.version ?? 0;
    if (version !== from) return Promise.resolve({ type: "conflict", version });
    const { logId, n } = this.#head;
    const change: ConfigChange = {
      logId,
      n: n + 1,
      changeId: encodeTime(at, 10) + ulidOf("C", n + 1).slice(10),
      siteId,
      version: from + 1,
      isRemoved: json === null,
      at,
      by,
      what,
    };
    this.#replace(siteId, json === null ? undefined : { siteId, version: from + 1, json }, at);
    this.#append(change);
    const auditId = change.changeId;
    this.#audit.push({ auditId, at, siteId, by, what, address });
    if (agents.length > 0) {
      this.#place += 1;
      const { changeId, version } = change;
      this.#savedAgents.push({ place: this.#place, changeId, siteId, version, at, agents });
    }
    return Promise.resolve({ type: "written", change });
  }

  #replace(siteId: SiteId, site: StoredSite | undefined, madeAt: Millis | undefined): void {
    if (site === undefined) return void this.kept.delete(siteId);
    const { version, json } = site;
    const made = madeAt === undefined ? 0 : dayOf(madeAt);
    this.kept.set(siteId, { version, json, usedAt: this.kept.get(siteId)?.usedAt ?? made });
  }

  #append(change: ConfigChange): void {
    if (change.isRemoved) this.#removed.set(change.siteId, change.at);
    const { logId, n, changeId } = change;
    this.#log.push(change);
    if (this.#log.length > this.#logChangesMax) this.#log.shift();
    this.#head = { logId, n, changeId };
  }

  changes(after: LogPosition, limit: number): Promise<ChangesPage | "gone"> {
    return Promise.resolve(this.#changes(after, Math.min(limit, configLimits.pageChangesMax)));
  }

  #changes(after: LogPosition, limit: number): ChangesPage | "gone" {
    const head = this.#head;
    if (isSamePosition(after, head)) {
      return head.logId === "" ? "gone" : { changes: [], sites: [], head };
    }
    const start = this.#log.findIndex((change) => isSamePosition(change, after)) + 1;
    const isBase = isSamePosition(after, this.#base) && this.#log[0]?.n === after.n + 1;
    if (start === 0 && !isBase) return "gone";
    const changes: ConfigChange[] = [];
    const sites = new Map<SiteId, StoredSite | undefined>();
    let bytes = 0;
    for (const change of this.#log.slice(start, start + limit)) {
      if (!sites.has(change.siteId)) {
        const site = this.#read(change.siteId);
        bytes += utf8Bytes(site?.json ?? "");
        if (bytes > configLimits.pageBytesMax && changes.length > 0) break;
        sites.set(change.siteId, site);
      }
      changes.push(change);
    }
    return { changes, sites: [...sites.values()].filter((site) => site !== undefined), head };
  }

  async follow(page: ChangesPage): Promise<void> {
    await Promise.resolve();
    checkInPlace(this.#head, page.changes);
    const fresh = new Map(page.sites.map((site) => [site.siteId, site]));
    for (const change of page.changes) {
      this.#replace(change.siteId, fresh.get(change.siteId), change.at);
      this.#append(change);
    }
  }

  async replaceAll(
    head: LogPosition,
    sites: AsyncIterable<StoredSite | RemovedSite>,
  ): Promise<void> {
    this.#beginAt(nowhere);
    const here = new Set<SiteId>();
    for await (const site of sites) {
      if ("removedAt" in site) {
        this.#removed.set(site.siteId, site.removedAt);
        continue;
      }
      here.add(site.siteId);
      this.#replace(site.siteId, site, undefined);
    }
    for (const siteId of [...this.kept.keys()]) if (!here.has(siteId)) this.kept.delete(siteId);
    this.#beginAt(head);
  }

  #beginAt({ logId, n, changeId }: LogPosition): void {
    this.#head = { logId, n, changeId };
    this.#base = this.#head;
    this.#log = [];
  }

  noteUse(siteIds: readonly SiteId[], at: Millis): Promise<void> {
    for (const siteId of siteIds) {
      const site = this.kept.get(siteId);
      if (site === undefined || site.usedAt >= dayOf(at)) continue;
      this.kept.set(siteId, { ...site, usedAt: dayOf(at) });
    }
    return Promise.resolve();
  }

  savedAgents(limit: number): Promise<readonly SavedAgents[]> {
    return Promise.resolve(this.#savedAgents.slice(0, limit));
  }

  forgetSavedAgents(places: readonly number[]): Promise<void> {
    this.#savedAgents = this.#savedAgents.filter(({ place }) => !places.includes(place));
    return Promise.resolve();
  }

  audit(row: AuditRow): Promise<void> {
    this.#audit.push(row);
    return Promise.resolve();
  }

  auditRows(
    siteId: SiteId | undefined,
    { before, limit }: { readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly AuditRow[]> {
    const rows = this.#audit
      .filter((row) => row.siteId === siteId && (before === undefined || row.auditId < before))
      .sort((one, other) => one.auditId < other.auditId ? 1 : -1);
    return Promise.resolve(rows.slice(0, Math.min(limit, configLimits.auditRowsMax)));
  }

  close(): void {}
}

/** Of the form of a ULID; the same at every run. */
function ulidOf(letter: string, n: number): string {
  return `01${letter.replace("L", "K")}${String(n).padStart(23, "0")}`;
}
