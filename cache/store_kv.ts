import { monotonicFactory } from "ulid";
import type { Millis, SiteId } from "../core/ids.ts";
import { utf8Bytes } from "../core/utf8.ts";
import { AgentRows } from "./agent_rows_kv.ts";
import { AuditRows } from "./audit_rows_kv.ts";
import { configLimits } from "./config_limits.ts";
import {
  type AuditRow,
  type ChangesPage,
  checkInPlace,
  type ConfigChange,
  type ConfigStore,
  type ConfigWrite,
  dayOf,
  type LogPosition,
  nowhere,
  type RemovedSite,
  type StoredSite,
  type WriteResult,
} from "./config_store.ts";
import { LogRows } from "./log_rows_kv.ts";
import type { SavedAgents } from "./saved_agents.ts";
import { SiteRows } from "./site_rows_kv.ts";
import { KvTransaction } from "./transaction_kv.ts";

/** What a test or a measurement wants otherwise. */
export interface KvConfigStoreOptions {
  /** A ULID for a change of that time; later ones sort behind earlier ones. */
  readonly newId?: (at: Millis) => string;
  readonly now?: () => Millis;
  readonly logChangesMax?: number;
}

/**
 * Configurations and their log in a Deno KV file of their own. What writes takes its turn, as one
 * process has the file: position order is commit order.
 */
export class KvConfigStore implements ConfigStore {
  readonly #kv: Deno.Kv;
  readonly #sites: SiteRows;
  readonly #log: LogRows;
  readonly #audit: AuditRows;
  readonly #agents: AgentRows;
  readonly #newId: (at: Millis) => string;
  #last: Promise<unknown> = Promise.resolve();
  /** The day on which old audit rows were deleted last. */
  #tidiedAt: Millis = 0;

  private constructor(kv: Deno.Kv, options: KvConfigStoreOptions) {
    this.#kv = kv;
    this.#sites = new SiteRows(kv);
    this.#log = new LogRows(kv, options.logChangesMax ?? configLimits.logChangesMax);
    this.#audit = new AuditRows(kv);
    this.#agents = new AgentRows(kv);
    this.#newId = options.newId ?? monotonicFactory();
  }

  /** Opens the file, or makes it; its folder must exist. A log of its own begins in a new one. */
  static async open(path: string, options: KvConfigStoreOptions = {}): Promise<KvConfigStore> {
    const store = new KvConfigStore(await Deno.openKv(path), options);
    const at = (options.now ?? Date.now)();
    if (await store.#log.isNew()) {
      await store.#sites.adopt(at);
      await store.#log.begin(store.#newId(at));
    }
    await store.#tidy(at);
    return store;
  }

  /** Runs what writes one after the other. */
  #turn<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Deletes old audit rows, once a day. */
  async #tidy(at: Millis): Promise<void> {
    if (dayOf(at) <= this.#tidiedAt) return;
    this.#tidiedAt = dayOf(at);
    await this.#audit.tidy(at);
  }

  async head(): Promise<LogPosition> {
    const { logId, n, changeId } = await this.#log.state();
    return { logId, n, changeId };
  }

  read(siteId: SiteId): Promise<StoredSite | undefined> {
    return this.#sites.read(siteId);
  }

  async *sites(after?: SiteId) {
    for await (const { siteId, row } of this.#sites.list(after)) {
      yield { siteId, usedAt: row.usedAt };
    }
  }

  removedAt(siteId: SiteId): Promise<Millis | undefined> {
    return this.#sites.removedAt(siteId);
  }

  removedSites(after?: SiteId): AsyncIterable<RemovedSite> {
    return this.#sites.removed(after);
  }

