import { limits } from "./limits.ts";

/** What a delay depends on: tries that failed in a row, and a random number in [0, 1). */
export interface Tries {
  readonly attempts: number;
  readonly random: number;
}

/**
 * Wait before the next connection. The first after a good connection is at once (announced: the
 * server already spread its closes) or within a second; later ones are exponential with full
 * jitter.
 */
export function reconnectDelayMs(tries: Tries, { announced }: { announced: boolean }): number {
  if (tries.attempts === 0) {
    return announced ? 0 : Math.round(tries.random * limits.reconnectJitterMs);
  }
  const ceiling = limits.reconnectJitterMs * 2 ** tries.attempts;
  return Math.round(tries.random * Math.min(limits.reconnectMsMax, ceiling));
}

/** Wait before a refused frame is sent again; never shorter than the server asked for. */
export function retryDelayMs(tries: Tries, retryAfterMs = 0): number {
  const ceiling = Math.min(limits.retryMsMax, limits.retryMs * 2 ** tries.attempts);
  return Math.max(retryAfterMs, Math.round((1 + tries.random) * ceiling / 2));
}
