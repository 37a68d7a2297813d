import type { Checker } from "./checker.ts";
import type { Counts } from "./counts.ts";
import type { Link } from "./link.ts";
import type { NodeProcess } from "./node_process.ts";
import type { Profile } from "./profile.ts";
import type { RandomSource } from "./random_source.ts";
import type { Sites } from "./sites.ts";
import type { Trace } from "./trace.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** What every part of one world stands on. */
export interface Stage {
  readonly clock: VirtualClock;
  readonly random: RandomSource;
  readonly trace: Trace;
  readonly profile: Profile;
  readonly counts: Counts;
  readonly checker: Checker;
  readonly sites: Sites;
  /** Whether faults are over: from here on everything works. */
  healed: boolean;
  /** The process that is running right now: the globals are its machine's. */
  running: NodeProcess | undefined;
  /** A frame with an id of its own reached a node. */
  received(link: Link, type: string): void;
  /** A life of a node was composed and is about to begin. */
  started(process: NodeProcess): void;
}
