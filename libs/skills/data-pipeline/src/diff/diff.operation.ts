import { join } from 'node:path';

import { operation, type TaskContext } from '@pulser/agent-runtime/skill';
import { quotedText, type StatementRows, withStagingFolder } from '@pulser/data-sandbox';

import { columnsNamed, type DatasetColumn } from '../datasets/dataset-name.js';
import { type OpenedDataset, openDataset, queryDatasets } from '../datasets/open-dataset.js';
import { pipelineErrors } from '../pipeline-errors.js';
import { type Change, DiffInput, type DiffResult, example } from './diff-contract.js';
import {
  type Comparison,
  keyedCounts,
  keyedDifferences,
  type Pair,
  repeatedKeys,
  wholeCounts,
  wholeDifferences,
} from './diff-sql.policy.js';

const sameName = (one: DatasetColumn, other: DatasetColumn): boolean =>
  one.name.toLowerCase() === other.name.toLowerCase();

interface Sides {
  readonly from: OpenedDataset;
  readonly to: OpenedDataset;
}

const pairsOf = ({ from, to }: Sides): Pair[] =>
  to.dataset.columns.flatMap((column) => {
    const before = from.dataset.columns.find((one) => sameName(one, column));
    return before === undefined ? [] : [{ from: before, to: column }];
  });

const comparisonOf = ({ key = [] }: DiffInput, sides: Sides): Comparison => {
  const { from, to } = sides;
  const keyTo = columnsNamed(to.dataset.columns, key, to.reference);
  const keyFrom = columnsNamed(from.dataset.columns, key, from.reference);
  const keyPairs = keyTo.map((column, index): Pair => ({ from: keyFrom[index] ?? column, to: column }));
  const values = pairsOf(sides).filter((pair) => !keyTo.includes(pair.to));
  return { fromPath: from.path, toPath: to.path, key: keyPairs, values };
};

const checkKeys = async (comparison: Comparison, sides: Sides, context: TaskContext): Promise<void> => {
  const statements = [
    repeatedKeys(
      comparison.fromPath,
      comparison.key.map((pair) => pair.from),
    ),
    repeatedKeys(
      comparison.toPath,
      comparison.key.map((pair) => pair.to),
    ),
  ];
  const found = await queryDatasets([sides.from, sides.to], statements, context);
  found.forEach(({ rows }, index) => {
    const [count, sample] = rows[0] ?? [];
    const repeated = Number(count ?? 0);
    if (repeated === 0) return;
    const { reference } = index === 0 ? sides.from : sides.to;
    const message = `The key does not tell the rows of ${reference} apart: ${repeated.toLocaleString('en')} rows share theirs, such as ${JSON.stringify(sample).slice(0, 200)}. Name more columns, or none to compare whole rows`;
    throw pipelineErrors.error('key_not_unique', message, { details: { dataset: reference, rows: repeated } });
  });
};

const differencesName = 'differences.ndjson';

interface Differences {
  readonly counts: readonly number[];
  readonly samples: DiffResult['samples'];
}

type Row = Record<string, DiffResult['samples']['added'][number][string]>;

const changeOf = ([, , key, changes]: StatementRows['rows'][number]): Change => ({
  key: (key ?? {}) as Row,
  changes: Object.fromEntries(
    (changes as unknown as readonly { column: string; from: Row[string]; to: Row[string] }[]).map(
      ({ column, from, to }) => [column, { from, to }],
    ),
  ),
});

const samplesOf = ({ rows }: StatementRows): DiffResult['samples'] => {
  const of = (wanted: string): StatementRows['rows'] => rows.filter(([kind]) => kind === wanted);
  return {
    added: of('added').map(([, row]) => row as Row),
    removed: of('removed').map(([, row]) => row as Row),
    changed: of('changed').map(changeOf),
  };
};

