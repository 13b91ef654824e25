// The forecasts that any other has to beat: the last value, the last season, the line through the first and the last
// value. Formulas: Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", third edition, 5.2 and 5.5
// (https://otexts.com/fpp3/simple-methods.html, https://otexts.com/fpp3/prediction-intervals.html).
import { type Predict, type Prediction, steps } from './prediction.js';

/** Coefficients of P. J. Acklam's rational approximation; relative error below 1.2e-9. */
const central = {
  a: [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ],
  b: [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572],
} as const;
const tail = {
  c: [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ],
  d: [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416],
} as const;

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);

/** The quantile of the standard normal distribution. @param p between 0 and 1 */
export const normalQuantile = (p: number): number => {
  if (p > 0.97575) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(tail.c, q) / polynomial([...tail.d, 1], q);
  }
  const q = p - 0.5;
  return (q * polynomial(central.a, q * q)) / polynomial([...central.b, 1], q * q);
};

const rootMeanSquare = (values: readonly number[], divisor: number): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / Math.max(1, divisor));

/** Differences between each value and the one so many steps before it. */
export const lagged = (values: readonly number[], lag: number): number[] =>
  values.slice(lag).map((value, at) => value - (values[at] ?? 0));

const around = (point: readonly number[], deviation: (step: number) => number, level: number): Prediction => {
  const z = normalQuantile((1 + level) / 2);
  return {
    point,
    lower: point.map((value, at) => value - z * deviation(at + 1)),
    upper: point.map((value, at) => value + z * deviation(at + 1)),
  };
};

/** The value one season before; of a season of one step the last value. */
export const seasonalNaive =
  (season: number): Predict =>
  (values, horizon, level) => {
    const last = values.slice(-season);
    const errors = lagged(values, season);
    const sigma = rootMeanSquare(errors, errors.length);
    const point = steps(horizon).map((step) => last[(step - 1) % season] ?? 0);
    return around(point, (step) => sigma * Math.sqrt(Math.floor((step - 1) / season) + 1), level);
  };

export const naive: Predict = seasonalNaive(1);

/** The last value, moved on by the mean change. */
export const drift: Predict = (values, horizon, level) => {
  const last = values.at(-1) ?? 0;
  const count = values.length;
  const slope = (last - (values[0] ?? 0)) / Math.max(1, count - 1);
  const errors = lagged(values, 1).map((change) => change - slope);
  const sigma = rootMeanSquare(errors, errors.length - 1);
  return around(
    steps(horizon).map((step) => last + slope * step),
    (step) => sigma * Math.sqrt(step * (1 + step / Math.max(1, count - 1))),
    level,
  );
};
