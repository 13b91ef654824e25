// STL: a series as trend, season and remainder, by local regression, with robustness weights so that values that stand out
// change neither. Source: Cleveland, Cleveland, McRae and Terpenning, "STL: A Seasonal-Trend Decomposition Procedure Based on
// Loess", Journal of Official Statistics 6 (1990); of one season it is what MSTL does.

export interface Decomposition {
  readonly trend: Float64Array;
  readonly season: Float64Array;
}

/** Values of a season in the local regression of each place of it: the season may change slowly. */
const seasonalSpan = 11;
/** The paper asks for 5 to 10 with outliers. */
const robustRounds = 6;

const oddAtLeast = (value: number): number => {
  const whole = Math.ceil(value);
  return whole % 2 === 1 ? whole : whole + 1;
};

const tricube = (share: number): number => (share >= 1 ? 0 : (1 - share ** 3) ** 3);

/** A straight line through the neighbours of x, weighted by nearness and by `weights`; undefined without any weight. */
const localLine = (
  values: Float64Array,
  weights: Float64Array,
  x: number,
  from: number,
  to: number,
  reach: number,
): number | undefined => {
  let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  for (let at = from; at < to; at += 1) {
    const distance = at - x;
    const weight = tricube(Math.abs(distance) / reach) * (weights[at] ?? 0);
    const value = values[at] ?? 0;
    w += weight;
    wx += weight * distance;
    wy += weight * value;
    wxx += weight * distance * distance;
    wxy += weight * distance * value;
  }
  if (w <= 0) return undefined;
  const spread = wxx - (wx * wx) / w;
  const slope = spread > 1e-9 * reach * reach * w ? (wxy - (wx * wy) / w) / spread : 0;
  return (wy - slope * wx) / w;
};

/** The smooth value at one place, which may lie beyond the ends. */
const smoothAt = (values: Float64Array, weights: Float64Array, span: number, x: number): number => {
  const size = values.length;
  const width = Math.min(span, size);
  const from = Math.max(0, Math.min(size - width, x - (width >> 1)));
  const farthest = Math.max(Math.abs(x - from), Math.abs(from + width - 1 - x));
  const reach = (farthest + 1e-3) * (span > size ? span / size : 1);
  return localLine(values, weights, x, from, from + width, reach) ?? values[Math.max(0, Math.min(size - 1, x))] ?? 0;
};

/**
 * The smooth value at each of the places `first`, `first + 1`, ... of as many as asked. Of a long span every tenth part of
 * it is computed and what lies between is on a line, as the paper has it: a hundred times fewer steps.
 */
const loess = (
  values: Float64Array,
  weights: Float64Array,
  span: number,
  first = 0,
  count = values.length,
): Float64Array => {
  const jump = Math.max(1, Math.floor(span / 10));
  const smooth = new Float64Array(count);
  let last = 0;
  smooth[0] = smoothAt(values, weights, span, first);
  while (last < count - 1) {
    const next = Math.min(count - 1, last + jump);
    const value = smoothAt(values, weights, span, first + next);
    const start = smooth[last] ?? 0;
    for (let at = last + 1; at <= next; at += 1) {
      smooth[at] = start + ((value - start) * (at - last)) / (next - last);
    }
    last = next;
  }
  return smooth;
};

const movingAverage = (values: Float64Array, width: number): Float64Array => {
  const means = new Float64Array(values.length - width + 1);
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) {
    sum += (values[at] ?? 0) - (values[at - width] ?? 0);
    if (at >= width - 1) means[at - width + 1] = sum / width;
  }
  return means;
};

/** Each place of the season smoothed over the years, from one season before the start to one after the end. */
const smoothedPhases = (values: Float64Array, weights: Float64Array, season: number): Float64Array => {
  const extended = new Float64Array(values.length + 2 * season);
  for (let phase = 0; phase < season; phase += 1) {
    const count = Math.ceil((values.length - phase) / season);
    const pick = (from: Float64Array): Float64Array =>
      Float64Array.from({ length: count }, (_, at) => from[phase + at * season] ?? 0);
    const smooth = loess(pick(values), pick(weights), seasonalSpan, -1, count + 2);
    for (const [at, value] of smooth.entries()) extended[phase + at * season] = value;
  }
  return extended;
};

const ones = (count: number): Float64Array => new Float64Array(count).fill(1);

const less = (one: Float64Array, other: Float64Array): Float64Array => one.map((value, at) => value - (other[at] ?? 0));

const seasonOfDetrended = (detrended: Float64Array, weights: Float64Array, season: number): Float64Array => {
  const phases = smoothedPhases(detrended, weights, season);
  const low = movingAverage(movingAverage(movingAverage(phases, season), season), 3);
  const level = loess(low, ones(low.length), oddAtLeast(season));
  return less(phases.slice(season, season + detrended.length), level);
};

const middle = (values: Float64Array): number => {
  const sorted = values.slice().sort();
  return sorted[sorted.length >> 1] ?? 0;
};

/** The bisquare: 0 beyond six median absolute remainders. */
const robustness = (remainder: Float64Array): Float64Array => {
  const sizes = remainder.map(Math.abs);
  const reach = 6 * middle(sizes);
  return sizes.map((size) => (reach === 0 ? Number(size === 0) : size >= reach ? 0 : (1 - (size / reach) ** 2) ** 2));
};

/**
 * @param known false where a value was put in for a missing one: it has no weight
 * @param season in steps, at least 2; of two whole seasons at least
 */
export const stl = (values: readonly number[], known: readonly boolean[], season: number): Decomposition => {
  const series = Float64Array.from(values);
  const trendSpan = oddAtLeast((1.5 * season) / (1 - 1.5 / seasonalSpan));
  const base = Float64Array.from(known, Number);
  let weights: Float64Array = base;
  let trend: Float64Array = new Float64Array(series.length);
  let seasonal: Float64Array = new Float64Array(series.length);
  for (let round = 0; round <= robustRounds; round += 1) {
    for (let inner = 0; inner < 2; inner += 1) {
      seasonal = seasonOfDetrended(less(series, trend), weights, season);
      trend = loess(less(series, seasonal), weights, trendSpan);
    }
    const remainder = less(less(series, seasonal), trend);
    weights = robustness(remainder).map((weight, at) => weight * (base[at] ?? 0));
  }
  return { trend, season: seasonal };
};
