import assert from "node:assert/strict";
import { backupRoutes } from "../routes/backups.ts";
import { verifyBackup } from "../server/backup_manifest.ts";
import { BackupTurn } from "../server/backup_turn.ts";
import { BackupFailed } from "../server/backup_writer.ts";
import { exists } from "../server/data_files.ts";
import { lockDataFolder } from "../server/file_lock.ts";
import { DataFolder } from "../tests/harness/data_folder.ts";
import { startEdge } from "../tests/harness/edge_bench.ts";
import { backup } from "./backup.ts";
import { BackupBusy } from "./held_folder.ts";
import { readSettings } from "./settings.ts";

/** A data folder that this process has, with its internal port; `before` hears of each request. */
async function running(before: (request: Request, turn: BackupTurn) => Promise<void>) {
  const folder = await DataFolder.open();
  const lock = await lockDataFolder(folder.dir);
  const { bench, deps } = await startEdge();
  const acts: string[] = [];
  const turn = new BackupTurn({
    relay: {
      start: () => void acts.push("relay on"),
      stop: () => Promise.resolve(void acts.push("relay off")),
    },
    journal: {
      keepLog: () => Promise.resolve(void acts.push("log kept")),
      releaseLog: () => void acts.push("log released"),
    },
    clock: bench.clock,
    log: bench.log,
  });
  const operatorKey = (await Deno.readTextFile(`${folder.dir}/operator_key`)).trim();
  const app = backupRoutes({ ...deps, operatorKey }, { turn, make: undefined });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      await before(request, turn);
      return await app.fetch(request);
    },
  );
  const make = async (env: Readonly<Record<string, string>> = {}) => {
    const INTERNAL_PORT = String(server.addr.port);
    const settings = await readSettings({ DATA_DIR: folder.dir, INTERNAL_PORT, ...env });
    return await backup(settings, `${folder.beside}/copy`);
  };
  return {
    ...{ folder, turn, make, acts },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await turn.stop();
      bench.stop();
      lock.release();
      folder.release();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const nothing = () => Promise.resolve();

Deno.test("[PB4] the command has the process that holds the folder wait, and lets it go on step by step", async () => {
  await using bench = await running(nothing);
  const manifest = await bench.make();
  assert.deepEqual(await verifyBackup(`${bench.folder.beside}/copy`), manifest);
  assert.deepEqual(bench.acts, ["relay off", "log kept", "relay on", "log released"]);
  assert.deepEqual([bench.turn.isTaken, bench.turn.counts.made], [false, 1]);
});

/** A command that fails, by what it says; no folder is made. */
async function assertFails(
  bench: Awaited<ReturnType<typeof running>>,
  message: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await assert.rejects(bench.make(env), (error) => {
    assert.ok(error instanceof BackupFailed);
    assert.match(error.message, message);
    return true;
  });
  for (const name of ["copy", "copy.unfinished"]) {
    assert.equal(await exists(`${bench.folder.beside}/${name}`), false, name);
  }
}

Deno.test("[PB5] a process that does not answer is named, with where it was looked for", async () => {
  await using bench = await running(nothing);
  const message = new RegExp(
    `Process ${Deno.pid} has the data folder, and nobody answers at .*:1:`,
  );
  await assertFails(bench, message, { INTERNAL_PORT: "1" });
});

Deno.test("[PB5] a process that does not have the folder is not taken for the one that has", async () => {
  await using bench = await running(nothing);
  await Deno.writeTextFile(`${bench.folder.dir}/lock`, "4711\n");
  await assertFails(
    bench,
    new RegExp(`Process 4711 has the data folder, .* is process ${Deno.pid}`),
  );
  assert.deepEqual(bench.acts, ["relay off", "log kept", "relay on", "log released"]);
});

Deno.test("[PB5] a process that takes another key does not help", async () => {
  await using bench = await running(nothing);
  await Deno.writeTextFile(`${bench.folder.dir}/operator_key`, "op_another\n");
  await assertFails(bench, /does not help: HTTP 401/);
});

Deno.test("[PB4] while another backup is made the command is told so", async () => {
  await using bench = await running(nothing);
  await bench.turn.begin();
  await assert.rejects(bench.make(), BackupBusy);
  assert.equal(bench.turn.isTaken, true, "the other one goes on");
});

for (const stage of ["log", "rest"]) {
  Deno.test(`[PB4] a process that waited no longer before the stage of ${stage} fails the backup`, async () => {
    await using bench = await running(async ({ method, url }, turn) => {
      if (method === "PUT" && url.endsWith(`/${stage}`)) await turn.stop();
    });
    await assertFails(bench, /did not wait any longer/);
    assert.equal(bench.turn.counts.failed, 1);
  });
}

Deno.test("[PB5] a folder that is no data folder has nothing to back up", async () => {
  const dir = await Deno.makeTempDir();
  const settings = await readSettings({ DATA_DIR: dir });
  await assert.rejects(backup(settings, `${dir}/copy`), /has nothing to back up/);
  assert.equal(await exists(`${dir}/lock`), false);
  await Deno.remove(dir, { recursive: true });
});
