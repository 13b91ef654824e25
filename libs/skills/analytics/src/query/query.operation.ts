import { operation, type TaskContext } from '@pulser/agent-runtime/skill';
import { type Chart, pictureOf, sharedPainter } from '@pulser/charts';
import {
  queryErrors,
  removeAbandonedFolders,
  type Rows,
  sharedSandboxes,
  withStagedSources,
} from '@pulser/data-sandbox';

import { example, maxRows, QueryInput, type QueryResult } from './query-contract.js';

// The operation `query`: SQL in a sandbox, then a chart of its rows.

// A worker that was killed could not remove its own.
void removeAbandonedFolders();

const select = ({ sources, sql, chart, max_rows }: QueryInput, { signal, openData }: TaskContext): Promise<Rows> =>
  withStagedSources(
    sources,
    (staged) =>
      // A chart is drawn of more rows than the result keeps.
      sharedSandboxes.run({ sources: staged, sql, chart, keepRows: chart === undefined ? max_rows : maxRows }, signal),
    openData,
  );

const inWords = (count: number): string => count.toLocaleString('en');

/** What the reader of a chart must know about its rows. */
const notesOn = ({ rows, rowCount }: Rows): string[] => {
  if (rowCount === 0) return ['No rows'];
  if (rowCount === rows.length) return [];
  return [`The first ${inWords(rows.length)} of ${rowCount === null ? 'many more' : inWords(rowCount)} rows`];
};

/** @returns what the chart says about its rows */
const draw = async (chart: Chart, rows: Rows, context: TaskContext): Promise<readonly string[]> => {
  const picture = pictureOf(chart, rows, notesOn(rows));
  const { svg, png } = await sharedPainter.paint(picture, context.signal);
  await context.artifact('chart.svg', 'image/svg+xml', svg);
  await context.artifact('chart.png', 'image/png', png);
  return picture.notes ?? [];
};

const resultOf = ({ columns, rows, rowCount, elapsedMs, sources }: Rows, limit: number): QueryResult => {
  const kept = rows.slice(0, limit).map((row) => [...row]);
  return {
    columns: [...columns],
    rows: kept,
    row_count: rowCount,
    truncated: rowCount !== kept.length,
    elapsed_ms: elapsedMs,
    guessed: sources.some(({ guesses }) => guesses.length > 0),
    sources: [...sources],
  };
};

/** Runs SQL on data that comes with the task, and draws its result. */
export const query = operation({
  name: 'query',
  summary: 'Runs one SQL statement on CSV or JSON data and, if wanted, draws a chart of its rows',
  input: QueryInput,
  example,
  errors: queryErrors,
  // Queries and charts have processes of their own: here it only waits for them.
  inline: true,
  handle: async (input, context): Promise<QueryResult> => {
    const rows = await select(input, context);
    context.progress(70, 'The query has run');
    const result = resultOf(rows, input.max_rows);
    if (input.chart === undefined) return result;
    return { ...result, chart_notes: [...(await draw(input.chart, rows, context))] };
  },
});