  write(write: ConfigWrite): Promise<WriteResult> {
    return this.#turn(async () => {
      const { siteId, from, json, at, by, what, address, agents = [] } = write;
      const state = await this.#log.state();
      const [before] = await this.#sites.rows([siteId]);
      const version = before?.version ?? 0;
      if (version !== from) return { type: "conflict", version };
      const change: ConfigChange = {
        logId: state.logId,
        n: state.n + 1,
        changeId: this.#newId(at),
        siteId,
        version: from + 1,
        isRemoved: json === null,
        at,
        by,
        what,
      };
      const tx = new KvTransaction(this.#kv);
      const site = json === null ? undefined : { siteId, version: from + 1, json };
      const removedAt = json === null ? at : undefined;
      this.#sites.replace(tx, siteId, { site, before, madeAt: at, removedAt });
      this.#log.append(tx, state, [change]);
      this.#audit.add(tx, { auditId: change.changeId, at, siteId, by, what, address });
      await this.#agents.add(tx, change, agents);
      await committed(tx);
      await this.#tidy(at);
      return { type: "written", change };
    });
  }

  async changes(after: LogPosition, limit: number): Promise<ChangesPage | "gone"> {
    const found = await this.#log.read(after, Math.min(limit, configLimits.pageChangesMax));
    if (found === "gone") return "gone";
    const { head } = found;
    const changes: ConfigChange[] = [];
    const sites = new Map<SiteId, StoredSite | undefined>();
    let bytes = 0;
    for (const change of found.changes) {
      if (!sites.has(change.siteId)) {
        const site = await this.#sites.read(change.siteId);
        bytes += utf8Bytes(site?.json ?? "");
        if (bytes > configLimits.pageBytesMax && changes.length > 0) break;
        sites.set(change.siteId, site);
      }
      changes.push(change);
    }
    return { changes, sites: [...sites.values()].filter((site) => site !== undefined), head };
  }

  follow(page: ChangesPage): Promise<void> {
    return this.#turn(async () => {
      if (page.changes.length === 0) return;
      let state = await this.#log.state();
      checkInPlace(state, page.changes);
      const fresh = new Map(page.sites.map((site) => [site.siteId, site]));
      const ids = [...new Set(page.changes.map(({ siteId }) => siteId))];
      const rows = await this.#sites.rows(ids);
      const before = new Map(ids.map((siteId, index) => [siteId, rows[index]]));
      const removals = new Map(
        page.changes.filter(({ isRemoved }) => isRemoved).map(({ siteId, at }) => [siteId, at]),
      );
      const written = new Set<SiteId>();
      let tx = new KvTransaction(this.#kv);
      let taken: ConfigChange[] = [];
      const commit = async () => {
        state = this.#log.append(tx, state, taken);
        await committed(tx);
        tx = new KvTransaction(this.#kv);
        taken = [];
      };
      for (const change of page.changes) {
        const { siteId, at } = change;
        const replacement = {
          site: fresh.get(siteId),
          before: before.get(siteId),
          madeAt: before.get(siteId) === undefined ? at : undefined,
          removedAt: removals.get(siteId),
        };
        const size = written.has(siteId)
          ? { mutations: 0, bytes: 0 }
          : this.#sites.sizeOf(replacement);
        if (!tx.hasRoomFor(this.#log.sizeOf(taken.length + 1, size)) && taken.length > 0) {
          await commit();
        }
        if (!written.has(siteId)) this.#sites.replace(tx, siteId, replacement);
        written.add(siteId);
        taken.push(change);
      }
      await commit();
    });
  }

  replaceAll(head: LogPosition, sites: AsyncIterable<StoredSite | RemovedSite>): Promise<void> {
    return this.#turn(async () => {
      await this.#log.beginAt(nowhere);
      const here = new Set<SiteId>();
      let batch: StoredSite[] = [];
      let bytes = 0;
      for await (const site of sites) {
        if ("removedAt" in site) {
          await this.#noteRemoval(site);
          continue;
        }
        here.add(site.siteId);
        batch.push(site);
        bytes += utf8Bytes(site.json);
        if (batch.length < 100 && bytes < configLimits.pageBytesMax) continue;
        await this.#replaceBatch(batch.map((one) => [one.siteId, one]));
        batch = [];
        bytes = 0;
      }
      await this.#replaceBatch(batch.map((one) => [one.siteId, one]));
      await this.#removeAllBut(here);
      await this.#log.beginAt(head);
    });
  }

  async #noteRemoval(removed: RemovedSite): Promise<void> {
    const tx = new KvTransaction(this.#kv);
    this.#sites.noteRemoval(tx, removed);
    await committed(tx);
  }

  async #removeAllBut(here: ReadonlySet<SiteId>): Promise<void> {
    let batch: SiteId[] = [];
    for await (const { siteId } of this.#sites.list()) {
      if (here.has(siteId)) continue;
      batch.push(siteId);
      if (batch.length < 50) continue;
      await this.#replaceBatch(batch.map((one) => [one, undefined]));
      batch = [];
    }
    await this.#replaceBatch(batch.map((one) => [one, undefined]));
  }

  /** Puts or removes these sites, in as few transactions as hold them. */
  async #replaceBatch(batch: readonly (readonly [SiteId, StoredSite | undefined])[]) {
    const rows = await this.#sites.rows(batch.map(([siteId]) => siteId));
    let tx = new KvTransaction(this.#kv);
    for (const [index, [siteId, site]] of batch.entries()) {
      const replacement = { site, before: rows[index] };
      if (!tx.hasRoomFor(this.#sites.sizeOf(replacement)) && tx.mutations > 0) {
        await committed(tx);
        tx = new KvTransaction(this.#kv);
      }
      this.#sites.replace(tx, siteId, replacement);
    }
    if (tx.mutations > 0) await committed(tx);
  }

  noteUse(siteIds: readonly SiteId[], at: Millis): Promise<void> {
    return this.#turn(async () => {
      const rows = await this.#sites.rows(siteIds);
      let tx = new KvTransaction(this.#kv);
      for (const [index, siteId] of siteIds.entries()) {
        const row = rows[index];
        if (row === undefined || row.usedAt >= dayOf(at)) continue;
        if (!tx.hasRoomFor({ mutations: 1, bytes: 0 })) {
          await committed(tx);
          tx = new KvTransaction(this.#kv);
        }
        this.#sites.use(tx, siteId, row, dayOf(at));
      }
      if (tx.mutations > 0) await committed(tx);
    });
  }

  savedAgents(limit: number): Promise<readonly SavedAgents[]> {
    return this.#agents.list(limit);
  }

  forgetSavedAgents(places: readonly number[]): Promise<void> {
    return this.#turn(async () => {
      let tx = new KvTransaction(this.#kv);
      for (const place of places) {
        if (!tx.hasRoomFor({ mutations: 1, bytes: 0 })) {
          await committed(tx);
          tx = new KvTransaction(this.#kv);
        }
        this.#agents.delete(tx, place);
      }
      if (tx.mutations > 0) await committed(tx);
    });
  }

  audit(row: AuditRow): Promise<void> {
    return this.#turn(async () => {
      const tx = new KvTransaction(this.#kv);
      this.#audit.add(tx, row);
      await committed(tx);
      await this.#tidy(row.at);
    });
  }

  auditRows(
    siteId: SiteId | undefined,
    page: { readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly AuditRow[]> {
    return this.#audit.list(siteId, page);
  }

  close(): void {
    this.#kv.close();
  }
}

/** One process has the file and writes in turn, so a check that fails is a mistake of ours. */
async function committed(tx: KvTransaction): Promise<void> {
  if (!await tx.commit()) throw new Error("The configuration's file was changed by somebody else");
}
