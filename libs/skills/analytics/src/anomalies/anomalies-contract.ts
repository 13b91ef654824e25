// Input, example and result of the operation `anomalies`.
import { z } from 'zod';

import { chartInput, readingResult, seriesInput, SeriesReport, Time } from '../series/series-input.js';

/** Values that stand out, in a result: more are counted. */
export const maxListed = 200;

export const AnomaliesInput = z.strictObject({
  operation: z.literal('anomalies'),
  ...seriesInput,
  threshold: z.number().min(2).max(20).default(3.5).meta({
    description:
      'Robust standard deviations from what is expected beyond which a value stands out; 3.5 is the advice of Iglewicz and Hoaglin (1993)',
  }),
  ...chartInput,
});
export type AnomaliesInput = z.infer<typeof AnomaliesInput>;

const visits = [812, 846, 861, 840, 902, 421, 388];

/** Six weeks of visits to a site; one Wednesday it was down, one Sunday it was in the news. */
export const example: z.input<typeof AnomaliesInput> = {
  operation: 'anomalies',
  sources: [
    {
      name: 'visits',
      format: 'csv',
      content: [
        'day,visits',
        ...Array.from({ length: 42 }, (_, at) => {
          const day = new Date(Date.UTC(2026, 2, 2 + at)).toISOString().slice(0, 10);
          const usual = (visits[at % 7] ?? 0) + ((at * 37) % 23) + at;
          return `${day},${at === 16 ? 95 : at === 27 ? 1_240 : usual}`;
        }),
      ].join('\n'),
    },
  ],
  sql: 'FROM visits',
  time: 'day',
  value: 'visits',
  title: 'Visits',
};

const Anomaly = z.strictObject({
  time: Time,
  value: z.number(),
  expected: z.number(),
  lower: z.number().meta({ description: 'Of the range in which a value would not stand out' }),
  upper: z.number(),
  score: z.number().meta({ description: 'Robust standard deviations from what is expected; negative below it' }),
  why: z.string(),
});

/** The result of `anomalies`. */
export const AnomaliesResult = z.strictObject({
  verdict: z.enum(['found', 'none', 'too_little_data']),
  reason: z.string().meta({ description: 'The verdict in words, with its figures' }),
  series: SeriesReport,
  expectation: z.enum(['mstl', 'seasonal_median', 'moving_median']).nullable().meta({
    description:
      'What the values are compared with. mstl: what the values before and the season lead to expect (MSTL); a value must stand out of the trend and season around it (robust STL), too. seasonal_median: a moving median of a season and the median of each place in it, when there are fewer than four seasons. moving_median: of 11 values, without a season',
  }),
  sigma: z.number().nullable().meta({
    description:
      'A robust standard deviation of what is left unexplained, in the unit of the series: 1.4826 times the median absolute deviation (Iglewicz and Hoaglin 1993, "How to Detect and Handle Outliers"); 1.2533 times the mean one when more than half of the values are exactly as expected',
  }),
  count: z.int().meta({ description: 'Values that stand out' }),
  anomalies: z
    .array(Anomaly)
    .meta({ description: `In the order of time; of more than ${maxListed} those with the highest scores` }),
  notes: z.array(z.string()).meta({ description: 'What a reader must know' }),
  ...readingResult,
});
export type AnomaliesResult = z.infer<typeof AnomaliesResult>;
