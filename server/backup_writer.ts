import { dirname, resolve } from "node:path";
import { type Manifest, manifestName, manifestOf } from "./backup_manifest.ts";
import { exists, keyFiles, kvFiles, logFilesOf, logFolder } from "./data_files.ts";
import {
  copyFile,
  digestOf,
  freeOnDisk,
  mib,
  renameSynced,
  syncPath,
  writeSynced,
} from "./file_copy.ts";
import { openKeyRing } from "./keys.ts";
import { KvPicture } from "./kv_picture.ts";

/** The backup was not made, and there is no folder that looks like one. */
export class BackupFailed extends Error {
  override name = "BackupFailed";
}

/**
 * What a process that has the data folder does for a backup of it. Each step ends what the one
 * before it asked for.
 */
export interface BackupHelp {
  /** From here on nothing is published and no record of the log is deleted. */
  begin(): Promise<void>;
  /** The pictures are taken: publishing may go on. */
  pictured(): Promise<void>;
  /** The log is copied: records may be deleted. */
  logCopied(): Promise<void>;
  /** This backup's turn is over, whatever became of it. Called once. */
  end(how: "made" | "failed"): Promise<void>;
}

/** A data folder that no process has but this one, and nothing writes to. */
export const restingFolder: BackupHelp = {
  begin: () => Promise.resolve(),
  pictured: () => Promise.resolve(),
  logCopied: () => Promise.resolve(),
  end: () => Promise.resolve(),
};

/** What a backup is made of. */
export interface BackupJob {
  readonly dataDir: string;
  /** A folder that does not exist yet. */
  readonly to: string;
  /** Whether a process that runs has the data folder. */
  readonly how: "live" | "resting";
  readonly help: BackupHelp;
  readonly now: () => number;
  /** Bytes free on the disk of a folder; that of the operating system unless given. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** What is left free beside a backup. */
const spareBytes = 64 * 1024 * 1024;

/**
 * Copies a data folder as it is at one moment into a new folder: what was acknowledged before is in
 * it. The folder gets its name when everything in it is on disk. Throws BackupFailed. [PB3, PB5]
 */
export async function writeBackup(job: BackupJob): Promise<Manifest> {
  const { to, help } = job;
  if (await exists(to)) throw new BackupFailed(`Cannot write a backup to "${to}": it exists`);
  await requireSpace(job);
  await help.begin();
  const unfinished = `${to}.unfinished`;
  let how: "made" | "failed" = "failed";
  try {
    await removeTree(unfinished);
    await Deno.mkdir(`${unfinished}/${logFolder}`, { recursive: true, mode: 0o700 });
    const manifest = await copyAll(job, unfinished);
    await renameSynced(unfinished, to);
    how = "made";
    return manifest;
  } catch (error) {
    await removeTree(unfinished).catch(() => {}); // what could not be written is what is told
    if (error instanceof BackupFailed) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new BackupFailed(`The backup to "${to}" failed: ${why}`, { cause: error });
  } finally {
    await help.end(how);
  }
}

async function removeTree(path: string): Promise<void> {
  if (await exists(path)) await Deno.remove(path, { recursive: true });
}

/** The files' sizes are an upper bound: pages that are free in them are copied, too. */
async function requireSpace({ dataDir, to, freeBytes = freeOnDisk }: BackupJob): Promise<void> {
  let needed = spareBytes;
  for (const name of kvFiles) {
    for (const path of [`${dataDir}/${name}`, `${dataDir}/${name}-wal`]) {
      if (await exists(path)) needed += (await Deno.stat(path)).size;
    }
  }
  for (const { bytes } of await logFilesOf(dataDir)) needed += bytes;
  const free = await freeBytes(await existingFolder(resolve(to)));
  if (free >= needed) return;
  throw new BackupFailed(
    `Not enough space for a backup at "${to}": ${mib(needed)} needed, ${mib(free)} free`,
  );
}

async function existingFolder(path: string): Promise<string> {
  const above = dirname(path);
  return await exists(above) ? above : await existingFolder(above);
}

async function copyAll(job: BackupJob, folder: string): Promise<Manifest> {
  const { dataDir, help } = job;
  const pictures = new Map<string, KvPicture>();
  try {
    for (const name of kvFiles) {
      pictures.set(name, KvPicture.take(`${dataDir}/${name}`, job.how));
    }
    // Behind the nouns' picture: no noun is ahead of the log.
    const log = await logFilesOf(dataDir);
    const takenAt = new Date(job.now()).toISOString();
    await help.pictured();
    const files: Manifest["files"] = [];
    for (const { path, bytes } of log) {
      files.push({ path, ...await copyFile(`${dataDir}/${path}`, `${folder}/${path}`, bytes) });
    }
    await help.logCopied();
    for (const [path, picture] of pictures) {
      files.push({ path, ...await copyPicture(picture, `${folder}/${path}`) });
    }
    for (const path of keyFiles) {
      if (!await exists(`${dataDir}/${path}`)) continue;
      files.push({ path, ...await copyFile(`${dataDir}/${path}`, `${folder}/${path}`) });
    }
    const isKeyed = files.some(({ path }) => path === "keys.json");
    const keys = isKeyed ? (await openKeyRing(folder)).fingerprints() : [];
    const manifest = manifestOf({ takenAt, keys, files });
    await writeSynced(`${folder}/${manifestName}`, `${JSON.stringify(manifest, undefined, 2)}\n`);
    await syncPath(`${folder}/${logFolder}`);
    await syncPath(folder);
    return manifest;
  } finally {
    for (const picture of pictures.values()) picture.close();
  }
}

/** Its transaction ends at once, so that its file need not keep what was written since. */
async function copyPicture(
  picture: KvPicture,
  to: string,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  try {
    picture.check();
    await picture.copyTo(to);
  } finally {
    picture.close();
  }
  await syncPath(to);
  return await digestOf(to);
}
