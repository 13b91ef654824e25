// The rolling-origin back-test: each model forecasts from several points of the past, of which it knows nothing later, and
// its errors are those that it really made. Source: Hyndman and Athanasopoulos, "Forecasting: Principles and Practice",
// third edition, 5.8 and 5.10 (https://otexts.com/fpp3/tscv.html).
import { lagged } from './naive.policy.js';
import type { ModelName, Predict } from './prediction.js';

export interface Candidate {
  readonly model: ModelName;
  readonly predict: Predict;
}

/** A series as the back-test reads it. */
export interface TestedSeries {
  readonly values: readonly number[];
  /** False where a value was put in for a missing one: it counts in no error. */
  readonly known: readonly boolean[];
}

/** The points of the past from which is forecast. */
export interface Origins {
  /** Values known at each origin, the oldest first. */
  readonly lengths: readonly number[];
  readonly horizon: number;
}

/** How one model did. */
export interface Tested {
  readonly model: ModelName;
  /** Mean absolute error, in the unit of the series; null when the model could not be fitted. */
  readonly mae: number | null;
  /**
   * Mean absolute scaled error: the errors divided by the mean absolute error of the seasonal naive forecast, one step
   * ahead, on the values known at the origin (Hyndman and Koehler, "Another look at measures of forecast accuracy", 2006).
   * Null also when that is 0.
   */
  readonly mase: number | null;
  /** Share of the true values within the intervals. */
  readonly coverage: number | null;
  /** Mean absolute error from each origin. */
  readonly byOrigin: readonly number[];
  /** Why the model could not be fitted. */
  readonly failure?: string;
}

export const maxOrigins = 12;
/** With fewer no error is worth its name. */
export const minOrigins = 3;

/** Values that a model must know: two whole seasons and a step, or as many as smoothing needs. */
export const minKnown = (season: number): number => (season > 1 ? 2 * season + 1 : 8);

/** Values that a series must have for a back-test. */
export const minValues = (season: number, horizon: number): number => minKnown(season) + horizon + minOrigins - 1;

/**
 * Up to twelve origins, at most a horizon apart, the last one a horizon before the end.
 * @returns undefined when there are fewer than three
 */
export const originsOf = (count: number, season: number, horizon: number): Origins | undefined => {
  const last = count - horizon;
  const room = last - minKnown(season);
  if (room < minOrigins - 1) return undefined;
  const number = Math.min(maxOrigins, room + 1);
  const stride = Math.min(horizon, Math.max(1, Math.floor(room / (number - 1))));
  return { lengths: Array.from({ length: number }, (_, at) => last - stride * (number - 1 - at)), horizon };
};

/** What a model got wrong from one origin. */
interface Errors {
  readonly absolute: readonly number[];
  readonly inside: readonly boolean[];
  /** Of the scaled error. */
  readonly scale: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const errorsFrom = (
  series: TestedSeries,
  length: number,
  season: number,
  horizon: number,
  level: number,
  predict: Predict,
): Errors => {
  const past = series.values.slice(0, length);
  const { point, lower, upper } = predict(past, horizon, level);
  const ahead = Array.from({ length: horizon }, (_, at) => at).filter((at) => series.known[length + at] === true);
  const actual = (at: number): number => series.values[length + at] ?? 0;
  return {
    absolute: ahead.map((at) => Math.abs(actual(at) - (point[at] ?? 0))),
    inside: ahead.map((at) => actual(at) >= (lower[at] ?? 0) && actual(at) <= (upper[at] ?? 0)),
    scale: mean(lagged(past, season).map(Math.abs)),
  };
};

const summary = (model: ModelName, origins: readonly Errors[]): Tested => {
  const measured = origins.filter(({ absolute }) => absolute.length > 0);
  if (measured.length === 0) throw new Error('No value is known within a horizon of an origin');
  const scaled = measured.flatMap(({ absolute, scale }) => absolute.map((error) => error / scale));
  const mase = mean(scaled);
  return {
    model,
    mae: mean(measured.flatMap(({ absolute }) => absolute)),
    mase: Number.isFinite(mase) ? mase : null,
    coverage: mean(measured.flatMap(({ inside }) => inside.map(Number))),
    byOrigin: measured.map(({ absolute }) => mean(absolute)),
  };
};

/** Tests one model from every origin; one that cannot be fitted from one of them has failed. */
export const backTest = (
  series: TestedSeries,
  { lengths, horizon }: Origins,
  season: number,
  level: number,
  { model, predict }: Candidate,
): Tested => {
  try {
    return summary(
      model,
      lengths.map((length) => errorsFrom(series, length, season, horizon, level, predict)),
    );
  } catch (error) {
    // The library throws strings.
    const failure = error instanceof Error ? error.message : String(error);
    return { model, mae: null, mase: null, coverage: null, byOrigin: [], failure };
  }
};

/** Quantiles of Student's t at 0.95 for 2 to 11 degrees of freedom, one for each number of origins from 3 to 12. */
const t95 = [2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812, 1.796] as const;

/** Below it an error is as good as none; keeps the logarithm finite. */
const tiny = Number.MIN_VALUE;
const logOf = (error: number): number => Math.log(Math.max(tiny, error));

const logRatios = (one: Tested, baseline: Tested): number[] =>
  one.byOrigin.map((error, at) => logOf(error) - logOf(baseline.byOrigin[at] ?? 0));

/**
 * Whether a model's errors are smaller than those of another by more than chance: a one-sided paired t-test at 5 % on the
 * logarithms of the ratios of their mean absolute errors from each origin. The mean of these is the logarithm of AvgRelMAE
 * (Davydenko and Fildes, "Measuring forecasting accuracy", 2013), in which each origin counts alike, calm or stormy.
 */
const beats = (one: Tested, baseline: Tested): boolean => {
  if (one.mae === null || baseline.mae === null) return false;
  const ratios = logRatios(one, baseline);
  const average = mean(ratios);
  const variance = ratios.reduce((sum, ratio) => sum + (ratio - average) ** 2, 0) / Math.max(1, ratios.length - 1);
  const t = t95[ratios.length - minOrigins] ?? Infinity;
  return average + t * Math.sqrt(variance / ratios.length) < 0 && one.mae < baseline.mae;
};

const least = (tested: readonly Tested[], from: Tested): Tested =>
  tested.reduce((best, one) => ((one.mae ?? Infinity) < (best.mae ?? Infinity) ? one : best), from);

/** Forecasts that need no model. */
export const benchmarks: readonly ModelName[] = ['seasonal_naive', 'naive', 'drift'];

/**
 * The model to use: seasonal naive, unless another naive forecast beats it by more than chance; and a model only when it
 * beats the best of these by more than chance.
 * @param tested with seasonal naive, or naive where there is no season, as the first
 */
export const choose = (tested: readonly [Tested, ...Tested[]]): Tested => {
  const [first] = tested;
  const simple = tested.filter(({ model }) => benchmarks.includes(model));
  const simplest = least(
    simple.filter((one) => beats(one, first)),
    first,
  );
  const models = tested.filter((one) => !benchmarks.includes(one.model) && beats(one, simplest));
  return models.length === 0 ? simplest : least(models, models[0] ?? simplest);
};
