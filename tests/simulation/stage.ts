import type { Checker } from "./checker.ts";
import type { Counts } from "./counts.ts";
import type { Profile } from "./profile.ts";
import type { RandomSource } from "./random_source.ts";
import type { Sites } from "./sites.ts";
import type { Trace } from "./trace.ts";
import type { VirtualClock } from "./virtual_clock.ts";
import type { Wire } from "./wire.ts";

/** A machine's clocks, in milliseconds since 1970 and since some start. */
export interface MachineTime {
  wall(): number;
  monotonic(): number;
}

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
  running: MachineTime | undefined;
  /** A frame with an id of its own reached a node. */
  received(wire: Wire, type: string): void;
}
