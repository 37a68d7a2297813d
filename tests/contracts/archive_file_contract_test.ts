import assert from "node:assert/strict";
import { ArchiveUnavailable } from "../../archive/archive.ts";
import { KvArchive } from "../../archive/archive_kv.ts";
import { chatIds, dayMs, erasedAt, texts } from "./archive_case.ts";
import {
  acme,
  chat,
  chatOf,
  chatWrite,
  entryWrite,
  epoch,
  offlineWrite,
  rowWrite,
  visitorOf,
} from "../harness/archive_samples.ts";

// What only the embedded archive's file can show.

const long = { ...chat(1).visitor, name: "Zdenka", fields: { note: "\u8a9e".repeat(60_000) } };
const ofVisitor1 = [
  entryWrite(1, { n: 1 }),
  entryWrite(1, { n: 2, by: "agent" }),
  chatWrite(1, { visitor: long }),
  offlineWrite(1, { name: "Zdenka", fields: { note: "\u8a9e".repeat(60_000) } }),
  rowWrite(1, { log: "visitor", visitorId: visitorOf(1), body: { name: "Zdenka" } }),
];

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await run(`${dir}/archive.kv`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const open = (path: string, now = epoch + dayMs) => KvArchive.open({ path, now: () => now });

/** Every row of the file as text. */
async function rowsOf(path: string): Promise<string[]> {
  using kv = await Deno.openKv(path);
  const rows: string[] = [];
  for await (const { key, value } of kv.list({ prefix: [] })) {
    rows.push(`${JSON.stringify(key)} ${JSON.stringify(value)}`);
  }
  return rows;
}

Deno.test("[AR9] an erasure leaves no row of the file that names the visitor (kv)", async () => {
  await inFolder(async (path) => {
    const archive = await open(path);
    await archive.record([...ofVisitor1, entryWrite(2, { n: 1 })]);
    const named = new RegExp(`${visitorOf(1)}|Zdenka|zdenka|"part"`);
    await archive.eraseVisitor(acme, visitorOf(1), erasedAt);
    await archive.record(ofVisitor1);
    await archive.close();
    const rows = await rowsOf(path);
    assert.ok(rows.length > 5);
    assert.deepEqual(rows.filter((row) => named.test(row)), []);
  });
});

Deno.test("[AR9] an erasure that was killed is ended at the next start (kv)", async () => {
  for (
    const mark of [["erasing", acme, visitorOf(1)], ["erasing_chat", acme, chatOf(1)]] as const
  ) {
    await inFolder(async (path) => {
      const archive = await open(path);
      await archive.record([...ofVisitor1, chatWrite(2)]);
      await archive.close();
      {
        using kv = await Deno.openKv(path);
        // As the kill left it: the mark is there, and a beginning of the entries is gone.
        await kv.set([...mark], epoch + dayMs);
        for await (const { key } of kv.list({ prefix: ["entry", acme] }, { limit: 1 })) {
          await kv.delete(key);
        }
      }
      const again = await open(path);
      assert.deepEqual(await chatIds(again), [chatOf(2)]);
      assert.deepEqual(await texts(again, 1), []);
      const isWhole = mark[0] === "erasing";
      const { offlineMessages } = await again.exportVisitor(acme, visitorOf(1));
      assert.equal(offlineMessages.length, isWhole ? 0 : 1);
      await again.close();
      assert.deepEqual((await rowsOf(path)).filter((row) => row.startsWith(`["erasing`)), []);
    });
  }
});

Deno.test("[AR10] a file is empty when all is old, ids of effects included (kv)", async () => {
  await inFolder(async (path) => {
    const archive = await open(path);
    await archive.record(ofVisitor1);
    for (let from = 0; from < 1_000; from += 100) {
      await archive.record(Array.from({ length: 100 }, (_, no) => rowWrite(10 + from + no)));
    }
    const days = { chats: 1, offlineMessages: 1, logs: 1, visits: 1 };
    let steps = 0;
    while (!(await archive.expire(epoch + 40 * dayMs, () => Promise.resolve(days))).isDone) {
      steps += 1;
    }
    assert.ok(steps >= 3);
    await archive.close();
    const left = (await rowsOf(path)).map((row) => row.split(" ")[0]);
    assert.deepEqual(left, [`["believed"]`, `["site","acme"]`]);
  });
});

Deno.test("[AR4] ids of effects are kept for 30 days (kv)", async () => {
  await inFolder(async (path) => {
    const archive = await open(path);
    await archive.record(ofVisitor1);
    const days = { chats: 1, offlineMessages: 1, logs: 1, visits: 1 };
    while (!(await archive.expire(epoch + 29 * dayMs, () => Promise.resolve(days))).isDone);
    await archive.record(ofVisitor1);
    assert.deepEqual(await chatIds(archive), []);
    assert.deepEqual(await texts(archive, 1), []);
    await archive.close();
  });
});

Deno.test("[AR4] what is recorded was on disk when record() returned, and close() ends the rest (kv)", async () => {
  await inFolder(async (path) => {
    const archive = await open(path);
    const calls = [1, 2, 3].map((no) => archive.record([chatWrite(no)]));
    await Promise.all(calls);
    await archive.close();
    await assert.rejects(archive.record([chatWrite(4)]), ArchiveUnavailable);
    const again = await open(path);
    assert.equal((await chatIds(again)).length, 3);
    await again.close();
  });
});

Deno.test("[AR8] a file that cannot be opened is told by name, with its cause (kv)", async () => {
  await inFolder(async (path) => {
    await Deno.mkdir(path);
    await assert.rejects(open(path), (error) => {
      assert.ok(error instanceof ArchiveUnavailable);
      assert.ok(error.message.includes(path));
      return error.cause !== undefined;
    });
  });
});
