import { type Manifest, readManifest } from "../server/backup_manifest.ts";
import { BackupFailed } from "../server/backup_writer.ts";
import { BackupTurn, type BackupTurnDeps } from "../server/backup_turn.ts";
import { busyExitCode } from "./backup.ts";
import { ownCommand } from "./own_process.ts";
import type { Settings } from "./settings.ts";

/** Backups of the process that has the data folder. */
export interface BackupPart {
  readonly turn: BackupTurn;
  /** Undefined without BACKUP_DIR. */
  readonly make:
    | (() => Promise<{ readonly name: string; readonly manifest: Manifest } | "busy">)
    | undefined;
  /** Ends what is being made. */
  stop(): Promise<void>;
}

/** What backups of a running process stand on. */
export interface BackupPartDeps extends BackupTurnDeps {
  /** For the process that copies. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Lets backups be made while the process runs. Copying is done by a process of its own, as SQLite
 * would hold this one's thread until it is through.
 */
export function startBackupPart(
  settings: Settings,
  { env, ...deps }: BackupPartDeps,
): BackupPart {
  const turn = new BackupTurn(deps);
  const { BACKUP_DIR: folder } = settings;
  let child: Deno.ChildProcess | undefined;
  let isMaking = false;
  const copy = async (to: string): Promise<Manifest | "busy"> => {
    const { path, args } = ownCommand(["backup", `--to=${to}`]);
    const command = new Deno.Command(path, { args, env, stdout: "null", stderr: "piped" });
    child = command.spawn();
    const { code, stderr } = await child.output();
    child = undefined;
    if (code === 0) return await readManifest(to);
    if (code === busyExitCode) return "busy";
    const why = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    throw new BackupFailed(why || `The backup to "${to}" ended with exit code ${code}`);
  };
  const make = async () => {
    if (isMaking || turn.isTaken) return "busy";
    isMaking = true;
    try {
      const name = new Date(deps.clock.now()).toISOString().replace(/[:.]/g, "-");
      const manifest = await copy(`${folder}/${name}`);
      return manifest === "busy" ? manifest : { name, manifest };
    } finally {
      isMaking = false;
    }
  };
  return {
    turn,
    make: folder === undefined ? undefined : make,
    async stop() {
      await turn.stop();
      child?.kill("SIGTERM");
    },
  };
}
