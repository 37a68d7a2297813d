import assert from "node:assert/strict";
import { DataFolder, pathsIn, wordsIn } from "../tests/harness/data_folder.ts";
import { verifyBackup } from "./backup_manifest.ts";
import { BackupFailed, type BackupHelp, restingFolder, writeBackup } from "./backup_writer.ts";
import { exists, kvFiles } from "./data_files.ts";
import { openKeyRing } from "./keys.ts";

const takenAt = Date.UTC(2026, 10, 25, 12);

/** A backup of a folder that is open in this process. */
function live(folder: DataFolder, help: Partial<BackupHelp> = {}, free = 2 ** 40) {
  return writeBackup({
    dataDir: folder.dir,
    to: `${folder.beside}/copy`,
    how: "live",
    help: { ...restingFolder, ...help },
    now: () => takenAt,
    freeBytes: () => Promise.resolve(free),
  });
}

/** Nothing that a restore would take, and nothing left over. */
async function assertNothingMade(folder: DataFolder): Promise<void> {
  const names = [];
  for await (const { name } of Deno.readDir(folder.beside)) names.push(name);
  assert.deepEqual(names, ["data"]);
}

Deno.test("[PB3] a backup has every file as it was at one moment, while its process writes on", async () => {
  await using folder = await DataFolder.open();
  const steps: string[] = [];
  const manifest = await live(folder, {
    async begin() {
      steps.push("begin");
      await folder.write("before");
    },
    async pictured() {
      steps.push("pictured");
      await folder.write("after");
      await folder.kv("queue.kv").delete(["word", "first"]);
    },
    logCopied() {
      steps.push("logCopied");
      return Promise.resolve();
    },
    end(how) {
      steps.push(how);
      return Promise.resolve();
    },
  });
  folder.release();
  assert.deepEqual(steps, ["begin", "pictured", "logCopied", "made"]);
  const copy = `${folder.beside}/copy`;
  const keys = (await openKeyRing(folder.dir)).fingerprints();
  assert.deepEqual([manifest.takenAt, manifest.keys], ["2026-11-25T12:00:00.000Z", keys]);
  assert.deepEqual(await verifyBackup(copy), manifest);
  assert.equal((await Deno.stat(copy)).mode, 0o40700);
  assert.equal((await Deno.stat(`${copy}/keys.json`)).mode, 0o100600);
  const sorted = ["before", "first"];
  assert.deepEqual(await wordsIn(copy), {
    journal: ["first", "before"],
    ...Object.fromEntries(kvFiles.map((name) => [name, sorted])),
  });
});

Deno.test("[PB3] a folder that a killed process left is copied with what stood beside its files", async () => {
  await using folder = await DataFolder.open();
  // What is written stands in the -wal files only: as a kill leaves it.
  const left = `${folder.beside}/left`;
  await Deno.mkdir(`${left}/journal`, { recursive: true });
  for (const path of await pathsIn(folder.dir)) {
    if (!path.endsWith("-shm")) await Deno.copyFile(`${folder.dir}/${path}`, `${left}/${path}`);
  }
  folder.release();
  const to = `${folder.beside}/copy`;
  const now = () => takenAt;
  await writeBackup({ dataDir: left, to, how: "resting", help: restingFolder, now });
  const words = await wordsIn(to);
  assert.deepEqual(words["queue.kv"], ["first"]);
  assert.deepEqual(words["journal"], ["first"]);
});

Deno.test("[PB3] pictures are taken down the stream: whatever moves meanwhile is in the later one", async () => {
  const order = ["journal/nouns.kv", "queue.kv", "archive.kv", "config.kv"];
  for (const [index, name] of order.entries()) {
    await using folder = await DataFolder.open();
    folder.release();
    // The first that is not there is the first that is looked at.
    for (const later of order.slice(index)) await Deno.remove(`${folder.dir}/${later}`);
    await assert.rejects(live(folder), new RegExp(`Cannot read ".*/data/${name}"`));
  }
});

const failures: readonly [string, Partial<BackupHelp>, RegExp][] = [
  ["the pictures", { pictured: () => Promise.reject(new Error("gone")) }, /failed: gone/],
  ["the log", { logCopied: () => Promise.reject(new Error("gone")) }, /failed: gone/],
];
for (const [what, help, message] of failures) {
  Deno.test(`[PB5] a backup that fails behind ${what} leaves nothing, and ends its turn`, async () => {
    await using folder = await DataFolder.open();
    const ends: string[] = [];
    const end = (how: string) => {
      ends.push(how);
      return Promise.resolve();
    };
    await assert.rejects(live(folder, { ...help, end }), (error) => {
      assert.ok(error instanceof BackupFailed);
      assert.match(error.message, message);
      return true;
    });
    folder.release();
    assert.deepEqual(ends, ["failed"]);
    await assertNothingMade(folder);
  });
}

Deno.test("[PB5] a damaged file fails the backup by name", async () => {
  await using folder = await DataFolder.open();
  folder.release();
  await Deno.writeFile(`${folder.dir}/archive.kv`, new Uint8Array(8_192).fill(1));
  await assert.rejects(live(folder), /Cannot read ".*archive\.kv" as a Deno KV file/);
  await assertNothingMade(folder);
});

Deno.test("[PB5] a page that is damaged inside a file fails the backup by name", async () => {
  await using folder = await DataFolder.open();
  for (let n = 0; n < 200; n++) await folder.kv("archive.kv").set(["row", n], "x".repeat(500));
  folder.release();
  const path = `${folder.dir}/archive.kv`;
  const bytes = await Deno.readFile(path);
  bytes.fill(0xff, bytes.length - 3 * 4_096);
  await Deno.writeFile(path, bytes);
  await assert.rejects(live(folder), /archive\.kv" is damaged/);
  await assertNothingMade(folder);
});

Deno.test("[PB5] without space nothing begins, and the figures are told", async () => {
  await using folder = await DataFolder.open();
  const begin = () => Promise.reject(new Error("it began"));
  await assert.rejects(
    live(folder, { begin }, 1024),
    /Not enough space .* MiB needed, 0\.0 MiB free/,
  );
  folder.release();
  await assertNothingMade(folder);
});

Deno.test("[PB5] a folder that exists is not written to", async () => {
  await using folder = await DataFolder.open();
  await Deno.mkdir(`${folder.beside}/copy`);
  await assert.rejects(live(folder), /Cannot write a backup to ".*copy": it exists/);
  folder.release();
  assert.deepEqual(await pathsIn(`${folder.beside}/copy`), []);
});

Deno.test("[PB5] what a killed backup left is no backup, and the next one passes over it", async () => {
  await using folder = await DataFolder.open();
  const left = `${folder.beside}/copy.unfinished`;
  await Deno.mkdir(left);
  await Deno.writeTextFile(`${left}/queue.kv`, "half");
  await assert.rejects(verifyBackup(left), /is no finished backup/);
  await live(folder);
  folder.release();
  assert.equal(await exists(left), false);
  await verifyBackup(`${folder.beside}/copy`);
});
