import assert from "node:assert/strict";
import { NodeBench } from "../tests/harness/node_bench.ts";
import { openQueue } from "../tests/harness/queue_bench.ts";
import { settled, VirtualClock } from "../tests/harness/virtual_clock.ts";
import { BackupTurn, stageMsMax } from "./backup_turn.ts";
import { Outbox } from "./outbox.ts";

/** A node with its relay, a chat on it, and a backup's turn. */
async function benchWithTurn() {
  // Everything is saved with each commit, so that records are deleted as soon as they may be.
  const bench = await NodeBench.start({ unsavedLogBytesMax: 0 });
  const { journal, clock, log } = bench;
  const queue = await openQueue(clock);
  const outbox = new Outbox({ journal, queue, clock, log, random: () => 0.5 });
  outbox.start();
  const turn = new BackupTurn({ journal, relay: outbox, clock, log });
  const visitor = bench.visitor();
  const chatId = visitor.requestChat();
  await bench.idle();
  const records = async () => {
    let count = 0;
    for await (const _ of bench.store.list(["log"])) count += 1;
    return count;
  };
  let no = 0;
  return {
    ...{ bench, turn, clock, outbox },
    post: () => visitor.post(chatId, `Message ${++no}`),
    /** So many messages, each in a commit of its own, and time for the relay. */
    async say(count: number) {
      for (let i = 0; i < count; i++) {
        visitor.post(chatId, `Message ${++no}`);
        await bench.idle();
        await outbox.idle();
      }
    },
    published: () => outbox.counts.published,
    records,
    begin: async () => await turn.begin() ?? "",
    async [Symbol.asyncDispose]() {
      await turn.stop();
      await outbox.stop();
      bench.stop();
      await queue.close();
    },
  };
}

Deno.test("[PB4] while pictures are taken nothing is published, and until the log is copied no record deleted", async () => {
  await using bench = await benchWithTurn();
  await bench.say(200);
  assert.ok(await bench.records() < 100, "records are deleted otherwise");
  const turnId = await bench.begin();
  const published = bench.published();
  const kept = await bench.records();
  await bench.say(200);
  assert.equal(bench.published(), published);
  assert.ok(await bench.records() >= kept + 200);
  assert.equal(bench.turn.moveTo(turnId, "log"), true);
  await bench.say(200);
  assert.ok(bench.published() >= published + 400, "the relay has caught up");
  assert.ok(await bench.records() >= kept + 400, "and yet every record is kept");
  assert.equal(bench.turn.moveTo(turnId, "rest"), true);
  await bench.say(300);
  assert.ok(await bench.records() < 200, "deleted again");
  assert.equal(bench.turn.end(turnId, "made"), true);
  assert.deepEqual(bench.turn.counts, { made: 1, failed: 0, madeAt: bench.clock.now() });
});

Deno.test("[PB4] a commit that is under way and deletes records is waited for before the pictures", async () => {
  await using bench = await benchWithTurn();
  await bench.say(60);
  const { store, journal } = bench.bench;
  const before = await bench.records();
  store.held = [];
  bench.post();
  const commit = await store.takeHeld();
  assert.ok(commit.write.deletes.some(([kind]) => kind === "log"), "it deletes");
  store.held = undefined;
  let isKept = false;
  const keeping = journal.keepLog().then(() => isKept = true);
  await settled();
  assert.equal(isKept, false);
  commit.settle("commit");
  await keeping;
  const kept = await bench.records();
  assert.ok(kept < before);
  await bench.bench.idle();
  await bench.say(100);
  assert.ok(await bench.records() >= kept + 100);
  journal.releaseLog();
});

Deno.test("[PB4] one backup at a time, until its turn ends", async () => {
  await using bench = await benchWithTurn();
  const turnId = await bench.begin();
  assert.equal(bench.turn.isTaken, true);
  assert.equal(await bench.turn.begin(), undefined);
  assert.equal(bench.turn.end("another", "made"), false);
  assert.equal(bench.turn.end(turnId, "failed"), true);
  assert.equal(bench.turn.end(turnId, "failed"), false);
  assert.notEqual(await bench.begin(), "");
});

