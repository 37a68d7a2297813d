import { runAll } from "./roles/all.ts";
import { runBackup } from "./roles/backup.ts";
import { runCheck } from "./roles/check.ts";
import { runRestore } from "./roles/restore.ts";
import { DiskJournalStore } from "./server/journal_store_disk.ts";
import { makeFilesPrivate } from "./server/private_files.ts";

const env = Deno.env.toObject();
const webDir = `${import.meta.dirname}/web/dist`;

/** What the program can be: `chatnode <command> [arguments]`; without one it is `all`. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  all: () => runAll({ env, webDir, openJournalStore: DiskJournalStore.open }),
  check: (args) => runCheck({ env, webDir, args }),
  backup: (args) => runBackup({ env, args }),
  restore: (args) => runRestore({ env, args }),
};

if (import.meta.main) {
  const [name = "all", ...args] = Deno.args;
  const command = commands[name];
  if (command === undefined) {
    const names = Object.keys(commands).join("|");
    Deno.stderr.writeSync(new TextEncoder().encode(`usage: chatnode [${names}]\n`));
    Deno.exit(2);
  }
  makeFilesPrivate();
  await command(args);
}
