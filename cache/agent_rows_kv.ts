import { configLimits } from "./config_limits.ts";
import type { ConfigChange } from "./config_store.ts";
import type { SavedAgent, SavedAgents } from "./saved_agents.ts";
import type { KvTransaction } from "./transaction_kv.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const endKey = ["saved_agents_end"];

/**
 * Agents that are still to be published, in a Deno KV file:
 *   saved_agents/<place>    some that a change saved: SavedAgents as JSON
 *   saved_agents_end        the last place whose change is written; what lies behind it was left by
 *                           a write that came to nothing, and is written over
 */
export class AgentRows {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /**
   * Adds to a change's transaction that it saved these agents. Those that it has no room for are
   * written ahead, as nobody sees them before the transaction is through.
   */
  async add(
    tx: KvTransaction,
    change: ConfigChange,
    agents: readonly SavedAgent[],
  ): Promise<void> {
    if (agents.length === 0) return;
    const end = await this.#end();
    const { changeId, siteId, version, at } = change;
    const rows = pagesOf(agents).map((page, index) => {
      const place = end + 1 + index;
      const row: SavedAgents = { place, changeId, siteId, version, at, agents: page };
      return { key: ["saved_agents", place], bytes: encoder.encode(JSON.stringify(row)) };
    });
    const bytes = rows.reduce((sum, row) => sum + row.bytes.length, 0);
    const fits = tx.hasRoomFor({ mutations: rows.length + 1, bytes });
    for (const row of rows) {
      if (fits) tx.setBytes(row.key, row.bytes);
      else await this.#kv.set(row.key, row.bytes);
    }
    tx.set(endKey, end + rows.length);
  }

  async #end(): Promise<number> {
    return (await this.#kv.get<number>(endKey)).value ?? 0;
  }

  async list(limit: number): Promise<SavedAgents[]> {
    const selector = { start: ["saved_agents"], end: ["saved_agents", await this.#end() + 1] };
    const list = this.#kv.list<Uint8Array>(selector, { limit });
    return await Array.fromAsync(list, ({ value }) => JSON.parse(decoder.decode(value)));
  }

  delete(tx: KvTransaction, place: number): void {
    tx.delete(["saved_agents", place]);
  }
}

/** In order, each with as many as one value and one turn of a publisher hold. */
function pagesOf(agents: readonly SavedAgent[]): SavedAgent[][] {
  const pages: SavedAgent[][] = [];
  let bytes = Infinity;
  for (const agent of agents) {
    const size = encoder.encode(JSON.stringify(agent)).length + 1;
    const page = pages.at(-1);
    if (
      page === undefined || page.length >= configLimits.savedAgentsPerRow ||
      bytes + size > configLimits.partBytesMax
    ) {
      pages.push([agent]);
      bytes = size;
    } else {
      page.push(agent);
      bytes += size;
    }
  }
  return pages;
}
