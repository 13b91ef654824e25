/** Milliseconds below which 10, 50 and 90 % of the runs ended. */
export interface Durations {
  readonly runs: number;
  readonly p10_ms: number;
  readonly p50_ms: number;
  readonly p90_ms: number;
}

/** Type 7 of Hyndman and Fan (1996), Sample quantiles in statistical packages, as in R and NumPy. */
export const quantile = (sorted: readonly number[], share: number): number => {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
};

/** @returns undefined without runs */
export const durationsOf = (runMs: readonly (number | null)[]): Durations | undefined => {
  const sorted = runMs.filter((ms) => ms !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const at = (share: number): number => Math.round(quantile(sorted, share));
  return { runs: sorted.length, p10_ms: at(0.1), p50_ms: at(0.5), p90_ms: at(0.9) };
};
