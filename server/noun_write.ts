import { canonicalEntry, type Entry } from "../core/entry.ts";
import { factVersion } from "../core/fact.ts";
import type { ChatId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { NounSnapshot } from "../core/noun.ts";
import type { SiteState } from "../core/site_state.ts";
import type { SavedNoun } from "./saved_noun.ts";
import type { JournalKey } from "./journal_store.ts";

/** What saving one noun writes, and what is known once that is on disk. */
export interface NounWrite {
  readonly name: string;
  readonly puts: readonly { readonly key: JournalKey; readonly value: Uint8Array }[];
  readonly deletes: readonly JournalKey[];
  readonly bytes: number;
  /** Segments that the noun has from now on. */
  readonly segments: number;
  /** False when something is left over for a later commit: the noun is not saved yet. */
  readonly whole: boolean;
  /** Nothing is left of it but the word that it is gone. */
  readonly gone: boolean;
  committed(): void;
}

interface Saving {
  readonly seq: number;
  /** Segments that are on disk already. */
  readonly segments: number;
  readonly state: SiteState;
  readonly bytesMax: number;
}

/** Segments of one noun that a commit deletes at most. */
const deletedMax = 200;

const encoder = new TextEncoder();

/**
 * A noun as it is now and, for a chat, its entries that no segment holds. A chat with more new
 * entries than one commit takes gets segments first and its own record with the last of them. Of a
 * noun that is gone a word is kept, as the log may still hold facts about it.
 */
export function writeNoun(name: string, saving: Saving): NounWrite {
  const [siteId = "", kind = "", id = ""] = name.split("/");
  const key: JournalKey = ["noun", siteId, kind, id];
  const segmentKey = (place: number): JournalKey => ["segment", siteId, id, place];
  const noun = saving.state.snapshot(kind, id);
  if (noun === undefined) return writeGone(name, key, segmentKey, saving);
  const log = saving.state.conversation(id as ChatId)?.log; // names are of nameOf()
  const unsaved = log?.unsaved ?? [];
  const { values, taken } = encodeSegments(unsaved, saving.bytesMax);
  const puts = values.map((value, index) => ({
    key: segmentKey((log?.segments ?? 0) + index),
    value,
  }));
  // A chat that was forgotten and asked for again does not get its old entries back.
  const segments = (log?.segments ?? 0) + values.length;
  const deletes: JournalKey[] = [];
  for (let place = segments; place < saving.segments; place++) deletes.push(segmentKey(place));
  const whole = taken === unsaved.length;
  if (whole) puts.push({ key, value: encodeNoun(saving.seq, noun) });
  return {
    name,
    puts,
    deletes,
    bytes: puts.reduce((sum, { value }) => sum + value.length, 0),
    segments,
    whole,
    gone: false,
    committed() {
      unsaved.splice(0, taken);
      if (log !== undefined) log.segments = segments;
    },
  };
}

function writeGone(
  name: string,
  key: JournalKey,
  segmentKey: (place: number) => JournalKey,
  saving: Saving,
): NounWrite {
  const segments = Math.max(0, saving.segments - deletedMax);
  const deletes: JournalKey[] = [];
  for (let place = segments; place < saving.segments; place++) deletes.push(segmentKey(place));
  const whole = segments === 0;
  const puts = whole ? [{ key, value: encodeNoun(saving.seq, null) }] : [];
  const committed = () => {};
  return { name, puts, deletes, bytes: 0, segments, whole, gone: whole, committed };
}

function encodeNoun(seq: number, noun: NounSnapshot | null): Uint8Array {
  const saved: SavedNoun = { v: factVersion, seq, noun };
  return encoder.encode(JSON.stringify(saved));
}

/** Entries as segment values, each within a KV value; stops when the bytes are used up. */
function encodeSegments(
  entries: readonly Entry[],
  bytesMax: number,
): { readonly values: Uint8Array[]; readonly taken: number } {
  const values: Uint8Array[] = [];
  let texts: string[] = [];
  let length = 0;
  let bytes = 0;
  let taken = 0;
  const flush = () => {
    if (texts.length === 0) return;
    const value = encoder.encode(`[${texts.join(",")}]`);
    values.push(value);
    bytes += value.length;
    texts = [];
    length = 0;
  };
  for (const entry of entries) {
    const text = canonicalEntry(entry);
    // A UTF-16 unit becomes three bytes at most.
    if ((length + text.length + 2) * 3 > limits.kvValueBytesMax) flush();
    if (bytes > bytesMax) break;
    texts.push(text);
    length += text.length + 1;
    taken += 1;
  }
  flush();
  return { values, taken };
}
