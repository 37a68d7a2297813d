/** chatnode that follows badly on purpose (argument 1), to show that the checker sees it. */
import { ConfigCache } from "../../cache/config_cache.ts";
import type { ConfigChange } from "../../cache/config_store.ts";
import { KnownSites } from "../../cache/known_sites.ts";
import { LogRows, type LogState } from "../../cache/log_rows_kv.ts";
import type { KvTransaction } from "../../cache/transaction_kv.ts";
import { runAll } from "../../roles/all.ts";
import { DiskJournalStore } from "../../server/journal_store_disk.ts";

const sabotage = Deno.args[0];
/** Which change it happens to, counted since the start. */
const victim = 40;
const lateMs = 2_500;

/** The log's writer with its rows as `alter` leaves them; the state is as it was. */
function alterRows(alter: (row: ConfigChange) => ConfigChange | undefined): void {
  const append = LogRows.prototype.append;
  LogRows.prototype.append = function (tx, state: LogState, changes) {
    // What append() uses of a transaction.
    const altered = {
      check: (entry: Deno.KvEntryMaybe<unknown>) => tx.check(entry),
      delete: (key: Deno.KvKey) => tx.delete(key),
      set(key: Deno.KvKey, value: unknown) {
        const row = key[0] === "log" ? alter(value as ConfigChange) : value; // a row of the log
        if (row !== undefined) tx.set(key, row);
      },
    } as unknown as KvTransaction;
    return append.call(this, altered, state, changes);
  };
}

if (sabotage === "skip-change") {
  let rows = 0;
  alterRows((row) => ++rows === victim ? undefined : row);
}

if (sabotage === "reorder") {
  // Within a page of several: the third and the fourth change their places.
  const follow = ConfigCache.prototype.follow;
  const places = new Map<number, ConfigChange>();
  ConfigCache.prototype.follow = function (page) {
    const [, , one, other] = page.changes;
    if (one !== undefined && other !== undefined) {
      places.set(one.n, { ...other, n: one.n });
      places.set(other.n, { ...one, n: other.n });
    }
    return follow.call(this, page);
  };
  alterRows((row) => places.get(row.n) ?? row);
}

if (sabotage === "stale-site") {
  const renew = KnownSites.prototype.renew;
  let sites = 0;
  KnownSites.prototype.renew = function (site) {
    return this.isLoaded(site.siteId) && ++sites === victim ? false : renew.call(this, site);
  };
}

if (sabotage === "late") {
  const follow = ConfigCache.prototype.follow;
  let pages = 0;
  ConfigCache.prototype.follow = async function (page) {
    if (page.changes.length > 0 && ++pages === victim) {
      await new Promise((resolve) => setTimeout(resolve, lateMs));
    }
    await follow.call(this, page);
  };
}

await runAll({
  env: Deno.env.toObject(),
  webDir: "web/dist",
  openJournalStore: DiskJournalStore.open,
});
