import assert from "node:assert/strict";
import { DataFolder, pathsIn, wordsIn } from "../tests/harness/data_folder.ts";
import { BadBackup, manifestName } from "./backup_manifest.ts";
import {
  refuseUnfinished,
  restoreBackup,
  RestoreRefused,
  RestoreUnfinished,
} from "./backup_restore.ts";
import { restingFolder, writeBackup } from "./backup_writer.ts";
import { DataFolderInUse, lockDataFolder } from "./file_lock.ts";

const now = () => Date.UTC(2026, 10, 25, 12);

/** A folder with a backup of it beside it, no process on either. */
async function backedUp(): Promise<DataFolder & { readonly copy: string }> {
  const folder = await DataFolder.open();
  folder.release();
  const copy = `${folder.beside}/copy`;
  await writeBackup({ dataDir: folder.dir, to: copy, how: "resting", help: restingFolder, now });
  return Object.assign(folder, { copy });
}

function restore(
  folder: DataFolder & { readonly copy: string },
  dataDir: string,
  replaces = false,
) {
  return restoreBackup({ from: folder.copy, dataDir, replaces, now });
}

Deno.test("[PB6] a restored folder has what the backup had, with the same rights", async () => {
  await using folder = await backedUp();
  const to = `${folder.beside}/new`;
  const { manifest, setAside } = await restore(folder, to);
  assert.equal(setAside, undefined);
  const paths = manifest.files.map(({ path }) => path);
  assert.deepEqual(await pathsIn(to), [...paths, "lock"].sort());
  assert.equal((await Deno.stat(`${to}/operator_key`)).mode, 0o100600);
  await refuseUnfinished(to);
  assert.deepEqual(await wordsIn(to), await wordsIn(folder.dir));
});

const faults: readonly [string, (copy: string) => Promise<void>, RegExp][] = [
  ["truncated", (copy) => Deno.truncate(`${copy}/queue.kv`, 4_096), /queue\.kv" has 4096 bytes/],
  ["altered", (copy) => flip(`${copy}/archive.kv`), /archive\.kv" was altered/],
  [
    "altered in the log",
    (copy) => flip(`${copy}/journal/log-0000000000000001`),
    /journal\/log-0+1" was altered/,
  ],
  ["missing", (copy) => Deno.remove(`${copy}/config.kv`), /Cannot read ".*config\.kv"/],
  [
    "too many",
    (copy) => Deno.writeTextFile(`${copy}/journal/log-2`, ""),
    /journal\/log-2" is not in the manifest/,
  ],
  ["without manifest", (copy) => Deno.remove(`${copy}/${manifestName}`), /is no finished backup/],
  [
    "of a newer layout",
    (copy) => change(copy, { layout: 2 }),
    /Cannot use ".*manifest\.json": layout/,
  ],
  ["of newer facts", (copy) => change(copy, { facts: 1_000 }), /manifest\.json": facts/],
  [
    "out of the folder",
    (copy) => change(copy, { files: [{ path: "../x", bytes: 0, sha256: "0".repeat(64) }] }),
    /manifest\.json": files\.0\.path/,
  ],
  [
    "that no data folder has",
    (copy) => change(copy, { files: [{ path: "lock", bytes: 0, sha256: "0".repeat(64) }] }),
    /manifest\.json": files\.0\.path: no file of a data folder/,
  ],
];

async function flip(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  await Deno.writeFile(path, bytes);
}

async function change(copy: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  const path = `${copy}/${manifestName}`;
  const manifest = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...manifest, ...fields }));
}

for (const [what, spoil, message] of faults) {
  Deno.test(`[PB6] a backup with a file ${what} is refused by name, and nothing is changed`, async () => {
    await using folder = await backedUp();
    await spoil(folder.copy);
    const to = `${folder.beside}/new`;
    await assert.rejects(restore(folder, to), (error) => {
      assert.ok(error instanceof BadBackup);
      assert.match(error.message, message);
      return true;
    });
    await assert.rejects(Deno.stat(to), Deno.errors.NotFound);
  });
}

Deno.test("[PB7] a data folder that holds something is refused and stays as it is", async () => {
  await using folder = await backedUp();
  const before = await pathsIn(folder.dir);
  await assert.rejects(restore(folder, folder.dir), (error) => {
    assert.ok(error instanceof RestoreRefused);
    assert.match(error.message, /is not empty: it has "archive\.kv".*--replace/);
    return true;
  });
  assert.deepEqual(await pathsIn(folder.dir), [...before, "lock"].sort());
});

Deno.test("[PB7] a data folder that a process has is refused, also with --replace", async () => {
  await using folder = await backedUp();
  const lock = await lockDataFolder(folder.dir);
  await assert.rejects(restore(folder, folder.dir, true), DataFolderInUse);
  lock.release();
});

Deno.test("[PB7] without space nothing is changed, and the figures are told", async () => {
  await using folder = await backedUp();
  const before = await pathsIn(folder.dir);
  const job = { from: folder.copy, dataDir: folder.dir, replaces: true, now };
  const freeBytes = () => Promise.resolve(100);
  await assert.rejects(
    restoreBackup({ ...job, freeBytes }),
    /Not enough space .* 0\.\d MiB needed, 0\.0 MiB free/,
  );
  assert.deepEqual(await pathsIn(folder.dir), [...before, "lock"].sort());
});

Deno.test("[PB7] --replace sets aside what was there, each time", async () => {
  await using folder = await backedUp();
  await Deno.writeTextFile(`${folder.dir}/note`, "of before");
  const { setAside = "" } = await restore(folder, folder.dir, true);
  assert.equal(setAside, `${folder.dir}/replaced-2026-11-25T12-00-00-000Z`);
  assert.equal(await Deno.readTextFile(`${setAside}/note`), "of before");
  assert.deepEqual(await wordsIn(setAside), await wordsIn(folder.copy));
  const again = { from: folder.copy, dataDir: folder.dir, replaces: true };
  const second = await restoreBackup({ ...again, now: () => now() + 1_000 });
  assert.notEqual(second.setAside, setAside);
  assert.equal(await Deno.readTextFile(`${setAside}/note`), "of before");
});

Deno.test("[PB7] nothing starts on a folder whose restore was killed, until it is repeated", async () => {
  await using folder = await backedUp();
  const to = `${folder.beside}/new`;
  await Deno.mkdir(`${to}/restoring`, { recursive: true });
  await Deno.writeTextFile(`${to}/restoring/queue.kv`, "half");
  await assert.rejects(refuseUnfinished(to), RestoreUnfinished);
  await restore(folder, to, true);
  await refuseUnfinished(to);
  assert.deepEqual(await wordsIn(to), await wordsIn(folder.copy));
});
