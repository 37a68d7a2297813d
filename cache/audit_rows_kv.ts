import type { Millis, SiteId } from "../core/ids.ts";
import { configLimits } from "./config_limits.ts";
import type { AuditRow } from "./config_store.ts";
import type { KvTransaction } from "./transaction_kv.ts";

/** In the place of a site's id for acts of the whole deployment. No site is called so. */
const deployment = "";
const dayMs = 24 * 3_600_000;

/**
 * The audit log in a Deno KV file:
 *   audit/<siteId>/<auditId>    one row
 *   audit_age/<at>/<auditId>    whose it is, to delete the oldest
 */
export class AuditRows {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  add(tx: KvTransaction, row: AuditRow): void {
    const owner = row.siteId ?? deployment;
    tx.set(["audit", owner, row.auditId], row);
    tx.set(["audit_age", row.at, row.auditId], owner);
  }

  async list(
    siteId: SiteId | undefined,
    { before, limit }: { readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly AuditRow[]> {
    const prefix = ["audit", siteId ?? deployment];
    const selector = before === undefined ? { prefix } : { prefix, end: [...prefix, before] };
    const max = Math.min(limit, configLimits.auditRowsMax);
    const list = this.#kv.list<AuditRow>(selector, { limit: max, reverse: true });
    return await Array.fromAsync(list, ({ value }) => value);
  }

  /** Deletes rows that are older than they are kept. */
  async tidy(now: Millis): Promise<void> {
    const end = ["audit_age", now - configLimits.auditDaysMax * dayMs];
    const old = this.#kv.list<string>({ prefix: ["audit_age"], end }, { batchSize: 500 });
    let atomic = this.#kv.atomic();
    let rows = 0;
    for await (const { key, value: owner } of old) {
      atomic.delete(key).delete(["audit", owner, key[2] ?? ""]);
      rows += 1;
      if (rows % 400 !== 0) continue;
      await atomic.commit();
      atomic = this.#kv.atomic();
    }
    await atomic.commit();
  }
}
