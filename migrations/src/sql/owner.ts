// pulser_owner, the role that owns everything and has no login: how statements and functions run as it.
import type { QueryRunner } from 'typeorm';

/** Runs statements in order as pulser_owner. Each migration is one transaction. */
export const runAsOwner = async (runner: QueryRunner, statements: readonly string[]): Promise<void> => {
  await runner.query('set local role pulser_owner');
  for (const statement of statements) await runner.query(statement);
  await runner.query('reset role');
};

/**
 * Search path of a function that runs as its owner. PostgreSQL searches pg_temp first unless the path names it: the checks
 * of a type that the caller made there would run as the owner.
 */
export const ownersPath = 'set search_path = pg_catalog, pg_temp';