/** A turn whose acts on relay and log are written down. */
function turnAlone() {
  const acts: string[] = [];
  const clock = new VirtualClock();
  const note = (act: string) => () => {
    acts.push(act);
    return Promise.resolve();
  };
  const turn = new BackupTurn({
    relay: { start: () => void acts.push("relay on"), stop: note("relay off") },
    journal: { keepLog: note("log kept"), releaseLog: () => void acts.push("log released") },
    clock,
    log: { write: (_, event) => void acts.push(event) },
  });
  return { acts, clock, turn };
}

for (
  const [stage, later] of [
    ["pictures", ["backup_abandoned", "relay on", "log released", "backup_failed"]],
    ["log", ["relay on", "backup_abandoned", "log released", "backup_failed"]],
    ["rest", ["relay on", "log released", "backup_abandoned", "backup_failed"]],
  ] as const
) {
  Deno.test(`[PB4] whoever dies in the stage of ${stage} does not hold the process for long`, async () => {
    const { acts, clock, turn } = turnAlone();
    const turnId = await turn.begin() ?? "";
    if (stage !== "pictures") turn.moveTo(turnId, stage);
    await clock.advance(stageMsMax[stage] - 1);
    assert.equal(turn.isTaken, true);
    await clock.advance(1);
    assert.equal(turn.isTaken, false);
    assert.equal(turn.moveTo(turnId, "rest"), false, "who comes late is told");
    assert.deepEqual(acts, ["relay off", "log kept", ...later]);
    assert.deepEqual([turn.counts.failed, clock.timerCount], [1, 0]);
    assert.notEqual(await turn.begin(), undefined);
    await turn.stop();
  });
}

Deno.test("[PB4] a stage that is told to go on has its time once more, and there is no way back", async () => {
  const { clock, turn } = turnAlone();
  const turnId = await turn.begin() ?? "";
  for (let i = 0; i < 5; i++) {
    assert.equal(turn.moveTo(turnId, "log"), true);
    await clock.advance(stageMsMax.log - 1);
  }
  assert.equal(turn.moveTo(turnId, "rest"), true);
  assert.equal(turn.moveTo(turnId, "log"), false);
  await turn.stop();
});

Deno.test("[PB4] a process that stops lets go of a backup, also of one that just begins, and begins none", async () => {
  for (const isBegun of [true, false]) {
    const { acts, turn } = turnAlone();
    const beginning = turn.begin();
    if (isBegun) await beginning;
    await turn.stop();
    const turnId = await beginning ?? "";
    assert.equal(turn.moveTo(turnId, "log"), false);
    const all = ["relay off", "log kept", "relay on", "log released", "backup_failed"];
    assert.deepEqual(acts, all);
    assert.equal(await turn.begin(), undefined);
  }
});

Deno.test("[PB4] the log says how long the relay stood still for a backup", async () => {
  const lines: unknown[] = [];
  const clock = new VirtualClock();
  const turn = new BackupTurn({
    relay: { start() {}, stop: () => clock.advance(7) },
    journal: { keepLog: () => Promise.resolve(), releaseLog() {} },
    clock,
    log: { write: (level, event, fields) => void lines.push([level, event, fields]) },
  });
  const turnId = await turn.begin() ?? "";
  await clock.advance(5);
  turn.moveTo(turnId, "log");
  await clock.advance(1_000);
  turn.end(turnId, "made");
  assert.deepEqual(lines, [["info", "backup_made", { ms: 1_012, relayMs: 12 }]]);
});

Deno.test("[PB4] when the log cannot be kept the relay goes on", async () => {
  const { acts, clock, turn } = turnAlone();
  const broken = new BackupTurn({
    relay: { start: () => void acts.push("relay on"), stop: () => Promise.resolve() },
    journal: { keepLog: () => Promise.reject(new Error("no disk")), releaseLog: () => {} },
    clock,
    log: { write() {} },
  });
  await assert.rejects(broken.begin(), /no disk/);
  assert.deepEqual([acts, broken.isTaken, broken.counts.failed], [["relay on"], false, 1]);
  await turn.stop();
});
