/** chatnode with the jobs' way broken on purpose (argument 1), to show that the checker sees it. */
import { KvArchive } from "../../archive/archive_kv.ts";
import { distribution } from "../../mq/distribution.ts";
import { KvConsumer } from "../../mq/kv_consumer.ts";
import type { PublishResult } from "../../mq/queue.ts";
import { KvQueue } from "../../mq/queue_kv.ts";
import { runAll } from "../../roles/all.ts";
import { DiskJournalStore } from "../../server/journal_store_disk.ts";
import { pause } from "../chaos/node_process.ts";
import { type ArchiveSabotage, archiveSabotages, isOneOf } from "../chaos/sabotage.ts";

const lostOf = 200;
const archiveLateMs = 300;
const forwardLateMs = 50;

/** How each promise is broken; tests/chaos/sabotage.ts says it in words. */
const breaks: Readonly<Record<ArchiveSabotage, () => void | Promise<void>>> = {
  "lose-job": loseJobs,
  "forget-ids": forgetIds,
  "ack-before-effect": writeLate,
  "split-forward": splitForward,
  "ignore-config": ignoreConfig,
};

function loseJobs(): void {
  const { publishAll } = KvQueue.prototype;
  let jobs = 0;
  KvQueue.prototype.publishAll = async function (messages) {
    const kept = messages.filter(() => (jobs += 1) % lostOf !== 0);
    const results = await publishAll.call(this, kept);
    return messages.map((message): PublishResult => results[kept.indexOf(message)] ?? "published");
  };
}

async function forgetIds(): Promise<void> {
  const dataDir = Deno.env.get("DATA_DIR") ?? ".";
  await Deno.mkdir(dataDir, { recursive: true });
  const kv = await Deno.openKv(`${dataDir}/queue.kv`);
  for await (const { key } of kv.list({ prefix: ["i"] })) await kv.delete(key);
  kv.close();
}

function writeLate(): void {
  const { record, close } = KvArchive.prototype;
  let last = Promise.resolve();
  KvArchive.prototype.record = function (writes) {
    const written = pause(archiveLateMs).then(() => record.call(this, writes));
    last = Promise.all([last, written]).then(() => {});
    return Promise.resolve();
  };
  KvArchive.prototype.close = async function () {
    await last;
    await close.call(this);
  };
}

function splitForward(): void {
  let queue: KvQueue | undefined;
  const { open } = KvQueue;
  KvQueue.open = async (options) => queue = await open(options);
  KvConsumer.prototype.forward = async function (delivery, messages) {
    const [result = "lost"] = await this.ackAll([delivery]);
    await pause(forwardLateMs);
    if (result === "done") await queue?.publishAll(messages);
    return result;
  };
}

function ignoreConfig(): void {
  for (const second of Object.values(distribution).flat()) {
    Object.assign(second, { wants: () => true });
  }
}

const [sabotage] = Deno.args;
if (sabotage === undefined || !isOneOf(archiveSabotages, sabotage)) {
  throw new Error(`A sabotage is one of ${archiveSabotages.join(", ")}`);
}
await breaks[sabotage]();
await runAll({
  env: Deno.env.toObject(),
  webDir: "web/dist",
  openJournalStore: DiskJournalStore.open,
});
