// What every model of a series is to the back-test: a function of the past.

/** The next values, each with an interval in which it lies with the asked probability. */
export interface Prediction {
  readonly point: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

export const modelNames = ['seasonal_naive', 'naive', 'drift', 'mstl', 'ets'] as const;
export type ModelName = (typeof modelNames)[number];

/** @param level of the interval, such as 0.95. @throws when the model cannot be fitted to these values */
export type Predict = (values: readonly number[], horizon: number, level: number) => Prediction;

/** One step after the other. */
export const steps = (horizon: number): number[] => Array.from({ length: horizon }, (_, at) => at + 1);
