import assert from "node:assert/strict";
import { DataFolder } from "../tests/harness/data_folder.ts";
import { VirtualClock } from "../tests/harness/virtual_clock.ts";
import { FolderMeter } from "./folder_meter.ts";
import { silentLog } from "./log.ts";

const mib = 2 ** 20;

/** A folder with its meter, and a next measurement. */
async function measured(freeBytes?: () => Promise<number>) {
  const folder = await DataFolder.open();
  const clock = new VirtualClock();
  const start = () =>
    FolderMeter.start({
      dataDir: folder.dir,
      clock,
      log: silentLog,
      ...(freeBytes === undefined ? {} : { freeBytes }),
    });
  const meter = await start();
  return {
    ...{ folder, meter, clock },
    /** What a meter measures now. */
    again: async () => {
      const other = await start();
      const { usedBytes, freeBytes } = other;
      await other.stop();
      return { usedBytes, freeBytes };
    },
    async [Symbol.asyncDispose]() {
      await meter.stop();
      folder.release();
      await folder[Symbol.asyncDispose]();
    },
  };
}

for (const name of ["queue.kv", "archive.kv", "config.kv"]) {
  Deno.test(`[PB9] what is in ${name} counts, and what was deleted from it does not`, async () => {
    await using bench = await measured();
    const kv = bench.folder.kv(name);
    const before = bench.meter.usedBytes;
    const bytes = crypto.getRandomValues(new Uint8Array(50_000));
    for (let n = 0; n < 300; n++) await kv.set(["row", n], bytes);
    const filled = (await bench.again()).usedBytes;
    assert.ok(filled - before > 14 * mib, `${filled - before} bytes more`);
    const size = (await Deno.stat(`${bench.folder.dir}/${name}`)).size;
    for (let n = 0; n < 300; n++) await kv.delete(["row", n]);
    const emptied = (await bench.again()).usedBytes;
    assert.ok((await Deno.stat(`${bench.folder.dir}/${name}`)).size >= size, "it does not shrink");
    assert.ok(filled - emptied > 9 * mib, `${filled - emptied} bytes less`);
  });
}

Deno.test("[PB9] files that nobody knows count, and the journal counts itself", async () => {
  await using bench = await measured();
  const before = bench.meter.usedBytes;
  const { dir } = bench.folder;
  await Deno.mkdir(`${dir}/replaced-before`);
  await Deno.writeFile(`${dir}/replaced-before/queue.kv`, new Uint8Array(mib));
  await Deno.writeFile(`${dir}/journal/log-2`, new Uint8Array(mib));
  assert.equal((await bench.again()).usedBytes - before, mib);
});

Deno.test("[PB9] the folder is measured again every few seconds, also after a failure", async () => {
  let asked = 0;
  const answers = [100, new Error("no disk"), 50];
  const measuring = await measured(() => {
    const answer = answers[Math.min(asked++, 2)];
    return typeof answer === "number" ? Promise.resolve(answer) : Promise.reject(answer);
  });
  await using bench = measuring;
  assert.equal(bench.meter.freeBytes, 100);
  const measuredAgain = async (times: number) => {
    await bench.clock.advance(5_000);
    while (asked < times || bench.clock.timerCount === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await measuredAgain(2);
  assert.equal(bench.meter.freeBytes, 100, "what was known last");
  await measuredAgain(3);
  assert.equal(bench.meter.freeBytes, 50);
});

Deno.test("[PB9] a file that is away or damaged counts whole, and harms nothing", async () => {
  await using bench = await measured();
  const { dir } = bench.folder;
  await Deno.writeFile(`${dir}/spare.kv`, new Uint8Array(mib));
  const before = (await bench.again()).usedBytes;
  await Deno.remove(`${dir}/spare.kv`);
  assert.equal(before - (await bench.again()).usedBytes, mib);
});

Deno.test("[PB9] measuring leaves the locks of the process on its files", async () => {
  await using bench = await measured();
  await bench.again();
  const inodes = [];
  for (const name of ["queue.kv", "archive.kv", "config.kv"]) {
    inodes.push((await Deno.stat(`${bench.folder.dir}/${name}`)).ino);
  }
  const locks = await Deno.readTextFile("/proc/locks");
  for (const inode of inodes) {
    assert.match(locks, new RegExp(`POSIX .* ${Deno.pid} \\S+:${inode} `));
  }
});
