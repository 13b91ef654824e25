// The season of a series: its length in steps, and how much of the series it makes.

/** A season and the evidence for it. */
export interface Season {
  /** Steps; 1 for none. */
  readonly length: number;
  readonly source: 'given' | 'calendar' | 'found' | 'none';
  /** From 0 to 1: see {@link seasonStrength}; null when the series is too short to tell. */
  readonly strength: number | null;
}

/** The mean of as many values as a season has, around each; null where it would reach beyond the series. */
const movingMean = (values: readonly number[], length: number): (number | null)[] => {
  const half = Math.floor(length / 2);
  const isEven = length % 2 === 0;
  // Of an even season the two ends count half each (2 x m moving average).
  const sums = prefixSums(values);
  return values.map((_, at) => {
    if (at < half || at + half >= values.length) return null;
    const whole = (sums[at + half + 1] ?? 0) - (sums[at - half] ?? 0);
    const ends = isEven ? ((values[at - half] ?? 0) + (values[at + half] ?? 0)) / 2 : 0;
    return (whole - ends) / length;
  });
};

const prefixSums = (values: readonly number[]): Float64Array => {
  const sums = new Float64Array(values.length + 1);
  for (const [at, value] of values.entries()) sums[at + 1] = (sums[at] ?? 0) + value;
  return sums;
};

/** A value without its trend, and its place in the season. */
interface Detrended {
  readonly value: number;
  readonly phase: number;
}

const detrended = (values: readonly number[], length: number): Detrended[] =>
  movingMean(values, length).flatMap((trend, at) =>
    trend === null ? [] : [{ value: (values[at] ?? 0) - trend, phase: at % length }],
  );

const squaredError = (points: readonly Detrended[], expected: (phase: number) => number): number =>
  points.reduce((sum, { value, phase }) => sum + (value - expected(phase)) ** 2, 0);

/**
 * The share of the variance around the trend that a season of this length explains, less what it would explain of noise:
 * an adjusted R² of the means per phase (0 for noise of any length, 1 for a pure season). The trend is a centred moving
 * average, as in the classical decomposition of Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3.4.
 * @returns null when the series has not two whole seasons around its trend
 */
export const seasonStrength = (values: readonly number[], length: number): number | null => {
  const points = detrended(values, length);
  if (points.length < 2 * length || length < 2) return null;
  const sums = new Float64Array(length);
  const counts = new Float64Array(length);
  for (const { value, phase } of points) {
    sums[phase] = (sums[phase] ?? 0) + value;
    counts[phase] = (counts[phase] ?? 0) + 1;
  }
  const mean = points.reduce((sum, { value }) => sum + value, 0) / points.length;
  const total = squaredError(points, () => mean) / (points.length - 1);
  const left = squaredError(points, (phase) => (sums[phase] ?? 0) / (counts[phase] ?? 1)) / (points.length - length);
  return total === 0 ? 0 : Math.max(0, 1 - left / total);
};

/** A longer season must explain so much more than a shorter one: it has more means to do so. */
const clearlyMore = 0.05;
/** Of a length that no calendar suggests. */
const strongEnough = 0.3;
const maxSought = 400;

const strongest = (values: readonly number[], lengths: readonly number[]): Season | undefined => {
  let best: Season | undefined;
  for (const length of lengths) {
    const strength = seasonStrength(values, length);
    if (strength === null) continue;
    if (best === undefined || strength > (best.strength ?? 0) + clearlyMore) {
      best = { length, source: 'calendar', strength };
    }
  }
  return best;
};

/** Of a longer series its end is searched: four hundred lengths take their time. */
const maxSearched = 5_000;

const sought = (all: readonly number[]): Season | undefined => {
  const values = all.slice(-maxSearched);
  const longest = Math.min(maxSought, Math.floor(values.length / 3));
  const found = strongest(
    values,
    Array.from({ length: Math.max(0, longest - 1) }, (_, at) => at + 2),
  );
  return (found?.strength ?? 0) >= strongEnough && found !== undefined ? { ...found, source: 'found' } : undefined;
};

const none: Season = { length: 1, source: 'none', strength: null };

/**
 * The season of a series: the given one; else the strongest that the calendar suggests, however weak; else, where it
 * suggests none, the strongest of any length that explains 0.3 of the variance around the trend.
 * @param suggested lengths by the calendar, the shortest first
 */
export const seasonOf = (values: readonly number[], suggested: readonly number[], given?: number): Season => {
  if (given === 1) return { ...none, source: 'given' };
  if (given !== undefined) return { length: given, source: 'given', strength: seasonStrength(values, given) };
  const byCalendar = strongest(values, suggested);
  return byCalendar ?? (suggested.length === 0 ? (sought(values) ?? none) : none);
};
