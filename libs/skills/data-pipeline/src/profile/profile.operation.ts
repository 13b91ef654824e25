import { operation, type TaskContext } from '@pulser/agent-runtime/skill';
import type { Json } from '@pulser/charts';
import { quotedText, type StatementRows } from '@pulser/data-sandbox';

import { columnsNamed, type DatasetColumn, isNested, isNumeric, isText } from '../datasets/dataset-name.js';
import { type OpenedDataset, openDataset, queryDatasets } from '../datasets/open-dataset.js';
import { pipelineErrors } from '../pipeline-errors.js';
import { columnStatistics, exactUpTo, histogram, quantileShares, topValues } from './column-sql.policy.js';
import { countIn, findingsOf, type Statistics } from './findings.policy.js';
import { drawHistogram, drawNulls, drawTop } from './pictures.js';
import { type ColumnProfile, example, ProfileInput, type ProfileResult } from './profile-contract.js';

const maxColumns = 200;
/** Columns of one statement: what it holds at once grows with them. */
const perStatement = 10;
const topLimit = 10;

const chunksOf = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

const numberOf = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));

/** Decimals come as text with all their digits. */
const valueOf = (value: unknown): ColumnProfile['min'] => (value ?? null) as ColumnProfile['min'];

const quantilesOf = (values: unknown): NonNullable<ColumnProfile['quantiles']> | undefined =>
  Array.isArray(values)
    ? Object.fromEntries(quantileShares.map((share, index) => [`${share * 100} %`, valueOf(values[index])]))
    : undefined;

const profileOf = (column: DatasetColumn, statistics: Statistics, top: StatementRows | undefined): ColumnProfile => {
  const quantiles = quantilesOf(statistics['quantiles']);
  return {
    name: column.name,
    type: column.type,
    nulls: countIn(statistics, 'nulls'),
    distinct: isNested(column) ? null : countIn(statistics, 'distinct'),
    min: valueOf(statistics['min']),
    max: valueOf(statistics['max']),
    ...(isNumeric(column) ? { mean: valueOf(statistics['mean']), stddev: valueOf(statistics['stddev']) } : {}),
    ...(quantiles === undefined ? {} : { quantiles }),
    ...(isText(column)
      ? { lengths: { min: numberOf(statistics['shortest']), max: numberOf(statistics['longest']) } }
      : {}),
    top: (top?.rows ?? []).map(([value, rows]) => ({ value: valueOf(value), rows: Number(rows) })),
  };
};

interface Measured {
  readonly columns: readonly DatasetColumn[];
  readonly statistics: readonly Statistics[];
  readonly tops: ReadonlyMap<DatasetColumn, StatementRows>;
  readonly duplicates: number;
}

const fromFile = ({ path }: OpenedDataset): string => `read_parquet(${quotedText(path)})`;

const measure = async (
  opened: OpenedDataset,
  columns: readonly DatasetColumn[],
  exact: boolean,
  context: TaskContext,
): Promise<Measured> => {
  const rows = fromFile(opened);
  const chunks = chunksOf(columns, perStatement);
  const plain = columns.filter((column) => !isNested(column));
  const results = await queryDatasets(
    [opened],
    [
      `SELECT (SELECT count(*) FROM ${rows}) - (SELECT count(*) FROM (SELECT DISTINCT * FROM ${rows}))`,
      ...chunks.map(
        (some) => `SELECT ${some.map((column) => columnStatistics(column, exact)).join(', ')} FROM ${rows}`,
      ),
      ...plain.map((column) => topValues(column, rows, topLimit)),
    ],
    context,
  );
  const [duplicates, ...others] = results;
  const statistics = others.slice(0, chunks.length).flatMap(({ rows: [row = []] }) => row as unknown as Statistics[]);
  const tops = new Map(
    plain.flatMap((column, index) => {
      const found = others[chunks.length + index];
      return found === undefined ? [] : [[column, found] as const];
    }),
  );
  return { columns, statistics, tops, duplicates: Number(duplicates?.rows[0]?.[0] ?? 0) };
};

/** Columns worth a picture: numbers, and others with values that repeat. */
const isDrawable = (column: DatasetColumn, { distinct, top }: ColumnProfile): boolean =>
  isNumeric(column) ? (distinct ?? 0) > 1 : (top[0]?.rows ?? 0) > 1 && (distinct ?? 0) > 1;

const draw = async (
  opened: OpenedDataset,
  columns: readonly DatasetColumn[],
  profiles: readonly ColumnProfile[],
  limit: number,
  context: TaskContext,
): Promise<ReadonlyMap<number, string>> => {
  const drawn = profiles.flatMap((profile, index) => {
    const column = columns[index];
    return column !== undefined && isDrawable(column, profile) ? [{ profile, column, index }] : [];
  });
  const chosen = drawn.slice(0, limit);
  const spread = chosen.filter(({ column }) => isNumeric(column));
  const found = await queryDatasets(
    [opened],
    spread.map(({ column }) => histogram(column, fromFile(opened))),
    context,
  );
  const charts = new Map<number, string>();
  for (const one of chosen) {
    const at = spread.indexOf(one);
    const rows = (found[at]?.rows ?? []) as readonly (readonly Json[])[];
    const chart =
      at < 0
        ? await drawTop(one.index, one.profile, context)
        : await drawHistogram(one.index, one.profile, rows, context);
    charts.set(one.index, chart);
  }
  return charts;
};

const chosenColumns = ({ columns }: ProfileInput, { dataset, reference }: OpenedDataset): readonly DatasetColumn[] =>
  columns === undefined ? dataset.columns.slice(0, maxColumns) : columnsNamed(dataset.columns, columns, reference);

/** Says what is in a dataset, and what is odd in it. */
export const profile = operation({
  name: 'profile',
  summary:
    'Says what is in a dataset: types, gaps, distinct and frequent values, spread, duplicates and oddities; with charts',
  input: ProfileInput,
  example,
  errors: pipelineErrors,
  // The work is done by processes of their own: here it is only waited for.
  inline: true,
  handle: async (input, context): Promise<ProfileResult> => {
    const opened = await openDataset(input.dataset, context);
    const { rows } = opened.dataset;
    const chosen = chosenColumns(input, opened);
    const exact = rows <= exactUpTo;
    const { columns, statistics, tops, duplicates } = await measure(opened, chosen, exact, context);
    context.progress(60, 'The columns are measured');
    const profiles = columns.map((column, index) => profileOf(column, statistics[index] ?? {}, tops.get(column)));
    const charts = await draw(opened, columns, profiles, input.max_charts, context);
    const gaps = input.max_charts === 0 ? undefined : await drawNulls(profiles, rows, context);
    return {
      dataset: opened.reference,
      rows,
      exact,
      duplicate_rows: duplicates,
      key_candidates: profiles
        .filter(({ nulls, distinct }) => exact && rows > 0 && nulls === 0 && distinct === rows)
        .map(({ name }) => name),
      columns: profiles.map((one, index) => ({
        ...one,
        ...(charts.has(index) ? { chart: charts.get(index) ?? '' } : {}),
      })),
      columns_left_out: opened.dataset.columns.length - columns.length,
      findings: columns.flatMap((column, index) => findingsOf(column, rows, statistics[index] ?? {})),
      charts: [...(gaps === undefined ? [] : [gaps]), ...charts.values()],
    };
  },
});