/** Counts first; then every difference into a file, and the first ones of each kind out of it. */
const compare = (input: DiffInput, comparison: Comparison, sides: Sides, context: TaskContext): Promise<Differences> =>
  withStagingFolder(async (folder) => {
    const keyed = input.key !== undefined;
    const files = [sides.from, sides.to];
    const [counted] = await queryDatasets(files, [keyed ? keyedCounts(comparison) : wholeCounts(comparison)], context);
    const counts = (counted?.rows[0] ?? []).map(Number);
    context.progress(50, 'The differences are counted');
    const samples = { added: [], removed: [], changed: [] };
    if (counts.slice(0, keyed ? 3 : 2).every((count) => count === 0)) return { counts, samples };
    const all = keyed
      ? keyedDifferences(comparison, sides.from.dataset.columns, sides.to.dataset.columns)
      : wholeDifferences(comparison);
    const parquet = join(folder, 'differences.parquet');
    await queryDatasets(files, [{ sql: all, into: { path: parquet, format: 'parquet' } }], context);
    const from = `read_parquet(${quotedText(parquet)})`;
    const path = join(folder, differencesName);
    const first = `FROM ${from} QUALIFY row_number() OVER (PARTITION BY kind ORDER BY row::VARCHAR, key::VARCHAR) <= ${input.samples} ORDER BY kind, row::VARCHAR, key::VARCHAR`;
    const [shown] = await queryDatasets(
      [{ path: parquet }],
      [first, { sql: `FROM ${from} ORDER BY kind, row::VARCHAR, key::VARCHAR`, into: { path, format: 'ndjson' } }],
      context,
    );
    await context.keepFile(differencesName, 'application/x-ndjson', path);
    return { counts, samples: shown === undefined ? samples : samplesOf(shown) };
  });

const onlyIn = (one: OpenedDataset, other: OpenedDataset): { name: string; type: string }[] =>
  one.dataset.columns
    .filter((column) => !other.dataset.columns.some((there) => sameName(there, column)))
    .map(({ name, type }) => ({ name, type }));

/** Compares two versions, or two datasets. */
export const diff = operation({
  name: 'diff',
  summary:
    'Compares two versions of a dataset: rows added, removed and changed by key, columns added, removed and retyped',
  input: DiffInput,
  example,
  errors: pipelineErrors,
  // The work is done by a process of its own: here it is only waited for.
  inline: true,
  handle: async (input, context): Promise<DiffResult> => {
    const sides = { from: await openDataset(input.from, context), to: await openDataset(input.to, context) };
    const { from, to } = sides;
    const comparison = comparisonOf(input, sides);
    if (input.key !== undefined) await checkKeys(comparison, sides, context);
    if (input.key === undefined && comparison.values.length === 0) {
      throw pipelineErrors.error('column_unknown', 'The two have no column in common', { details: {} });
    }
    const { counts, samples } = await compare(input, comparison, sides, context);
    const [added = 0, removed = 0, changed = 0, ...byColumn] = counts;
    const keyed = input.key !== undefined;
    const changes = comparison.values.map(({ to: column }, index) => [column.name, byColumn[index] ?? 0] as const);
    return {
      from: from.reference,
      to: to.reference,
      rows_from: from.dataset.rows,
      rows_to: to.dataset.rows,
      added,
      removed,
      changed: keyed ? changed : null,
      unchanged: to.dataset.rows - added - (keyed ? changed : 0),
      columns_added: onlyIn(to, from),
      columns_removed: onlyIn(from, to),
      columns_retyped: pairsOf(sides)
        .filter((pair) => pair.from.type !== pair.to.type)
        .map((pair) => ({ name: pair.to.name, from: pair.from.type, to: pair.to.type })),
      changes_by_column: keyed ? Object.fromEntries(changes.filter(([, count]) => count > 0)) : {},
      samples,
      differences: added + removed + (keyed ? changed : 0) === 0 ? null : differencesName,
    };
  },
});
