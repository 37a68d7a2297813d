import { canonicalEntry, type Entry } from "../core/entry.ts";
import { factVersion } from "../core/fact.ts";
import type { ChatId, SiteId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { SavedNoun, StateOf } from "./saved_noun.ts";
import type { JournalKey } from "./journal_store.ts";

/** What saving one noun writes, and what is known once that is on disk. */
export interface NounWrite {
  readonly name: string;
  readonly puts: readonly { readonly key: JournalKey; readonly value: Uint8Array }[];
  readonly deletes: readonly JournalKey[];
  readonly bytes: number;
  /** Segments that the noun now has; undefined when the noun is gone. */
  readonly segments: number | undefined;
  /** False when entries are left over for a later commit: the noun is not saved yet. */
  readonly whole: boolean;
  committed(): void;
}

interface Saving {
  readonly seq: number;
  /** Segments that are on disk already. */
  readonly segments: number;
  readonly stateOf: StateOf;
  readonly bytesMax: number;
}

const encoder = new TextEncoder();

/**
 * A noun as it is now and, for a chat, its entries that no segment holds. A chat with more new
 * entries than one commit takes gets segments first and its own record with the last of them. A
 * noun that is gone loses its keys.
 */
export function writeNoun(name: string, saving: Saving): NounWrite {
  const [siteId = "", kind = "", id = ""] = name.split("/");
  const state = saving.stateOf(siteId as SiteId); // names are made by nameOf()
  const key: JournalKey = ["noun", siteId, kind, id];
  const noun = state?.snapshot(kind, id);
  if (state === undefined || noun === undefined) {
    const deletes: JournalKey[] = [key];
    for (let i = 0; i < saving.segments; i++) deletes.push(["segment", siteId, id, i]);
    const committed = () => {};
    return { name, puts: [], deletes, bytes: 0, segments: undefined, whole: true, committed };
  }
  const unsaved = state.chats.get(id as ChatId)?.unsaved ?? []; // as above
  const { values, taken } = encodeSegments(unsaved, saving.bytesMax);
  const puts = values.map((value, index) => ({
    key: ["segment", siteId, id, saving.segments + index] as JournalKey, // a tuple, not a list
    value,
  }));
  const segments = saving.segments + values.length;
  const whole = taken === unsaved.length;
  if (whole) {
    const saved: SavedNoun = { v: factVersion, seq: saving.seq, noun };
    puts.push({ key, value: encoder.encode(JSON.stringify(saved)) });
  }
  const bytes = puts.reduce((sum, { value }) => sum + value.length, 0);
  const committed = () => void unsaved.splice(0, taken);
  return { name, puts, deletes: [], bytes, segments, whole, committed };
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
