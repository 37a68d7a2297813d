import { z } from "zod";
import type { Archive } from "../archive/archive.ts";
import { KvArchive } from "../archive/archive_kv.ts";
import { ConfigCache } from "../cache/config_cache.ts";
import { KvConfigStore } from "../cache/store_kv.ts";
import { siteConfigSchema } from "../core/site_config.ts";
import type { Queue, QueueDefinition } from "../mq/queue.ts";
import { KvQueue } from "../mq/queue_kv.ts";
import { refuseUnfinished } from "../server/backup_restore.ts";
import type { Clock } from "../server/clock.ts";
import { DiskBudget } from "../server/disk_budget.ts";
import { lockDataFolder } from "../server/file_lock.ts";
import { FolderMeter } from "../server/folder_meter.ts";
import { Journal } from "../server/journal.ts";
import type { JournalStore } from "../server/journal_store.ts";
import { type KeyRing, openKeyRing } from "../server/keys.ts";
import { errorFields, type Log } from "../server/log.ts";
import { openOperatorKey } from "../server/operator_key.ts";
import type { Parts } from "../server/parts.ts";
import { openPrivateFolder } from "../server/private_files.ts";
import { ArchivePart } from "./archive_part.ts";
import { QueuePart } from "./queue_part.ts";
import type { Settings } from "./settings.ts";

/** What opening the storage stands on. */
export interface StorageDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly parts: Parts;
  readonly definitions: readonly QueueDefinition[];
  openJournalStore(dir: string): Promise<JournalStore>;
}

/** Everything that lies in the data folder. */
export interface Storage {
  readonly configs: ConfigCache;
  readonly ring: KeyRing;
  readonly operatorKey: string;
  readonly journal: Journal;
  readonly queue: Queue;
  readonly archive: Archive;
  readonly meter: FolderMeter;
  /** Lets go of all of it. The journal is closed by its node. */
  close(): Promise<void>;
}

/**
 * Opens the data folder for this process: locked, with a file for each part, as none of them may
 * wait for another's disk. Throws DataFolderInUse.
 */
export async function openStorage(settings: Settings, deps: StorageDeps): Promise<Storage> {
  const { DATA_DIR: dir } = settings;
  const { clock, log, parts, definitions } = deps;
  const now = () => clock.now();
  await openPrivateFolder(dir, log);
  const lock = await lockDataFolder(dir);
  await refuseUnfinished(dir);
  const configs = await openConfigs(settings, deps);
  const ring = await openKeyRing(dir);
  const operatorKey = await openOperatorKey(dir);
  const journal = new Journal(await deps.openJournalStore(`${dir}/journal`));
  const part = { parts, clock, log };
  const openQueue = () => KvQueue.open({ path: `${dir}/queue.kv`, definitions, now });
  const queue = new QueuePart({ ...part, open: openQueue, definitions });
  const openArchive = () => KvArchive.open({ path: `${dir}/archive.kv`, now });
  const archive = new ArchivePart({ ...part, open: openArchive });
  await Promise.all([queue.start(), archive.start()]);
  const meter = await FolderMeter.start({ dataDir: dir, clock, log });
  return {
    ...{ configs, ring, operatorKey, journal, queue, archive, meter },
    async close() {
      await meter.stop();
      await configs.close();
      await queue.close();
      await archive.close();
      lock.release();
    },
  };
}

/** The budget of all that lies in the data folder. */
export function diskBudget(
  { DISK_BUDGET_GIB }: Settings,
  { journal, meter }: Pick<Storage, "journal" | "meter">,
): DiskBudget {
  const used = () => journal.bytes + meter.usedBytes;
  return new DiskBudget(DISK_BUDGET_GIB * 2 ** 30, used, () => meter.freeBytes);
}

async function openConfigs(
  settings: Settings,
  { clock, log }: Pick<StorageDeps, "clock" | "log">,
): Promise<ConfigCache> {
  const now = () => clock.now();
  const store = await KvConfigStore.open(`${settings.DATA_DIR}/config.kv`, { now });
  const onError = (error: unknown) => log.write("error", "config_unread", errorFields(error));
  const configs = await ConfigCache.open(store, {
    ...{ now, onError },
    writtenAt: settings.CONFIG_FROM,
  });
  if (settings.CHATNODE_SITES !== undefined) {
    const json = JSON.parse(await Deno.readTextFile(settings.CHATNODE_SITES));
    for (const config of z.array(siteConfigSchema).parse(json)) await configs.put(config);
  }
  return configs;
}
