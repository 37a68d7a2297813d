import type { ArchiveWrite } from "../../archive/archive.ts";
import { KvArchive } from "../../archive/archive_kv.ts";
import type { KvQueue } from "../../mq/queue_kv.ts";
import { AdminBench, type Sent, staffedSite, type Told } from "./admin_bench.ts";
import { openQueue, passing } from "./queue_bench.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** The edge as admins use it, over an archive and a queue in memory that hold what a test gives. */
export class HistoryBench {
  readonly admin: AdminBench;
  readonly archive: KvArchive;
  readonly queue: KvQueue;
  readonly clock: VirtualClock;

  private constructor(
    admin: AdminBench,
    parts: {
      readonly archive: KvArchive;
      readonly queue: KvQueue;
      readonly clock: VirtualClock;
    },
  ) {
    this.admin = admin;
    this.archive = parts.archive;
    this.queue = parts.queue;
    this.clock = parts.clock;
  }

  /** The site "acme" with an agent of every role, and an archive in which this was written. */
  static async start(writes: readonly ArchiveWrite[] = []): Promise<HistoryBench> {
    const clock = new VirtualClock();
    const archive = await KvArchive.open({ path: ":memory:", now: () => clock.now() });
    const queue = await openQueue(clock);
    for (let from = 0; from < writes.length; from += 100) {
      await archive.record(writes.slice(from, from + 100));
    }
    const parts = { archive, queue, clock };
    return new HistoryBench(await AdminBench.start(staffedSite(), {}, parts), parts);
  }

  /** A request as this caller; a path without /v1 is one of acme. */
  call(as: string, method: string, path: string, sent: Sent = {}): Promise<Told> {
    return passing(this.clock, this.admin.call(as, method, path, sent));
  }

  /** A list of acme's history as this caller gets it, page by page. */
  async list(as: string, path: string): Promise<Readonly<Record<string, unknown>>[]> {
    const items: Readonly<Record<string, unknown>>[] = [];
    let cursor = "";
    do {
      const sign = path.includes("?") ? "&" : "?";
      const { status, json } = await this.call(as, "GET", `/history/${path}${sign}${cursor}`);
      if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
      items.push(...json["items"] as typeof items); // as the schema has it
      cursor = json["next"] === undefined ? "" : `cursor=${json["next"]}`;
    } while (cursor !== "");
    return items;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.admin.stop();
    await this.queue.close();
    await this.archive.close();
  }
}
