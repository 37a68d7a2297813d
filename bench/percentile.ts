/** The smallest sample that `share` (0 to 1) of all do not exceed: nearest rank, NaN of none. */
export function percentile(samples: Float64Array, share: number): number {
  const sorted = samples.slice().sort();
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? NaN;
}

/** The middle value, the mean of both middle ones when their number is even; NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}
