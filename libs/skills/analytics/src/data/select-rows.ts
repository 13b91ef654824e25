// Rows of a task's data for operations that compute on all of them: none may be missing without a word.
import { skillErrors, type TaskContext, TaskError } from '@pulser/agent-runtime/skill';
import type { Column } from '@pulser/charts';
import { type Rows, sharedSandboxes, type Source, withStagedSources } from '@pulser/data-sandbox';

/** How the operations on series fail because of their payload: the same SQL on the same data fails again. */
export const analysisErrors = skillErrors({
  query_failed: { permanent: true },
  source_unreadable: { permanent: true },
  irregular_series: { permanent: true },
});

export interface Selection {
  readonly sources: readonly Source[];
  readonly sql: string;
}

const inWords = (count: number): string => count.toLocaleString('en');

/**
 * Runs the SQL of a task in a sandbox. @param limit rows at most
 * @throws TaskError `invalid_payload` when there are more; as the sandbox does
 */
export const selectRows = async (
  { sources, sql }: Selection,
  limit: number,
  { signal, openData }: TaskContext,
): Promise<Rows> => {
  const rows = await withStagedSources(
    sources,
    (staged) => sharedSandboxes.run({ sources: staged, sql, keepRows: limit + 1, chart: undefined }, signal),
    openData,
  );
  const { rowCount } = rows;
  if (rowCount !== null && rowCount <= limit && rows.rows.length === rowCount) return rows;
  const many = rowCount === null ? `more than ${inWords(limit)}` : inWords(rowCount);
  throw new TaskError(
    'invalid_payload',
    `The SQL returns ${many} rows, and at most ${inWords(limit)} rows or 4 MB are read: aggregate them in the SQL (GROUP BY), or take fewer columns`,
    { details: { rows: rowCount, max_rows: limit } },
  );
};

/** Index of a column by its name; as in SQL, case counts only when it must. */
export const columnIndex = (columns: readonly Column[], field: string, name: string): number => {
  const exact = columns.findIndex((column) => column.name === name);
  const index = exact >= 0 ? exact : columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
  if (index >= 0) return index;
  throw new TaskError('invalid_payload', `${field} names the column ${name}, which the SQL does not return`, {
    details: { columns: columns.map((column) => ({ ...column })) },
  });
};
