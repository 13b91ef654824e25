// Input, example and result of the operation `forecast`.
import { z } from 'zod';

import { modelNames } from '../models/prediction.js';
import { chartInput, readingResult, seriesInput, SeriesReport, Time } from '../series/series-input.js';

export const ForecastInput = z.strictObject({
  operation: z.literal('forecast'),
  ...seriesInput,
  horizon: z.int().min(1).max(1_000).meta({ description: 'Steps to forecast' }),
  level: z
    .number()
    .min(0.5)
    .max(0.99)
    .default(0.95)
    .meta({ description: 'Probability with which a value shall lie in its interval' }),
  ...chartInput,
});
export type ForecastInput = z.infer<typeof ForecastInput>;

/** Five years of quarters, with a trend and a season. */
export const example: z.input<typeof ForecastInput> = {
  operation: 'forecast',
  sources: [
    {
      name: 'sales',
      format: 'csv',
      content: [
        'quarter,units',
        ...[
          [112, 151, 180, 128],
          [120, 163, 189, 139],
          [131, 170, 203, 147],
          [138, 182, 210, 155],
          [149, 190, 222, 163],
        ].flatMap((units, year) =>
          units.map((count, at) => `${2021 + year}-${String(at * 3 + 1).padStart(2, '0')}-01,${count}`),
        ),
      ].join('\n'),
    },
  ],
  sql: 'SELECT quarter, units FROM sales',
  time: 'quarter',
  value: 'units',
  horizon: 4,
  title: 'Units sold',
};

const Candidate = z.strictObject({
  model: z.enum(modelNames).meta({
    description:
      'seasonal_naive: the value one season before; naive: the last value; drift: the last value moved on by the mean change; mstl: season and trend by local regression (MSTL), its trend by exponential smoothing; ets: exponential smoothing, where there is no season',
  }),
  mae: z.number().nullable().meta({ description: 'Mean absolute error in the back-test, in the unit of the series' }),
  mase: z.number().nullable().meta({
    description:
      'Mean absolute scaled error: errors divided by the mean absolute one-step error of the seasonal naive forecast on what was known at the origin (Hyndman and Koehler 2006, "Another look at measures of forecast accuracy")',
  }),
  coverage: z
    .number()
    .nullable()
    .meta({ description: 'Share of the true values of the back-test that lay in the intervals' }),
  failure: z.string().optional().meta({ description: 'Why the model could not be fitted' }),
});

/** The result of `forecast`. */
export const ForecastResult = z.strictObject({
  verdict: z.enum(['better_than_naive', 'not_better_than_naive', 'too_little_data']).meta({
    description:
      'better_than_naive: a model beat the best naive forecast in the back-test by more than chance; not_better_than_naive: none did, and the naive forecast is given; too_little_data: no back-test is possible, so nothing is forecast',
  }),
  reason: z.string().meta({ description: 'The verdict in words, with its figures' }),
  series: SeriesReport,
  model: z.enum(modelNames).nullable().meta({ description: 'The candidate that was chosen' }),
  candidates: z.array(Candidate),
  back_test: z
    .strictObject({
      origins: z.int().meta({ description: 'Points of the past from which each candidate forecast' }),
      first_origin: Time.meta({ description: 'The last time known at the first of them' }),
      last_origin: Time,
      compared: z.int().meta({ description: 'True values that each candidate was compared with' }),
    })
    .nullable(),
  interval: z
    .strictObject({
      level: z.number().meta({ description: 'What the intervals are made for' }),
      measured_coverage: z
        .number()
        .nullable()
        .meta({ description: 'The share of true values that they held in the back-test: what they are worth' }),
    })
    .nullable(),
  forecast: z.array(z.strictObject({ time: Time, value: z.number(), lower: z.number(), upper: z.number() })),
  notes: z.array(z.string()).meta({ description: 'What a reader must know' }),
  ...readingResult,
});
export type ForecastResult = z.infer<typeof ForecastResult>;
