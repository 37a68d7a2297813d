import { DatabaseSync } from "node:sqlite";
import type { Clock } from "./clock.ts";
import { kvFiles, logFolder } from "./data_files.ts";
import { freeOnDisk } from "./file_copy.ts";
import { errorFields, type Log } from "./log.ts";

/** What a meter stands on. */
export interface FolderMeterDeps {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes free on the folder's disk; as the operating system says unless given. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** How often the folder is measured. */
const everyMs = 5_000;

/**
 * How much of the disk a data folder takes besides its journal, which counts itself, and how much
 * is left. A Deno KV file does not shrink: pages that are free in it do not count, as the next rows
 * go there. They are asked for through connections that stay open, never by reading the file, as
 * that would take its locks away (docs/adr/0007). [PB9]
 */
export class FolderMeter {
  readonly #deps: FolderMeterDeps;
  readonly #connections = new Map<string, DatabaseSync>();
  #usedBytes = 0;
  #freeBytes = Infinity;
  #cancel: () => void = () => {};
  #measuring: Promise<void> = Promise.resolve();
  #isStopped = false;
  #hasFailed = false;

  private constructor(deps: FolderMeterDeps) {
    this.#deps = deps;
  }

  /** Measures once, and then now and then. Its process has the folder and its files. */
  static async start(deps: FolderMeterDeps): Promise<FolderMeter> {
    const meter = new FolderMeter(deps);
    await meter.#measure();
    return meter;
  }

  /** Bytes in use, without the journal's. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Bytes free on the disk. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Lets go of the files; before their process does. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#measuring;
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  async #measure(): Promise<void> {
    const { dataDir, clock, log, freeBytes = freeOnDisk } = this.#deps;
    try {
      let bytes = await bytesBelow(dataDir, [logFolder]);
      for (const name of kvFiles) {
        if (!name.startsWith(`${logFolder}/`)) bytes -= this.#emptyBytes(name);
      }
      this.#usedBytes = Math.max(0, bytes);
      this.#freeBytes = await freeBytes(dataDir);
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) log.write("warn", "disk_not_measured", errorFields(error));
      this.#hasFailed = true;
    }
    if (this.#isStopped) return;
    this.#cancel = clock.after(everyMs, () => this.#measuring = this.#measure());
  }

  /** Bytes of a KV file's free pages; 0 for one that is not there, or no KV file. */
  #emptyBytes(name: string): number {
    try {
      const connection = this.#connections.get(name) ??
        new DatabaseSync(`${this.#deps.dataDir}/${name}`, { readOnly: true });
      this.#connections.set(name, connection);
      return numberOf(connection, "freelist_count") * numberOf(connection, "page_size");
    } catch {
      return 0; // busy, or the archive is away: the whole file counts
    }
  }
}

function numberOf(connection: DatabaseSync, pragma: string): number {
  return Number(Object.values(connection.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
}

/** Sizes of all files below a folder; those that go away meanwhile do not count. */
async function bytesBelow(folder: string, without: readonly string[] = []): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (without.includes(name)) continue;
    if (isDirectory) bytes += await bytesBelow(`${folder}/${name}`);
    else bytes += await sizeOf(`${folder}/${name}`);
  }
  return bytes;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
