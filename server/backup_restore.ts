import { dirname } from "node:path";
import { expectSame, type Manifest, verifyBackup } from "./backup_manifest.ts";
import { exists } from "./data_files.ts";
import { lockDataFolder } from "./file_lock.ts";
import { copyFile, freeOnDisk, mib, syncPath } from "./file_copy.ts";

/** The backup was not restored. */
export class RestoreRefused extends Error {
  override name = "RestoreRefused";
}

/** A restore of this data folder did not come to its end. */
export class RestoreUnfinished extends Error {
  override name = "RestoreUnfinished";
}

/** While a restore is under way everything lies here first. */
const workName = "restoring";

/** What a restore is told. */
export interface RestoreJob {
  /** A folder that a backup was written to. */
  readonly from: string;
  readonly dataDir: string;
  /** Whether what is in the data folder is set aside; otherwise it has to be empty. */
  readonly replaces: boolean;
  readonly now: () => number;
  /** Bytes free on the disk of a folder; that of the operating system unless given. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** What a restore did. */
export interface Restored {
  readonly manifest: Manifest;
  /** Where that lies which was in the data folder before; undefined: nothing was. */
  readonly setAside: string | undefined;
}

/**
 * Puts a backup into a data folder. Everything is verified before anything is changed, and nothing
 * is deleted. Whoever is killed meanwhile leaves a folder that no process starts on before the
 * restore is repeated. Throws BadBackup, DataFolderInUse or RestoreRefused. [PB6, PB7]
 */
export async function restoreBackup(job: RestoreJob): Promise<Restored> {
  const { from, dataDir, replaces } = job;
  const manifest = await verifyBackup(from);
  await Deno.mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockDataFolder(dataDir);
  try {
    const before = await contentOf(dataDir);
    if (before.length > 0 && !replaces) {
      throw new RestoreRefused(
        `Data folder "${dataDir}" is not empty: it has "${before[0]}". ` +
          "Name an empty one, or set aside what is there with --replace",
      );
    }
    await requireSpace(job, manifest);
    await copyInto(job, manifest);
    const setAside = await moveAside(job, before);
    await moveIn(dataDir);
    return { manifest, setAside };
  } finally {
    lock.release();
  }
}

/** Throws RestoreUnfinished when a restore was killed here: what there is may be half of it. */
export async function refuseUnfinished(dataDir: string): Promise<void> {
  if (!await exists(`${dataDir}/${workName}`)) return;
  throw new RestoreUnfinished(
    `Cannot use data folder "${dataDir}": a restore was not finished there. ` +
      "Repeat it: chatnode restore --from=<folder> --replace",
  );
}

async function contentOf(dataDir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(dataDir)) {
    if (name !== "lock" && name !== workName) names.push(name);
  }
  return names.sort();
}

async function requireSpace(
  { dataDir, freeBytes = freeOnDisk }: RestoreJob,
  { files }: Manifest,
): Promise<void> {
  const needed = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const free = await freeBytes(dataDir);
  if (free >= needed) return;
  throw new RestoreRefused(
    `Not enough space for a restore in "${dataDir}": ${mib(needed)} needed, ${mib(free)} free`,
  );
}

/** Copies it all beside what is there; what fails is taken back, as nothing was moved yet. */
async function copyInto(job: RestoreJob, manifest: Manifest): Promise<void> {
  const work = `${job.dataDir}/${workName}`;
  if (await exists(work)) await Deno.remove(work, { recursive: true });
  try {
    await copyFiles(job, manifest, work);
  } catch (error) {
    await Deno.remove(work, { recursive: true }).catch(() => {}); // the first error is what is told
    throw error;
  }
}

async function copyFiles(
  { from, dataDir }: RestoreJob,
  manifest: Manifest,
  work: string,
): Promise<void> {
  for (const file of manifest.files) {
    const to = `${work}/${file.path}`;
    await Deno.mkdir(dirname(to), { recursive: true, mode: 0o700 });
    expectSame(`${from}/${file.path}`, await copyFile(`${from}/${file.path}`, to), file);
  }
  for (const { path } of manifest.files) await syncPath(dirname(`${work}/${path}`));
  await syncPath(dataDir);
}

/** A folder of its own for what was there, within the data folder, as that may be a mount. */
async function moveAside(
  { dataDir, now }: RestoreJob,
  names: readonly string[],
): Promise<string | undefined> {
  const moved = names.filter((name) => !name.startsWith("replaced-"));
  if (moved.length === 0) return undefined;
  const aside = `${dataDir}/replaced-${new Date(now()).toISOString().replace(/[:.]/g, "-")}`;
  await Deno.mkdir(aside, { mode: 0o700 });
  for (const name of moved) await Deno.rename(`${dataDir}/${name}`, `${aside}/${name}`);
  await syncPath(aside);
  await syncPath(dataDir);
  return aside;
}

async function moveIn(dataDir: string): Promise<void> {
  const work = `${dataDir}/${workName}`;
  for await (const { name } of Deno.readDir(work)) {
    await Deno.rename(`${work}/${name}`, `${dataDir}/${name}`);
  }
  await syncPath(dataDir);
  await Deno.remove(work);
  await syncPath(dataDir);
}
