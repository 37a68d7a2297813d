import { crc32 } from "node:zlib";

/**
 * The log on disk is damaged in a part that was acknowledged. Restore the data folder from a
 * backup.
 */
export class LogCorrupt extends Error {
  override name = "LogCorrupt";
}

/** One record of the log as it is appended and read. */
export interface LogRecord {
  readonly seq: number;
  readonly value: Uint8Array;
}

interface LogFile {
  readonly path: string;
  readonly firstSeq: number;
  /** Bytes that are written and synced. */
  length: number;
}

/** magic, length, crc32 of what follows, seq, seq of the first record of the same commit. */
const headerBytes = 28;
const magic = 0x434e4c31;
/** A file is deleted whole, so this is how finely the log is given back. */
const fileBytesMax = 16 * 1024 * 1024;

/**
 * An append-only log in numbered files. append() returns when the records are on disk (fdatasync).
 * What a crash left behind an unfinished append is cut off at open(); damage before it is an error.
 * One append at a time. [JR1]
 */
export class LogFiles {
  readonly #dir: string;
  #files: LogFile[] = [];
  #open: Deno.FsFile | undefined;
  #lastSeq = 0;
  #broken = false;
  #buffer = new Uint8Array(1024 * 1024);

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Reads what is there, cuts off an unfinished append, and opens the last file for more. */
  static async open(dir: string): Promise<LogFiles> {
    await Deno.mkdir(dir, { recursive: true });
    const log = new LogFiles(dir);
    for await (const { name } of Deno.readDir(dir)) {
      const firstSeq = Number(/^log-(\d+)$/.exec(name)?.[1] ?? NaN);
      if (Number.isSafeInteger(firstSeq)) {
        log.#files.push({ path: `${dir}/${name}`, firstSeq, length: 0 });
      }
    }
    log.#files.sort((a, b) => a.firstSeq - b.firstSeq);
    for (const file of log.#files) await log.#check(file, file === log.#files.at(-1));
    const last = log.#files.at(-1);
    if (last !== undefined) {
      log.#open = await Deno.open(last.path, { write: true });
      await log.#cutBack(last);
    }
    return log;
  }

  /** Number of the last record, 0 when there is none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  async #check(file: LogFile, isLast: boolean): Promise<void> {
    const bytes = await Deno.readFile(file.path);
    if (this.#lastSeq === 0) this.#lastSeq = file.firstSeq - 1;
    for (const record of parseRecords(bytes, this.#lastSeq + 1)) {
      this.#lastSeq = record.seq;
      file.length += headerBytes + record.value.length;
    }
    if (file.length === bytes.length) return;
    if (!isLast || holdsLaterCommit(bytes, file.length, this.#lastSeq + 1)) {
      throw new LogCorrupt(
        `Cannot read "${file.path}" from byte ${file.length} on: it is damaged there`,
      );
    }
  }

  /** Writes the records behind the last and syncs them. Throws with nothing appended. */
  async append(records: readonly LogRecord[]): Promise<void> {
    const first = records[0];
    if (first === undefined) return;
    if (this.#broken) throw new Error("The end of the log is not sound: restart the node");
    if (first.seq <= this.#lastSeq) throw new Error(`Record ${first.seq} is already in the log`);
    const file = await this.#fileFor(first.seq);
    const open = this.#open;
    if (open === undefined) throw new Error("The log is closed");
    let used = 0;
    for (const record of records) used = this.#encode(record, first.seq, used);
    try {
      writeAll(open, this.#buffer.subarray(0, used));
      await open.syncData();
    } catch (error) {
      // Nothing may ever stand behind what could not be taken back.
      this.#broken = true;
      await this.#cutBack(file);
      this.#broken = false;
      throw error;
    }
    file.length += used;
    this.#lastSeq = records.at(-1)?.seq ?? this.#lastSeq;
  }

  #encode({ seq, value }: LogRecord, commit: number, at: number): number {
    const end = at + headerBytes + value.length;
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(end * 2);
      larger.set(this.#buffer.subarray(0, at));
      this.#buffer = larger;
    }
    const view = new DataView(this.#buffer.buffer, at);
    this.#buffer.set(value, at + headerBytes);
    view.setUint32(0, magic);
    view.setUint32(4, value.length);
    view.setFloat64(12, seq);
    view.setFloat64(20, commit);
    view.setUint32(8, crc32(this.#buffer.subarray(at + 12, end)));
    return end;
  }

  async #fileFor(seq: number): Promise<LogFile> {
    const last = this.#files.at(-1);
    if (last !== undefined && last.length < fileBytesMax) return last;
    const path = `${this.#dir}/log-${String(seq).padStart(16, "0")}`;
    const open = await Deno.open(path, { write: true, create: true, truncate: true });
    await open.sync();
    // The name itself must survive a power cut, too.
    using folder = await Deno.open(this.#dir, { read: true });
    await folder.sync();
    this.#open?.close();
    this.#open = open;
    const file = { path, firstSeq: seq, length: 0 };
    this.#files.push(file);
    return file;
  }

  /** Takes back what an append may have left behind the synced part. */
  async #cutBack(file: LogFile): Promise<void> {
    await this.#open?.truncate(file.length);
    await this.#open?.seek(file.length, Deno.SeekMode.Start);
    await this.#open?.syncData();
  }

  /**
   * The records behind `after`, in order; those appended meanwhile may or may not be among them.
   * Throws LogCorrupt where one cannot be read that could be when the log was opened.
   */
  async *read(after: number): AsyncIterable<LogRecord> {
    for (const [index, file] of [...this.#files].entries()) {
      const next = this.#files[index + 1];
      if (next !== undefined && next.firstSeq <= after + 1) continue;
      // What is appended meanwhile may be in the bytes, and is not read.
      const { path, length } = file;
      const bytes = (await Deno.readFile(path)).subarray(0, length);
      let read = 0;
      for (const record of parseRecords(bytes, undefined)) {
        read += headerBytes + record.value.length;
        if (record.seq > after) yield record;
      }
      if (read < length) {
        throw new LogCorrupt(`Cannot read "${path}" from byte ${read} on: it is damaged there`);
      }
    }
  }

  /** Number of the oldest record still held. */
  get firstSeq(): number {
    return this.#files[0]?.firstSeq ?? this.#lastSeq + 1;
  }

  /** Deletes the files that hold nothing behind `seq`. */
  async deleteUpTo(seq: number): Promise<void> {
    while (true) {
      const [file, next] = this.#files;
      if (file === undefined || next === undefined || next.firstSeq > seq + 1) return;
      await Deno.remove(file.path);
      this.#files.shift();
    }
  }

  close(): void {
    this.#open?.close();
    this.#open = undefined;
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  let written = 0;
  // Into the page cache: 20 us per 100 KB. Handing it to a thread costs more than doing it.
  while (written < bytes.length) written += file.writeSync(bytes.subarray(written));
}

/** Sound records from the beginning, each one number on; stops at the first that is not. */
function* parseRecords(bytes: Uint8Array, firstSeq: number | undefined): Iterable<LogRecord> {
  let at = 0;
  let expected = firstSeq;
  while (true) {
    const record = recordAt(bytes, at);
    if (record === undefined || (expected !== undefined && record.seq !== expected)) return;
    yield record;
    if (expected !== undefined) expected += 1;
    at += headerBytes + record.value.length;
  }
}

function recordAt(
  bytes: Uint8Array,
  at: number,
): (LogRecord & { readonly commit: number }) | undefined {
  if (at + headerBytes > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const end = at + headerBytes + view.getUint32(4);
  if (view.getUint32(0) !== magic || end > bytes.length) return undefined;
  if (crc32(bytes.subarray(at + 12, end)) !== view.getUint32(8)) return undefined;
  const value = bytes.subarray(at + headerBytes, end);
  return { seq: view.getFloat64(12), commit: view.getFloat64(20), value };
}

/**
 * Whether a sound record of a later commit follows: then what is broken before it had been synced.
 */
function holdsLaterCommit(bytes: Uint8Array, from: number, brokenSeq: number): boolean {
  for (let at = bytes.indexOf(0x43, from); at >= 0; at = bytes.indexOf(0x43, at + 1)) {
    const record = recordAt(bytes, at);
    if (record !== undefined && record.commit > brokenSeq) return true;
  }
  return false;
}
