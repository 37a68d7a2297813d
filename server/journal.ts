import { nounOf } from "../core/fact.ts";
import type { Entry } from "../core/entry.ts";
import type { ChatId, SiteId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import { readDecisions, refuseNewer } from "./decision.ts";
import type { JournalKey, JournalStore } from "./journal_store.ts";
import { LogExtent } from "./log_extent.ts";
import { KeptNouns } from "./kept_nouns.ts";
import { type NounWrite, writeNoun } from "./noun_write.ts";
import { RelayedCursor } from "./relayed_cursor.ts";
import type { SavedNoun, StateOf } from "./saved_noun.ts";
import { UnsavedNouns } from "./unsaved_nouns.ts";

/** Sizes and counts that only measurements change. */
export interface JournalOptions {
  /** Log bytes beyond which nouns are saved along with small commits. */
  readonly unsavedLogBytes: number;
  /** Log bytes beyond which they are saved along with every commit; bounds the replay at start. */
  readonly unsavedLogBytesMax: number;
}

/** How far the log is done with, and the bytes of it that are kept before. */
interface Cursor {
  readonly seq: number;
  readonly bytes: number;
}

/**
 * Nouns and entries saved along with one commit, in bytes and in number; deleted records, too. More
 * bytes when the commit itself is large, so that saving keeps up with the log.
 */
const savedBytesPerCommit = 96 * 1024;
/** Bytes saved per byte of log: what is unsaved shrinks, and the disk is not busy with it alone. */
const savedPerLogByte = 2;
const savedNounsPerCommit = 32;
const deletedPerCommitMax = 256;
/** Fewer records wait for a commit that writes more than its records anyway. */
const deletedPerCommitMin = 64;
const deletedSegmentsPerCommit = 300;
/** A commit of fewer bytes: the node has time to save nouns along with it. */
const calmCommitBytes = 16 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The node's durable memory, laid out in these keys:
 *   log/<seq>                 what was decided, one or a few records per commit, all sites together
 *   noun/<site>/<kind>/<id>   a noun as of some record, saved when the log behind it grows long
 *   segment/<site>/<chat>/<n> entries of a chat, each once, saved with their chat
 *   cursor/saved, relayed     up to which record all nouns are saved, all jobs are published
 * At recovery a fact is applied only to a noun saved before it, so nouns are saved one at a time,
 * in the same commit as new records. The log is the outbox too: a record is deleted when its nouns
 * are saved and its jobs published. [JR2]
 */
export class Journal {
  readonly store: JournalStore;
  readonly #options: JournalOptions;
  readonly #kept = new KeptNouns();
  /** Nouns that are gone, with the record up to which their facts are void. */
  readonly #gone = new Map<string, number>();
  readonly #unsaved = new UnsavedNouns();
  readonly #log = new LogExtent();
  readonly #relayed: RelayedCursor;
  /**
   * Hears of records as soon as they are on disk, in order; the bytes are good during the call
   * only. None: there may be more than was told of.
   */
  onCommitted: (first: number, records: readonly Uint8Array[]) => void = () => {};
  #recovered = false;
  #committing: Promise<void> = Promise.resolve();
  #isLogKept = false;
  /** Bytes that calm commits may save by now; below 0 when the last one took more. */
  #credit = 0;

  constructor(
    store: JournalStore,
    options: JournalOptions = { unsavedLogBytes: 8 * 2 ** 20, unsavedLogBytesMax: 256 * 2 ** 20 },
  ) {
    this.store = store;
    this.#relayed = new RelayedCursor(store);
    this.#options = options;
  }

  /** Bytes of everything that is kept, as written. */
  get bytes(): number {
    return this.#log.bytes + this.#kept.bytes;
  }

  /** Up to which record all jobs are published. */
  get relayed(): number {
    return this.#relayed.seq;
  }

  /** The last record. */
  get lastSeq(): number {
    return this.#log.next - 1;
  }

  /** Records whose jobs are not published yet; their bytes by the mean of all records. */
  get unrelayed(): { readonly records: number; readonly bytes: number } {
    const records = this.lastSeq - this.relayed;
    const kept = Math.max(1, this.#log.next - this.#log.first);
    return { records, bytes: Math.round(this.#log.bytes * Math.min(1, records / kept)) };
  }

  /** All jobs up to this record are published. */
  setRelayed(seq: number): void {
    this.#relayed.moveTo(seq);
  }

  /** Writes down how far the jobs are published; a commit that comes meanwhile waits for it. */
  keepRelayed(): Promise<void> {
    return this.#relayed.keep();
  }

  /** Reads both ends of the log: at start, and when nobody knows whether a commit took place. */
  async readEnds(): Promise<void> {
    const last = Number((await this.store.last(["log"]))?.[1] ?? 0);
    this.#log.next = Math.max(this.#log.next, last + 1);
    let first = this.#log.next;
    for await (const { key } of this.store.list(["log"])) {
      first = Number(key[1]);
      break;
    }
    this.#log.deletedUpTo(first - 1);
    this.#relayed.read((await this.#readCursor("relayed")).seq, this.lastSeq);
    this.onCommitted(this.#log.next, []);
  }

  async #readCursor(name: "saved" | "relayed"): Promise<Cursor> {
    for await (const { key, value } of this.store.list(["cursor"])) {
      if (key[1] === name) return JSON.parse(decoder.decode(value));
    }
    return { seq: 0, bytes: 0 };
  }

  /**
   * Rebuilds sites from the journal: saved nouns first, then the facts after them. Sites for which
   * there is no state are passed over, and their facts stay unsaved. `found` is awaited once for
   * each site before its state is asked for.
   */
  async recover(stateOf: StateOf, found?: (siteId: SiteId) => Promise<void>): Promise<void> {
    const seen = new Set<SiteId>();
    const meet = async (siteId: SiteId) => {
      seen.add(siteId);
      await found?.(siteId);
    };
    const savedAt = await this.#recoverNouns(
      stateOf,
      (siteId) => found === undefined || seen.has(siteId) ? undefined : meet(siteId),
    );
    const saved = await this.#readCursor("saved");
    if (!this.#recovered) this.#log.bytes += saved.bytes;
    this.#recovered = true;
    for await (const { seq, decisions } of this.readLog(saved.seq)) {
      for (const { site, facts } of decisions) {
        if (found !== undefined && !seen.has(site)) await meet(site);
        const state = stateOf(site);
        for (const fact of facts) {
          const name = nameOf(site, nounOf(fact));
          if (seq <= (savedAt.get(name) ?? 0)) continue;
          state?.apply(fact);
          this.#unsaved.touch(name, seq);
        }
      }
    }
    this.#unsaved.sort();
  }

  async #recoverNouns(
    stateOf: StateOf,
    met: (siteId: SiteId) => Promise<void> | undefined,
  ): Promise<Map<string, number>> {
    const savedAt = new Map<string, number>();
    const isCounted = this.#counting(stateOf);
    for await (const { key, value } of this.store.list(["noun"])) {
      const siteId = key[1] as SiteId; // keys and values are those that writeNoun() made
      const meeting = met(siteId);
      if (meeting !== undefined) await meeting;
      const saved: SavedNoun = JSON.parse(decoder.decode(value));
      refuseNewer(saved.v);
      const name = nameOf(siteId, `${key[2]}/${key[3]}`);
      savedAt.set(name, saved.seq);
      if (saved.noun !== null) stateOf(siteId)?.restore(saved.noun);
      if (!isCounted(siteId)) continue;
      this.#kept.noteNoun(name, value.length);
      if (saved.noun === null) this.#gone.set(name, saved.seq);
    }
    for await (const { key, value } of this.store.list(["segment"])) {
      const siteId = key[1] as SiteId; // as above
      const chatId = key[2] as ChatId;
      if (isCounted(siteId)) {
        this.#kept.noteSegment(nameOf(siteId, `chat/${chatId}`), Number(key[3]), value.length);
      }
      const log = stateOf(siteId)?.conversation(chatId)?.log;
      if (log === undefined) continue;
      const entries: Entry[] = JSON.parse(decoder.decode(value));
      for (const entry of entries) log.restore(entry);
      log.segments = Number(key[3]) + 1;
    }
    return savedAt;
  }

  /**
   * Of which sites a recovery counts what is kept: at the start of all, later of those that it
   * rebuilds, from nothing on. A commit that failed may have left nouns and segments behind that
   * nobody noted; of the other sites commits go on meanwhile.
   */
  #counting(stateOf: StateOf): (siteId: SiteId) => boolean {
    if (!this.#recovered) return () => true;
    const known = new Map<SiteId, boolean>();
    return (siteId) => {
      const before = known.get(siteId);
      if (before !== undefined) return before;
      const isRebuilt = stateOf(siteId) !== undefined;
      known.set(siteId, isRebuilt);
      if (isRebuilt) this.#kept.forgetAll(nameOf(siteId, ""));
      return isRebuilt;
    };
  }

  /** The log from behind a record on, in order: facts and jobs of all sites. */
  async *readLog(after: number) {
    for await (const { key, value } of this.store.list(["log"], ["log", after])) {
      const seq = Number(key[1]);
      const decisions = readDecisions(value);
      this.#log.append(seq, value.length);
      yield { seq, decisions, bytes: value.length };
    }
  }

  /**
   * Writes records and, while the unsaved part of the log is long, saves the nouns left unsaved for
   * longest. `touched` names the nouns that the records change. Returns when all is on disk; throws
   * with nothing noted when that is not sure.
   */
  async commit(
    records: readonly Uint8Array[],
    touched: ReadonlySet<string>,
    stateOf: StateOf,
  ): Promise<void> {
    const commit = this.#relayed.during(() => this.#commit(records, touched, stateOf));
    this.#committing = commit.catch(() => {}); // told to the caller
    await commit;
  }

  /** No record is deleted any more once this returns, until releaseLog(): a backup copies them. */
  async keepLog(): Promise<void> {
    this.#isLogKept = true;
    await this.#committing;
    await this.#readCursor("saved"); // reading waits for what a commit left to be deleted
  }

  /** Records may be deleted again. */
  releaseLog(): void {
    this.#isLogKept = false;
  }

  async #commit(
    records: readonly Uint8Array[],
    touched: ReadonlySet<string>,
    stateOf: StateOf,
  ): Promise<void> {
    const first = this.#log.next;
    const last = first + records.length - 1;
    const lengths = records.map((value) => value.length);
    const puts = records.map((value, index) => ({
      key: ["log", first + index] as JournalKey, // a tuple, not a list
      value,
    }));
    const deletes: JournalKey[] = [];
    const bytes = lengths.reduce((sum, length) => sum + length, 0);
    const writes = this.#nounsToSave(last, bytes, stateOf);
    for (const write of writes) {
      puts.push(...write.puts);
      deletes.push(...write.deletes);
    }
    const forgotten = writes.length > 0 ? this.#forgettable(writes) : [];
    for (const name of forgotten) deletes.push(["noun", ...name.split("/")]);
    const deleteUpTo = this.#deletableUpTo(writes.length > 0 ? 1 : deletedPerCommitMin);
    for (let seq = this.#log.first; seq <= deleteUpTo; seq++) deletes.push(["log", seq]);
    const movesCursors = writes.length > 0 || deleteUpTo >= this.#log.first;
    if (movesCursors) puts.push(this.#cursorPut(deleteUpTo));
    const relayed = this.#relayed.putWith(movesCursors);
    if (relayed !== undefined) puts.push(relayed.put);
    try {
      await this.store.commit({ puts, deletes, absent: ["log", first] });
    } catch (error) {
      // It may have taken place: no cursor passes it before a recovery has read it.
      for (const name of touched) this.#unsaved.touch(name, first);
      throw error;
    }
    lengths.forEach((bytes, index) => this.#log.append(first + index, bytes));
    for (const name of touched) this.#unsaved.touch(name, first);
    for (const write of writes) this.#noteSaved(write, last);
    for (const name of forgotten) {
      this.#gone.delete(name);
      this.#kept.forget(name);
    }
    if (writes.length > 0) this.#log.forgetBefore(this.#savedUpTo());
    this.#log.deletedUpTo(deleteUpTo);
    relayed?.committed();
    this.onCommitted(first, records);
  }

  /** Where recovery begins to read the log, and how many bytes of it lie before. */
  #cursorPut(deleteUpTo: number): { readonly key: JournalKey; readonly value: Uint8Array } {
    const seq = this.#savedUpTo();
    const bytes = this.#log.bytesWithout(deleteUpTo) - this.#log.bytesFrom(seq + 1);
    const cursor: Cursor = { seq, bytes: Math.max(0, bytes) };
    return { key: ["cursor", "saved"], value: encoder.encode(JSON.stringify(cursor)) };
  }

  /** Up to which record every noun is saved. */
  #savedUpTo(): number {
    return (this.#unsaved.oldestSeq() ?? this.#log.next) - 1;
  }

  /** Nothing when it is not worth it. */
  #deletableUpTo(recordsMin: number): number {
    const { first } = this.#log;
    if (this.#isLogKept) return first - 1;
    const done = Math.min(this.relayed, this.#savedUpTo());
    return done - first + 1 < recordsMin
      ? first - 1
      : Math.min(done, first + deletedPerCommitMax - 1);
  }

  /** Nouns that are gone, and of which recovery reads no fact any more; not those written anew. */
  #forgettable(writes: readonly NounWrite[]): string[] {
    const names: string[] = [];
    for (const [name, seq] of this.#gone) {
      if (names.length >= savedNounsPerCommit || seq > this.#savedUpTo()) break;
      if (!writes.some((write) => write.name === name)) names.push(name);
    }
    return names;
  }

  /** Whether the unsaved part of the log is long enough to save nouns with a commit of so much. */
  #isSaving(from: number, bytes: number): boolean {
    const unsaved = this.#log.bytesFrom(from);
    if (unsaved > this.#options.unsavedLogBytesMax) return true;
    if (unsaved <= this.#options.unsavedLogBytes || bytes >= calmCommitBytes) return false;
    this.#credit = Math.min(savedBytesPerCommit, this.#credit + bytes * savedPerLogByte);
    return this.#credit >= 0;
  }

  #nounsToSave(seq: number, commitBytes: number, stateOf: StateOf): NounWrite[] {
    const from = this.#unsaved.oldestSeq();
    if (from === undefined || !this.#isSaving(from, commitBytes)) return [];
    const rest = limits.commitBytesMax - commitBytes - 2 * limits.kvValueBytesMax;
    const bytesMax = Math.max(
      savedBytesPerCommit,
      Math.min(commitBytes * savedPerLogByte, rest),
    );
    const writes: NounWrite[] = [];
    let bytes = 0;
    let changes = 0;
    for (const name of this.#unsaved) {
      const enough = bytes >= bytesMax || changes > deletedSegmentsPerCommit;
      if (writes.length >= savedNounsPerCommit || enough) break;
      const state = stateOf(name.slice(0, name.indexOf("/")) as SiteId); // made by nameOf()
      // A site that is being rebuilt, or has no configuration now, keeps its facts in the log.
      if (state === undefined) continue;
      const segments = this.#kept.segments(name);
      const write = writeNoun(name, { seq, segments, state, bytesMax: bytesMax - bytes });
      bytes += write.bytes;
      changes += write.deletes.length;
      writes.push(write);
    }
    this.#credit -= bytes;
    return writes;
  }

  #noteSaved(write: NounWrite, seq: number): void {
    write.committed();
    for (const { key, value } of write.puts) {
      if (key[0] === "noun") this.#kept.noteNoun(write.name, value.length);
      else this.#kept.noteSegment(write.name, Number(key[3]), value.length);
    }
    this.#kept.dropSegments(write.name, write.segments);
    // What is gone may come back: a command whose commit failed is sent again.
    this.#gone.delete(write.name);
    if (write.gone) this.#gone.set(write.name, seq);
    if (write.whole) this.#unsaved.saved(write.name, seq);
  }

  close(): void {
    this.store.close();
  }
}

/** The name of a site's noun: "<site>/<kind>/<id>". Site ids have no slash. */
export function nameOf(siteId: SiteId, noun: string): string {
  return `${siteId}/${noun}`;
}
