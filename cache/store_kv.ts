import type { SiteId } from "../core/ids.ts";
import type { ConfigStore } from "./config_cache.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Below Deno KV's limit of 64 KiB a value; longer configurations take several. */
const partBytesMax = 60_000;

/** Configurations in a Deno KV file of their own. */
export class KvConfigStore implements ConfigStore {
  readonly #kv: Deno.Kv;

  private constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  static async open(path: string): Promise<KvConfigStore> {
    return new KvConfigStore(await Deno.openKv(path));
  }

  async *load() {
    let siteId: SiteId | undefined;
    let parts: Uint8Array[] = [];
    for await (const { key, value } of this.#kv.list<Uint8Array>({ prefix: ["config"] })) {
      const id = key[1] as SiteId; // written by put()
      if (siteId !== undefined && id !== siteId) {
        yield { siteId, json: joined(parts) };
        parts = [];
      }
      siteId = id;
      parts.push(value);
    }
    if (siteId !== undefined) yield { siteId, json: joined(parts) };
  }

  async put(siteId: SiteId, json: string): Promise<void> {
    const bytes = encoder.encode(json);
    const atomic = this.#kv.atomic();
    for await (const { key } of this.#kv.list({ prefix: ["config", siteId] })) atomic.delete(key);
    for (let part = 0; part * partBytesMax < bytes.length; part++) {
      const from = part * partBytesMax;
      atomic.set(["config", siteId, part], bytes.subarray(from, from + partBytesMax));
    }
    await atomic.commit();
  }

  close(): void {
    this.#kv.close();
  }
}

function joined(parts: readonly Uint8Array[]): string {
  return parts.map((part, index) => decoder.decode(part, { stream: index < parts.length - 1 }))
    .join("");
}
