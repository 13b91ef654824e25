// The operation `explain_change`: both sides added up in DuckDB for each value of each dimension, then the exact parts of
// their difference, with a chart of the dimension that tells most.
import { operation, TaskError, type TaskContext } from '@pulser/agent-runtime/skill';
import { Chart, pictureOf, sharedPainter, type Table } from '@pulser/charts';
import type { Rows } from '@pulser/data-sandbox';

import { analysisErrors, selectRows } from '../data/select-rows.js';
import { readingOf } from '../series/series-input.js';
import { changeQuery, maxValues, prefix } from './change-query.js';
import { checkAmounts, checkSides, comparedOf, notesOn } from './comparison.js';
import { grossOf, shiftOf } from './contributions.policy.js';
import { decimalOf } from './exact-decimal.policy.js';
import { example, ExplainChangeInput, type ExplainChangeResult } from './explain-change-contract.js';
import { type Dimension, dimensionOf, measureOf, ordered } from './explained-view.js';

const tableOf = ({ dimension, contributors, others }: Dimension): Table => ({
  columns: [
    { name: dimension, type: 'VARCHAR' },
    { name: 'change', type: 'DOUBLE' },
  ],
  rows: [
    ...contributors.map(({ value, change }) => [value, Number(change)]),
    ...(others === null ? [] : [[`(${others.values} others)`, Number(others.change)]]),
  ],
});

const draw = async (input: ExplainChangeInput, result: ExplainChangeResult, context: TaskContext): Promise<void> => {
  const [first] = result.dimensions;
  if (first === undefined) return;
  const { title, theme } = input;
  const chart = Chart.parse({
    kind: 'bar',
    x: first.dimension,
    y: 'change',
    title,
    theme,
    y_label: 'Contribution to the change',
  });
  const note = `From ${result.before} to ${result.after}: a change of ${result.change}`;
  const picture = pictureOf(chart, tableOf(first), [note, ...result.notes]);
  const { svg, png } = await sharedPainter.paint(picture, context.signal);
  await context.artifact('change.svg', 'image/svg+xml', svg);
  await context.artifact('change.png', 'image/png', png);
};

/** The place of an error in the SQL of the task, not in the statement around it. */
const inOwnSql = (thrown: unknown, sql: string): unknown => {
  if (!(thrown instanceof TaskError) || thrown.code !== 'query_failed') return thrown;
  const { details } = thrown.facts;
  const { position, line } = details ?? {};
  if (typeof position !== 'number' || typeof line !== 'number') return thrown;
  const own = { ...details, position: position - prefix.length, line: line - 1 };
  // A column that the SQL does not return is missed behind it.
  if (own.position > sql.length) return analysisErrors.error('query_failed', thrown.message, { cause: thrown });
  return analysisErrors.error('query_failed', thrown.message, { details: own, cause: thrown });
};

/** Values listed by the statement, with the whole and the rest of each dimension. */
const maxRows = 6 * (maxValues + 1) + 1;

const compare = async (input: ExplainChangeInput, context: TaskContext): Promise<Rows> => {
  try {
    return await selectRows({ sources: input.sources, sql: changeQuery(input) }, maxRows, context);
  } catch (thrown) {
    throw inOwnSql(thrown, input.sql);
  }
};

const resultOf = (input: ExplainChangeInput, rows: Rows): ExplainChangeResult => {
  const compared = comparedOf(rows, input);
  checkSides(input, compared);
  checkAmounts(input, compared);
  const { whole, parts, facts } = compared;
  const measure = measureOf(input, compared);
  const explained = parts.map(measure.explain);
  const dimensions = input.dimensions.map((name, at) => {
    const [some, one] = [parts[at] ?? [], explained[at] ?? { listed: [], others: null }];
    const shift = input.metric.kind === 'ratio' ? null : shiftOf(some, whole);
    return { view: dimensionOf(name, some, one, measure, shift), gross: grossOf(one) };
  });
  const write = (units: bigint): string => decimalOf(units, measure.scale);
  return {
    before: write(measure.before),
    after: write(measure.after),
    change: write(measure.after - measure.before),
    rows: { before: whole.rowsBefore, after: whole.rowsAfter, neither: facts.neither },
    dimensions: ordered(dimensions),
    notes: notesOn(compared, input, explained),
    ...readingOf(rows),
  };
};

/** Says which values of which dimensions made the difference between two periods or groups; all parts add up exactly. */
export const explainChange = operation({
  name: 'explain_change',
  summary:
    'Splits the difference between two periods or groups into what each value of each dimension adds to it, exactly',
  input: ExplainChangeInput,
  example,
  errors: analysisErrors,
  // The sums are made in a sandbox; here are a few thousand of them at most.
  inline: true,
  handle: async (input, context): Promise<ExplainChangeResult> => {
    const rows = await compare(input, context);
    context.progress(70, 'Both sides have been added up');
    const result = resultOf(input, rows);
    await draw(input, result, context);
    return result;
  },
});
