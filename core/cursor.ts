import { z } from "zod";
import type { Entry, Stream } from "./entry.ts";
import type { TenureId } from "./ids.ts";
import { limits } from "./limits.ts";

/** One stream of one tenure, as a key: "<tenure>/public" or "<tenure>/staff". */
export const streamKeySchema = z.string().regex(
  /^[0-9A-HJKMNP-TV-Z]{26}\/(public|staff)$/,
  "<tenure>/public or <tenure>/staff",
);

/**
 * A cursor: the highest contiguous n held of every stream, 0 where unnamed. With one tenure it is
 * the highest message id of the requirements. [RS1]
 */
export const vectorSchema = z.record(streamKeySchema, z.int().min(0)).refine(
  (vector) => Object.keys(vector).length <= limits.vectorStreamsMax,
  `at most ${limits.vectorStreamsMax} streams`,
);
/** A cursor: stream key to the highest contiguous n. */
export type Vector = Readonly<Record<string, number>>;

/** The key of a stream in a vector. */
export function streamKey(tenure: TenureId, stream: Stream): string {
  return `${tenure}/${stream}`;
}

/** Whether a holder of this vector already has the entry. */
export function covers(vector: Vector, entry: Entry): boolean {
  return (vector[streamKey(entry.tenure, entry.stream)] ?? 0) >= entry.n;
}

/** Whether `ours` names an entry that `theirs` lacks. */
export function exceeds(ours: Vector, theirs: Vector): boolean {
  for (const key in ours) {
    if ((ours[key] ?? 0) > (theirs[key] ?? 0)) return true;
  }
  return false;
}
