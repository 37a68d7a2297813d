import assert from "node:assert/strict";
import { LogFiles } from "./log_files.ts";

const encoder = new TextEncoder();
const recordsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, place) => ({
    seq: first + place,
    value: encoder.encode(`record ${first + place}`),
  }));

async function seqsIn(log: LogFiles, after = 0): Promise<number[]> {
  return (await Array.fromAsync(log.read(after))).map(({ seq }) => seq);
}

/** A log of two commits of two records each, closed; the bytes of its one file. */
async function fourRecords() {
  const dir = await Deno.makeTempDir();
  const log = await LogFiles.open(dir);
  await log.append(recordsFrom(1, 2));
  const acked = (await Deno.stat(`${dir}/log-0000000000000001`)).size;
  await log.append(recordsFrom(3, 2));
  log.close();
  const path = `${dir}/log-0000000000000001`;
  return { dir, path, acked, bytes: await Deno.readFile(path) };
}

Deno.test("[JR1] records come back in order after a reopening, and only those behind a number", async () => {
  const { dir } = await fourRecords();
  const log = await LogFiles.open(dir);
  assert.equal(log.lastSeq, 4);
  assert.deepEqual([await seqsIn(log), await seqsIn(log, 3)], [[1, 2, 3, 4], [4]]);
  await assert.rejects(log.append(recordsFrom(4, 1)), /already in the log/);
  await log.append(recordsFrom(5, 1));
  assert.deepEqual(await seqsIn(log), [1, 2, 3, 4, 5]);
  log.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[JR1] whatever a crash left of the last commit, the one before is whole", async () => {
  const { dir, path, acked, bytes } = await fourRecords();
  for (let length = acked; length < bytes.length; length++) {
    await Deno.writeFile(path, bytes.subarray(0, length));
    const log = await LogFiles.open(dir);
    const seqs = await seqsIn(log);
    assert.ok(seqs.length === 2 || seqs.length === 3, `${length} bytes left`);
    await log.append(recordsFrom(seqs.length + 1, 2));
    log.close();
    const again = await LogFiles.open(dir);
    assert.equal((await seqsIn(again)).length, seqs.length + 2);
    again.close();
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[JR1] damage to what was acknowledged is told, not passed over", async () => {
  const { dir, path, acked, bytes } = await fourRecords();
  for (let place = 0; place < acked; place++) {
    const damaged = bytes.slice();
    damaged[place] = (damaged[place] ?? 0) ^ 0x10;
    await Deno.writeFile(path, damaged);
    await assert.rejects(LogFiles.open(dir), { name: "LogCorrupt" }, `byte ${place}`);
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[JR3] files are deleted whole, and only when nothing behind the number is in them", async () => {
  const dir = await Deno.makeTempDir();
  const log = await LogFiles.open(dir);
  const value = new Uint8Array(8 * 2 ** 20);
  for (let seq = 1; seq <= 5; seq++) await log.append([{ seq, value }]);
  const first = log.firstSeq;
  await log.deleteUpTo(2);
  assert.deepEqual([first, log.firstSeq, await seqsIn(log)], [1, 3, [3, 4, 5]]);
  await log.deleteUpTo(3);
  assert.equal(log.firstSeq, 3, "4 is still needed");
  await log.deleteUpTo(5);
  assert.deepEqual(await seqsIn(log), [5], "the open file stays");
  log.close();
  const again = await LogFiles.open(dir);
  assert.deepEqual([again.firstSeq, again.lastSeq], [5, 5]);
  again.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("[JR1] damage that comes later is told where it stands, and what is before it is read", async () => {
  const { dir, path, acked, bytes } = await fourRecords();
  const log = await LogFiles.open(dir);
  const damaged = bytes.slice();
  damaged[acked + 30] = (damaged[acked + 30] ?? 0) ^ 0x10;
  await Deno.writeFile(path, damaged);
  const seqs: number[] = [];
  await assert.rejects(async () => {
    for await (const { seq } of log.read(0)) seqs.push(seq);
  }, new RegExp(`from byte ${acked} on`));
  assert.deepEqual(seqs, [1, 2]);
  log.close();
  await Deno.remove(dir, { recursive: true });
});
