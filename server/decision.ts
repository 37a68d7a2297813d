import { type Fact, factVersion } from "../core/fact.ts";
import type { Millis, SiteId } from "../core/ids.ts";
import type { Job } from "../core/job.ts";

/** What one event decided, as it stands in a record of the log. */
export interface Decision {
  /** The format, factVersion; records of the first builds have none. */
  readonly v?: number;
  /** When it was decided; records of the first builds do not say. */
  readonly at?: Millis;
  readonly site: SiteId;
  readonly facts: readonly Fact[];
  readonly jobs?: readonly Job[];
}

const decoder = new TextDecoder();

/** A record of the log: decisions with commas between. Throws when a newer build wrote it. */
export function readDecisions(record: Uint8Array): Decision[] {
  const decisions: Decision[] = JSON.parse(`[${decoder.decode(record)}]`);
  for (const { v = 0 } of decisions) refuseNewer(v);
  return decisions;
}

/** Throws when what stands in the data folder has a format that this build does not know. */
export function refuseNewer(version: number): void {
  if (version <= factVersion) return;
  throw new Error(
    `Cannot read this data folder: its format is ${version}, this build reads up to ${factVersion}`,
  );
}
