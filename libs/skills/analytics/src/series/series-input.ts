// A series in the payload of a task: its sources, the SQL that yields it, and which columns are time and value.
import { type TaskContext, TaskError } from '@pulser/agent-runtime/skill';
import type { Column } from '@pulser/charts';
import { type Rows, Source } from '@pulser/data-sandbox';
import { ReadReport } from '@pulser/tabular';
import { z } from 'zod';

import { analysisErrors, columnIndex, selectRows } from '../data/select-rows.js';
import { regularSeries, type RegularSeries, timeAt, type TimeForm } from './regular-series.policy.js';
import { stepInWords } from './step.policy.js';

/** Values of a series: half of what a computation has memory and time for. */
export const maxValues = 20_000;

export const maxSources = 20;

// DuckDB folds the case of names.
const distinct = (sources: readonly Source[]): boolean =>
  new Set(sources.map(({ name }) => name.toLowerCase())).size === sources.length;

/** The data of an operation, as of `query`. */
export const dataInput = {
  sources: z
    .array(Source)
    .max(maxSources)
    .refine(distinct, 'Two sources have the same name')
    .meta({ description: 'The tables that the SQL can read, in the payload or datasets; nothing else can be read' }),
};

const ColumnName = z.string().min(1).max(200);

export const seriesInput = {
  ...dataInput,
  sql: z
    .string()
    .trim()
    .min(1)
    .max(100_000)
    .meta({
      description: `One statement in the SQL dialect of DuckDB, which returns a row for each step of the series, ${maxValues.toLocaleString('en')} at most, in any order`,
    }),
  time: ColumnName.meta({
    description:
      'The column of times: DATE, TIMESTAMP, or whole numbers such as years. Its step is found from the data',
  }),
  value: ColumnName.meta({ description: 'The numeric column' }),
  season_length: z.int().min(1).max(5_000).optional().meta({
    description:
      'Steps after which the series repeats itself, such as 12 of months; 1 for none. Default: found from the data',
  }),
};

export const chartInput = {
  title: z.string().max(300).optional().meta({ description: 'Of the chart' }),
  theme: z.enum(['light', 'dark']).default('light'),
};

/** A time, as its column writes it. */
export const Time = z.union([z.string(), z.number()]);

/** What was read, in the result of an operation. */
export const SeriesReport = z.strictObject({
  values: z.int().meta({ description: 'From the first to the last one known, those of the gaps included' }),
  from: Time.nullable(),
  to: Time.nullable(),
  step: z.string().nullable().meta({ description: 'In words, as found from the data' }),
  missing: z.int().meta({ description: 'Steps without a value: put on the line between their neighbours' }),
  gaps: z
    .array(z.strictObject({ from: Time, to: Time, steps: z.int() }))
    .meta({ description: 'The first 20 runs of missing steps' }),
  season_length: z.int().nullable().meta({ description: 'Steps; 1 for none, null when there is too little data' }),
  season_from: z.enum(['given', 'calendar', 'found', 'none']),
  season_strength: z.number().nullable().meta({
    description:
      'Share of the variance around the trend that the season explains, beyond what it would explain of noise: adjusted R² of the means per place of the season, 0 to 1; null when it cannot be told',
  }),
});
export type SeriesReport = z.infer<typeof SeriesReport>;

/** How the data was read, at the end of a result. */
export const readingResult = {
  guessed: z.boolean().meta({ description: 'True when a guess was used to read a source: see its guesses' }),
  sources: z
    .array(ReadReport)
    .meta({ description: 'How each source was read: dialect, types, refused rows, warnings' }),
};

export const readingOf = ({ sources }: Pick<Rows, 'sources'>): { guessed: boolean; sources: ReadReport[] } => ({
  guessed: sources.some(({ guesses }) => guesses.length > 0),
  sources: [...sources],
});

const integers = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const numbers = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|BIGNUM|DECIMAL\(.*\))$/;

const formOf = ({ name, type }: Column): TimeForm => {
  if (type === 'DATE') return 'date';
  if (/^TIMESTAMP WITH TIME ZONE$/.test(type)) return 'instant';
  if (type.startsWith('TIMESTAMP')) return 'timestamp';
  if (integers.test(type)) return 'number';
  throw new TaskError(
    'invalid_payload',
    `The time column ${name} is ${type}: cast it in the SQL, such as strptime(${name}, '%b %d %Y')::DATE`,
    { details: { column: name, type } },
  );
};

const checkNumeric = ({ name, type }: Column): void => {
  if (numbers.test(type)) return;
  throw new TaskError('invalid_payload', `The value column ${name} is ${type}: a series needs numbers`, {
    details: { column: name, type },
  });
};

/** A series with the report on its sources; undefined when it has fewer than two values. */
export interface ReadSeries {
  readonly rows: Rows;
  readonly series: RegularSeries | undefined;
  /** Values there are when they make no series. */
  readonly count: number;
}

interface SeriesInput {
  readonly sources: readonly Source[];
  readonly sql: string;
  readonly time: string;
  readonly value: string;
}

/** @throws TaskError `invalid_payload`, `irregular_series`; as the sandbox does */
export const readSeries = async (input: SeriesInput, context: TaskContext): Promise<ReadSeries> => {
  const rows = await selectRows(input, maxValues, context);
  const time = columnIndex(rows.columns, 'time', input.time);
  const value = columnIndex(rows.columns, 'value', input.value);
  const [timeColumn, valueColumn] = [rows.columns[time], rows.columns[value]];
  if (timeColumn === undefined || valueColumn === undefined) throw new Error('A found column is there');
  checkNumeric(valueColumn);
  const cells = rows.rows.map((row) => [row[time] ?? null, row[value] ?? null] as const);
  const outcome = regularSeries({ form: formOf(timeColumn), cells });
  if (outcome.kind === 'series') return { rows, series: outcome.series, count: outcome.series.values.length };
  if (outcome.kind === 'too_short') return { rows, series: undefined, count: outcome.none.values };
  const { code, message, details } = outcome.problem;
  throw analysisErrors.error(code, message, { details });
};

interface SeasonFacts {
  readonly length: number;
  readonly source: SeriesReport['season_from'];
  readonly strength: number | null;
}

const maxGaps = 20;

export const reportOn = (series: RegularSeries, season: SeasonFacts): SeriesReport => ({
  values: series.values.length,
  from: timeAt(series, 0),
  to: timeAt(series, series.values.length - 1),
  step: stepInWords(series.step),
  missing: series.known.filter((known) => !known).length,
  gaps: series.gaps.slice(0, maxGaps).map((gap) => ({ ...gap })),
  season_length: season.length,
  season_from: season.source,
  season_strength: season.strength,
});

/** Of fewer than two values. */
export const reportOnNone = (count: number): SeriesReport => ({
  values: count,
  from: null,
  to: null,
  step: null,
  missing: 0,
  gaps: [],
  season_length: null,
  season_from: 'none',
  season_strength: null,
});
