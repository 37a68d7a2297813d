/**
 * Why something did not work. unavailable: a part of ours is away, which says nothing about the
 * message and uses up no attempt. neighbour: a third party did not answer or answered an error.
 * throttled: it asked for less. failed: our handling threw. poison: no repeat can succeed. broker:
 * the queue itself cannot be reached, so its consumer waits.
 */
export type FailureKind =
  | "unavailable"
  | "neighbour"
  | "throttled"
  | "failed"
  | "poison"
  | "broker";

interface Backoff {
  /** The first delay is up to this, and each further one up to twice as much. */
  readonly firstMs: number;
  readonly capMs: number;
}

/** The one table of delays. How many attempts a message has stands in its queue's definition. */
const backoffs: Readonly<Record<FailureKind, Backoff | "never">> = {
  unavailable: { firstMs: 500, capMs: 30_000 },
  neighbour: { firstMs: 5_000, capMs: 3_600_000 },
  throttled: { firstMs: 10_000, capMs: 900_000 },
  failed: { firstMs: 1_000, capMs: 600_000 },
  poison: "never",
  broker: { firstMs: 100, capMs: 10_000 },
};

/** The longest delay of all, but for what the other side asks for on top. */
export const retryDelayMsMax: number = Math.max(
  ...Object.values(backoffs).map((backoff) => backoff === "never" ? 0 : backoff.capMs),
);

/**
 * How long to wait after the how many-eth failure (from 1) in a row: exponential, with full jitter
 * so that those who failed together do not return together. `atLeastMs` is what the other side
 * asked for. [QD8]
 */
export function retryDelay(
  kind: FailureKind,
  failures: number,
  options: { readonly random: () => number; readonly atLeastMs?: number },
): number | "never" {
  const backoff = backoffs[kind];
  if (backoff === "never") return "never";
  const { firstMs, capMs } = backoff;
  const most = Math.min(capMs, firstMs * 2 ** Math.min(failures - 1, 40));
  return (options.atLeastMs ?? 0) + Math.max(1, Math.round(options.random() * most));
}
