import assert from "node:assert/strict";
import { MemoryJournalStore } from "../tests/harness/memory_journal_store.ts";
import { NodeBench } from "../tests/harness/node_bench.ts";
import { settled } from "../tests/harness/virtual_clock.ts";

/** A node with a log of `count` records, whose nouns are all saved. */
async function savedLog(count: number, isRelayed: boolean) {
  const store = new MemoryJournalStore();
  const bench = await NodeBench.start({ store, unsavedLogBytesMax: 0 });
  const { journal } = bench;
  const post = async () => {
    const visitor = bench.visitor();
    visitor.post(visitor.requestChat(), "x".repeat(1_000));
    await bench.idle();
  };
  for (let n = 0; n < count; n++) {
    await post();
    if (isRelayed) journal.setRelayed(journal.lastSeq);
  }
  return { store, bench, journal, post };
}

Deno.test("[JR3] a log that is saved and relayed stays short", async () => {
  const { store, bench } = await savedLog(300, true);
  const records = store.keys(["log"]).length;
  assert.ok(records < 100, `${records} records`);
  bench.stop();
});

Deno.test("[DB1A] the bytes kept are right after a commit of which nobody knew that it deleted", async () => {
  const { store, bench, journal, post } = await savedLog(200, false);
  const before = store.keys(["log"]).length;
  journal.setRelayed(journal.lastSeq - 100);
  store.endings.push("commit but throw");
  await post();
  assert.ok(before - store.keys(["log"]).length > 90, "it did delete");
  const share = journal.bytes / store.bytes;
  assert.ok(share > 0.9 && share < 1.1, `${journal.bytes} of ${store.bytes}`);
  bench.stop();
});

Deno.test("[OB4] the cursor goes to disk alone when the node is idle, and commits wait for it", async () => {
  const store = new MemoryJournalStore();
  const bench = await NodeBench.start({ store });
  const { journal } = bench;
  bench.visitor().requestChat();
  await bench.idle();
  store.held = [];
  journal.setRelayed(journal.lastSeq);
  const kept = journal.keepRelayed();
  const alone = await store.takeHeld();
  assert.deepEqual(alone.write.puts.map(({ key }) => key), [["cursor", "relayed"]]);
  bench.visitor().requestChat();
  await settled();
  assert.equal(store.held.length, 0, "one commit at a time");
  alone.settle("commit");
  await kept;
  const next = await store.takeHeld();
  // It is asked for while a commit is under way: the one after it takes it along.
  journal.setRelayed(journal.lastSeq + 1);
  await journal.keepRelayed();
  next.settle("commit");
  await settled();
  bench.visitor().requestChat();
  const after = await store.takeHeld();
  assert.ok(after.write.puts.some(({ key }) => key[1] === "relayed"));
  after.settle("commit");
  store.held = undefined;
  await bench.idle();
  bench.stop();
});

Deno.test("[OB4] a cursor that could not be written alone is written later", async () => {
  const store = new MemoryJournalStore();
  const bench = await NodeBench.start({ store });
  const { journal } = bench;
  bench.visitor().requestChat();
  await bench.idle();
  journal.setRelayed(journal.lastSeq);
  store.endings.push("fail");
  await assert.rejects(journal.keepRelayed());
  assert.equal(store.keys(["cursor", "relayed"]).length, 0);
  await journal.keepRelayed();
  assert.equal(store.keys(["cursor", "relayed"]).length, 1);
  bench.stop();
});

Deno.test("[OB4] a cursor beyond the log's end, as in a backup, hides nothing that comes", async () => {
  const store = new MemoryJournalStore();
  const value = new TextEncoder().encode(JSON.stringify({ seq: 900, bytes: 0 }));
  const puts = [{ key: ["cursor", "relayed"] as const, value }];
  await store.commit({ puts, deletes: [], absent: undefined });
  const bench = await NodeBench.start({ store });
  assert.ok(bench.journal.relayed <= bench.journal.lastSeq);
  bench.stop();
});
