import type { Manifest } from "../server/backup_manifest.ts";
import { BackupFailed, restingFolder, writeBackup } from "../server/backup_writer.ts";
import { exists } from "../server/data_files.ts";
import { holderOf, lockDataFolder } from "../server/file_lock.ts";
import { BackupBusy, HeldFolder } from "./held_folder.ts";
import { type CommandPorts, readOptions, runCommand, say } from "./command_line.ts";
import { readSettings, type Settings } from "./settings.ts";

/** Exit code of a backup that found another one under way. */
export const busyExitCode = 75;

const usage = "chatnode backup --to=<folder that does not exist yet>";

/**
 * `chatnode backup --to=<folder>`: copies the data folder as it is at one moment, whether a process
 * has it or not; one that has it is asked to help, over its internal port, and goes on meanwhile.
 */
export async function runBackup({ env, args }: CommandPorts): Promise<void> {
  await runCommand(async () => {
    const { text: to } = readOptions(args, { text: "to" }, usage);
    const { files, takenAt } = await backup(await readSettings(env), to);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    say(`backup of ${takenAt} in "${to}": ${files.length} files, ${bytes} bytes`);
  }, (error) => error instanceof BackupBusy ? busyExitCode : 1);
}

/** Backs up the settings' data folder to a new folder. Throws BackupFailed or BackupBusy. */
export async function backup(settings: Settings, to: string): Promise<Manifest> {
  const { DATA_DIR: dataDir } = settings;
  if (!await exists(`${dataDir}/journal`)) {
    throw new BackupFailed(`Data folder "${dataDir}" has nothing to back up`);
  }
  const now = () => Date.now();
  const holder = await holderOf(dataDir);
  if (holder !== undefined) {
    const help = await HeldFolder.of(settings, holder);
    return await writeBackup({ dataDir, to, how: "live", help, now });
  }
  const lock = await lockDataFolder(dataDir);
  try {
    return await writeBackup({ dataDir, to, how: "resting", help: restingFolder, now });
  } finally {
    lock.release();
  }
}
