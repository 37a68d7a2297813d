import { limits } from "../../core/limits.ts";
import type { JournalKey, JournalStore, JournalWrite } from "../../server/journal_store.ts";

/**
 * What a commit is going to come to. `log_only`: its records are on disk, the rest is not, and it
 * fails; `unclear`: it fails, and yet everything is on disk.
 */
export type CommitFate = "lands" | "fails" | "log_only" | "unclear";

/** How long the disk takes, what it breaks, and who watches it. */
export interface DiskPorts {
  /** Settles after a time of the process's; never, when the process is dead by then. */
  delay(ms: number): Promise<void>;
  commitMs(): number;
  readMs(): number;
  fate(): CommitFate;
  readFails(): boolean;
  /** A write is on disk from here on. */
  landed(write: JournalWrite): void;
  failed(how: CommitFate): void;
  /** The contract of the seam was broken by its caller. */
  broken(why: string): void;
}

/**
 * The bytes of one node, over all its processes. Keys in the order of Deno KV: strings before
 * numbers.
 */
export class JournalDisk {
  readonly #values = new Map<string, { readonly key: JournalKey; readonly value: Uint8Array }>();
  #sorted: { readonly key: JournalKey; readonly value: Uint8Array }[] | undefined = [];

  /** Bytes of all records under a prefix of one part. */
  bytesUnder(part: string): number {
    let bytes = 0;
    for (const { key, value } of this.#values.values()) if (key[0] === part) bytes += value.length;
    return bytes;
  }

  has(key: JournalKey): boolean {
    return this.#values.has(JSON.stringify(key));
  }

  write({ puts, deletes }: Pick<JournalWrite, "puts" | "deletes">): void {
    for (const { key, value } of puts) {
      // Copied: the caller uses its buffer again.
      this.#values.set(JSON.stringify(key), { key: [...key], value: value.slice() });
    }
    for (const key of deletes) this.#values.delete(JSON.stringify(key));
    this.#sorted = undefined;
  }

  /** Records under the prefix and behind `after`, in order. */
  under(prefix: JournalKey, after: JournalKey | undefined) {
    this.#sorted ??= [...this.#values.values()].sort((a, b) => compareKeys(a.key, b.key));
    return this.#sorted.filter(({ key }) => {
      if (key.length <= prefix.length) return false;
      if (!prefix.every((part, index) => key[index] === part)) return false;
      return after === undefined || compareKeys(key, [...after, 0]) >= 0;
    });
  }
}

function compareKeys(a: JournalKey, b: JournalKey): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [one, other] = [a[i], b[i]];
    if (one === other || one === undefined || other === undefined) continue;
    if (typeof one === "number" && typeof other === "number") return one - other;
    if (typeof one !== typeof other) return typeof one === "string" ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return a.length - b.length;
}

/**
 * A commit as it is under way. Whether a process that is killed meanwhile leaves it behind is open.
 */
interface UnderWay {
  readonly write: JournalWrite;
  stage: "nothing" | "log" | "all";
}

/** As the seam's contract says; a canary may change the node's own. */
const { kvValueBytesMax, recordBytesMax, commitBytesMax, commitMutationsMax } = { ...limits };

/** Records read at once; others may write between two such reads, as with Deno KV. */
const readBatch = 100;

/**
 * A journal store of one process on a disk of the world. As the real one it writes the log first
 * and what else there is after it; a process that dies in between leaves the log alone, or a part
 * of it.
 */
export class MemoryJournalStore implements JournalStore {
  readonly #disk: JournalDisk;
  readonly #ports: DiskPorts;
  #underWay: UnderWay | undefined;
  closed = false;

  constructor(disk: JournalDisk, ports: DiskPorts) {
    this.#disk = disk;
    this.#ports = ports;
  }

  /** Whether a commit is under way that is not on disk yet. */
  get inFlight(): boolean {
    return this.#underWay !== undefined && this.#underWay.stage !== "all";
  }

  async commit(write: JournalWrite): Promise<void> {
    if (this.#underWay !== undefined) this.#ports.broken("Two commits at a time");
    this.#checkSizes(write);
    if (write.absent !== undefined && this.#disk.has(write.absent)) {
      throw new Error(`Record ${write.absent} is already in the journal`);
    }
    const copied = write.puts.map(({ key, value }) => ({ key, value: value.slice() }));
    this.#underWay = { write: { ...write, puts: copied }, stage: "nothing" };
    const fate = this.#ports.fate();
    await this.#ports.delay(this.#ports.commitMs());
    if (fate !== "fails") this.landLog();
    await this.#ports.delay(this.#ports.commitMs());
    if (fate === "lands" || fate === "unclear") this.#landRest();
    // On disk a while before the caller hears of it.
    await this.#ports.delay(this.#ports.commitMs());
    this.#underWay = undefined;
    if (fate === "lands") return;
    this.#ports.failed(fate);
    throw new Error(`The disk says no (${fate})`);
  }

  /** Records under way get to the disk, all or the first few. */
  landLog(count = Infinity): void {
    const underWay = this.#underWay;
    if (underWay === undefined || underWay.stage !== "nothing") return;
    underWay.stage = "log";
    const records = underWay.write.puts.filter(({ key }) => key[0] === "log").slice(0, count);
    const write = { puts: records, deletes: [], absent: undefined };
    this.#disk.write(write);
    this.#ports.landed(write);
  }

  /** Whether the log of the commit under way is on disk already. */
  get logLanded(): boolean {
    return this.#underWay !== undefined && this.#underWay.stage !== "nothing";
  }

  #landRest(): void {
    const underWay = this.#underWay;
    if (underWay === undefined || underWay.stage !== "log") return;
    underWay.stage = "all";
    const { puts, deletes } = underWay.write;
    this.#disk.write({ puts: puts.filter(({ key }) => key[0] !== "log"), deletes });
  }

  #checkSizes({ puts, deletes }: JournalWrite): void {
    let bytes = 0;
    for (const { key, value } of puts) {
      bytes += value.length;
      const max = key[0] === "log" ? recordBytesMax : kvValueBytesMax;
      if (value.length <= max) continue;
      this.#ports.broken(`A value of ${value.length} bytes at ${key.join("/")}`);
    }
    if (bytes > commitBytesMax) this.#ports.broken(`A commit of ${bytes} bytes`);
    const changes = puts.length + deletes.length;
    if (changes > commitMutationsMax) this.#ports.broken(`A commit of ${changes} changes`);
  }

  async *list(prefix: JournalKey, after?: JournalKey) {
    let last = after;
    while (true) {
      await this.#ports.delay(this.#ports.readMs());
      if (this.#ports.readFails()) throw new Error("The disk cannot be read");
      const records = this.#disk.under(prefix, last).slice(0, readBatch);
      yield* records;
      if (records.length < readBatch) return;
      last = records.at(-1)?.key;
    }
  }

  async last(prefix: JournalKey): Promise<JournalKey | undefined> {
    await this.#ports.delay(this.#ports.readMs());
    if (this.#ports.readFails()) throw new Error("The disk cannot be read");
    return this.#disk.under(prefix, undefined).at(-1)?.key;
  }

  close(): void {
    this.closed = true;
  }
}
