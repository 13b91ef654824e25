import { type Database, statement } from '@pulser/database';

const count = statement(
  'bench.ended-rows',
  `select count(*) filter (where status = 'completed')::int as completed,
     count(*) filter (where completed_at is null)::int as open from task_queue`,
);

export interface EndedRows extends Record<string, unknown> {
  readonly completed: number;
  /** Rows that have not ended, well or badly. */
  readonly open: number;
}

/** A look at every row: never while something is measured. */
export const endedRows = async (database: Database): Promise<EndedRows> => {
  const [rows] = await database.query<EndedRows>(count);
  if (rows === undefined) throw new Error('a count has no row');
  return rows;
};
