import assert from "node:assert/strict";
import type {
  ChangesPage,
  ConfigChange,
  ConfigStore,
  ConfigWrite,
  LogPosition,
  StoredSite,
} from "../../cache/config_store.ts";
import { KvConfigStore } from "../../cache/store_kv.ts";
import { type SiteId, siteIdSchema } from "../../core/ids.ts";
import { MemoryConfigStore } from "../harness/memory_config_store.ts";

/** Opens empty stores, each with a log of its own, and removes them when the case is over. */
export interface StoreBench {
  open(options?: { readonly logChangesMax?: number }): Promise<ConfigStore>;
  /** Lets go of the store and gives what its place holds; a store in memory gives itself. */
  reopen(store: ConfigStore): Promise<ConfigStore>;
}

/** A way to keep configurations, with the name that its cases are counted under. */
export interface ConfigStoreDriver {
  readonly name: string;
  use(run: (bench: StoreBench) => Promise<void>): Promise<void>;
}

/** In memory, for tests. */
export const memoryDriver: ConfigStoreDriver = {
  name: "memory",
  use: (run) =>
    run({
      open: (options) => Promise.resolve(new MemoryConfigStore(options)),
      reopen: (store) => Promise.resolve(store),
    }),
};

/** In a Deno KV file. */
export const kvDriver: ConfigStoreDriver = {
  name: "kv",
  async use(run) {
    const dir = await Deno.makeTempDir();
    const paths = new Map<ConfigStore, string>();
    const openAt = async (path: string, options = {}) => {
      const store = await KvConfigStore.open(path, options);
      paths.set(store, path);
      return store;
    };
    try {
      await run({
        open: (options) => openAt(`${dir}/config${paths.size}.kv`, options),
        async reopen(store) {
          const path = paths.get(store) ?? "";
          paths.delete(store);
          store.close();
          return await openAt(path);
        },
      });
    } finally {
      for (const store of paths.keys()) store.close();
      await Deno.remove(dir, { recursive: true });
    }
  },
};

/** When things happen here: some day at noon. */
export const noon = Date.UTC(2026, 10, 25, 12);

/** A site's id of tests. */
export function site(id: string): SiteId {
  return siteIdSchema.parse(id);
}

/** Some JSON of that many bytes or a few more; the store does not look into it. */
export function jsonOf(name: string, bytes = 0): string {
  return JSON.stringify({ name, filler: "x".repeat(bytes) });
}

/** Writes, and must not meet a conflict. */
export async function write(
  store: ConfigStore,
  id: string,
  given: Partial<ConfigWrite> = {},
): Promise<ConfigChange> {
  const siteId = site(id);
  const from = given.from ?? (await store.read(siteId))?.version ?? 0;
  const json = jsonOf(`${id} ${from + 1}`);
  const result = await store.write({
    ...{ siteId, from, json, by: "operator", what: "test", at: noon },
    ...given,
  });
  assert.equal(result.type, "written");
  assert.ok(result.type === "written");
  return result.change;
}

/** The changes behind a position; the log must have it. */
export async function changesOf(
  store: ConfigStore,
  after: LogPosition,
  limit = 100,
): Promise<ChangesPage> {
  const page = await store.changes(after, limit);
  assert.ok(page !== "gone", "the log has this position");
  return page;
}

/** Takes over all changes of another store, page by page. */
export async function followAll(
  store: ConfigStore,
  source: ConfigStore,
  limit = 100,
): Promise<void> {
  for (;;) {
    const page = await changesOf(source, await store.head(), limit);
    if (page.changes.length === 0) return;
    await store.follow(page);
  }
}

/** Takes over every site of another store. */
export async function copyAll(store: ConfigStore, source: ConfigStore): Promise<void> {
  async function* everything() {
    yield* everySite(source);
    yield* source.removedSites();
  }
  await store.replaceAll(await source.head(), everything());
}

/** Every site of a store, in order of their ids. */
export async function* everySite(store: ConfigStore): AsyncGenerator<StoredSite> {
  for await (const { siteId } of store.sites()) {
    const one = await store.read(siteId);
    if (one !== undefined) yield one;
  }
}

/** Everything that two stores must have in common once one follows the other. */
export async function contentOf(store: ConfigStore): Promise<unknown> {
  const sites = await Array.fromAsync(everySite(store));
  const removed = await Array.fromAsync(store.removedSites());
  return { head: await store.head(), sites, removed };
}
