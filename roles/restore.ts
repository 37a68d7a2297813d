import { restoreBackup } from "../server/backup_restore.ts";
import { type CommandPorts, readOptions, runCommand, say } from "./command_line.ts";
import { readSettings } from "./settings.ts";

const usage = "chatnode restore --from=<folder of a backup> [--replace]";

/**
 * `chatnode restore --from=<folder>`: puts a backup into the data folder, which no process may have
 * and which has to be empty. `--replace` sets aside what is there.
 */
export async function runRestore({ env, args }: CommandPorts): Promise<void> {
  await runCommand(async () => {
    const { text: from, flag: replaces } = readOptions(
      args,
      { text: "from", flag: "replace" },
      usage,
    );
    const { DATA_DIR: dataDir } = await readSettings(env);
    const now = () => Date.now();
    const { manifest, setAside } = await restoreBackup({ from, dataDir, replaces, now });
    say(`restored the backup of ${manifest.takenAt} to "${dataDir}"`);
    say(`keys ${manifest.keys.join(" ")}`);
    if (setAside !== undefined) {
      say(`what was there is in "${setAside}": delete it when all is well`);
    }
  });
}
