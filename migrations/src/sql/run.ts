import type { QueryRunner } from 'typeorm';

/** Runs statements in order, as the role that owns everything. Each migration is one transaction. */
export const runAsOwner = async (runner: QueryRunner, statements: readonly string[]): Promise<void> => {
  await runner.query('set local role pulser_owner');
  for (const statement of statements) await runner.query(statement);
  await runner.query('reset role');
};
