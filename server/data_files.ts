/**
 * The Deno KV files of a data folder, in the order in which a backup takes their pictures: whatever
 * moves, moves down this list, so nothing is missed on its way (docs/adr/0007).
 */
export const kvFiles: readonly string[] = [
  "journal/nouns.kv",
  "queue.kv",
  "archive.kv",
  "config.kv",
];

/** Files that are written once, with keys and the demo site's password; not each folder has all. */
export const keyFiles: readonly string[] = ["keys.json", "operator_key", "demo_login.json"];

/** Where the log lies, in files that only grow. */
export const logFolder = "journal";

/** Whether a path within a data folder is one that a backup has. */
export function isDataFile(path: string): boolean {
  return kvFiles.includes(path) || keyFiles.includes(path) || /^journal\/log-\d+$/.test(path);
}

/** The log's files as paths in the data folder, oldest first, with their bytes at this moment. */
export async function logFilesOf(dataDir: string): Promise<{ path: string; bytes: number }[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${dataDir}/${logFolder}`)) {
    if (/^log-\d+$/.test(name)) names.push(name);
  }
  const files = [];
  for (const name of names.sort()) {
    const path = `${logFolder}/${name}`;
    files.push({ path, bytes: (await Deno.stat(`${dataDir}/${path}`)).size });
  }
  return files;
}

/** Whether there is something under this path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
