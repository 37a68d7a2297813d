/** The clocks of a device. */
export interface DeviceClocks {
  /** Milliseconds since 1970 that never go back; stands still on many devices while they sleep. */
  monotonic(): number;
  wall(): number;
}

/** Less than this is no sleep, but two clocks that drift apart. */
const sleepMsMin = 5_000;

const device: DeviceClocks = {
  monotonic: () => performance.timeOrigin + performance.now(),
  wall: () => Date.now(),
};

/**
 * The clock of one page: does not go back with the wall clock, and goes on with it after a sleep,
 * so that what was written before is known to be old.
 */
export function pageClock({ monotonic, wall }: DeviceClocks = device): () => number {
  let sleptMs = 0;
  return () => {
    const aheadMs = wall() - monotonic() - sleptMs;
    if (aheadMs > sleepMsMin) sleptMs += aheadMs;
    return Math.round(monotonic() + sleptMs);
  };
}
