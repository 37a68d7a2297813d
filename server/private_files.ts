import type { Log } from "./log.ts";

/**
 * Files and folders that this process makes are its owner's alone from here on: a data folder holds
 * keys, password hashes and what people wrote. The mask that was there before.
 */
export function makeFilesPrivate(): number | undefined {
  return Deno.build.os === "windows" ? undefined : Deno.umask(0o077);
}

/**
 * Makes the data folder, or closes one that is there to everybody but its owner, as files from
 * before may be readable. One of somebody else's is used as it is, which is logged. [AM25]
 */
export async function openPrivateFolder(dir: string, log: Log): Promise<void> {
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  if (Deno.build.os === "windows") return;
  try {
    await Deno.chmod(dir, 0o700);
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    log.write("warn", "data_folder_shared", { path: dir, why: error.message });
  }
}
