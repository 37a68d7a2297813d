import type { Vector } from "../../core/cursor.ts";
import type { Entry } from "../../core/entry.ts";
import { limits } from "./limits.ts";

export type { Vector };

/** The key of an entry's stream in a vector. */
export function streamKeyOf(entry: Pick<Entry, "tenure" | "stream">): string {
  return `${entry.tenure}/${entry.stream}`;
}

/** Whether a holder of this vector already has the entry. */
export function covers(vector: Vector, entry: Entry): boolean {
  return (vector[streamKeyOf(entry)] ?? 0) >= entry.n;
}

/** Whether `theirs` names an entry that `ours` lacks. */
export function exceeds(theirs: Vector, ours: Vector): boolean {
  for (const key in theirs) {
    if (Object.hasOwn(theirs, key) && (theirs[key] ?? 0) > (ours[key] ?? 0)) return true;
  }
  return false;
}

/** The higher number of every stream. */
export function union(a: Vector, b: Vector): Vector {
  if (!exceeds(b, a)) return a;
  const merged: Record<string, number> = { ...a };
  for (const [key, n] of Object.entries(b)) merged[key] = Math.max(n, merged[key] ?? 0);
  return merged;
}

/**
 * The vector as it may go on the wire. A chat that lived through more tenures than the schema
 * allows names its newest ones (ULIDs sort by time); the rest counts as 0, which costs repeats,
 * never entries.
 */
export function bounded(vector: Vector): Vector {
  const keys = Object.keys(vector);
  if (keys.length <= limits.vectorStreamsMax) return vector;
  const newest = keys.sort().slice(-limits.vectorStreamsMax);
  return Object.fromEntries(newest.map((key) => [key, vector[key] ?? 0]));
}
