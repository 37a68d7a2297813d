import assert from "node:assert/strict";
import { type Archive, ArchiveUnavailable, type ArchiveWrite, type LogRow } from "./archive.ts";
import { KvArchive } from "./archive_kv.ts";
import { Retention } from "./retention.ts";
import { siteIdSchema } from "../core/ids.ts";

const epoch = 1_767_225_600_000;
const acme = siteIdSchema.parse("acme");
const dayMs = 24 * 3_600_000;
const days = { chats: 1, offlineMessages: 1, logs: 1, visits: 1 };

function statusRow(no: number): ArchiveWrite {
  const row: LogRow = {
    siteId: acme,
    log: "agent_status",
    rowId: `row-${no}`,
    at: epoch,
    agentId: null,
    visitorId: null,
    chatId: null,
    body: {},
  };
  return { queueName: "agentStatus.log", uniqueId: row.rowId, record: { type: "log", row } };
}

/** Timers that a test lets go by hand. */
class Timers {
  readonly waits: number[] = [];
  #task: (() => void) | undefined;

  readonly after = (ms: number, task: () => void) => {
    this.waits.push(ms);
    this.#task = task;
    return () => this.#task = undefined;
  };

  fire(): void {
    const task = this.#task;
    this.#task = undefined;
    task?.();
  }
}

Deno.test("[AR10] the loop deletes in short steps while there is something, and rests otherwise", async () => {
  const archive = await KvArchive.open({ path: ":memory:", now: () => epoch });
  for (let from = 0; from < 300; from += 100) {
    await archive.record(Array.from({ length: 100 }, (_, no) => statusRow(from + no)));
  }
  const timers = new Timers();
  let deleted = 0;
  const retention = new Retention({
    archive,
    now: () => epoch + 9 * dayMs,
    after: timers.after,
    retentionOf: () => Promise.resolve(days),
    report: (outcome) => deleted += "deleted" in outcome ? outcome.deleted : 0,
  });
  retention.start();
  while (timers.waits.length < 2 || (timers.waits.at(-1) ?? 0) < 60_000) {
    const before = timers.waits.length;
    timers.fire();
    // Whatever else is asked of the store gives the step its turn.
    while (timers.waits.length === before) await archive.logRows(acme, { log: "ban", limit: 1 });
  }
  assert.equal(deleted, 300);
  assert.deepEqual(timers.waits.map((ms) => ms >= 60_000), [true, false, true]);
  await retention.stop();
  await archive.close();
});

Deno.test("[AR10] an archive that is away is asked again later", async () => {
  const timers = new Timers();
  const archive = {
    expire: () => Promise.reject(new ArchiveUnavailable("away")),
  } as unknown as Archive; // expire() is all that the loop asks
  const told: unknown[] = [];
  const retention = new Retention({
    archive,
    now: () => epoch,
    after: timers.after,
    retentionOf: () => Promise.resolve(days),
    report: (outcome) => told.push(outcome),
  });
  retention.start();
  timers.fire();
  await retention.stop();
  assert.deepEqual(told, []);
});
