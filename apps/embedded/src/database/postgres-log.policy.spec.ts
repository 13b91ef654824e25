import { PostgresLog } from './postgres-log.js';

const logOf = (...lines: readonly string[]): PostgresLog => {
  const log = new PostgresLog();
  lines.forEach(log.add);
  return log;
};

describe('the log of the embedded PostgreSQL', () => {
  it('gives no reason while nothing was fatal', () => {
    expect(logOf('2026-11-23 05:43:31 UTC [42] LOG:  redo starts at 0/1EC26550').reason).toBeUndefined();
  });

  it('gives the first fatal complaint, because later ones follow from it', () => {
    const log = logOf(
      '2026-11-23 05:47:35 UTC [42] PANIC:  could not write to file "pg_wal/xlogtemp.42": No space left on device',
      'Aborted()',
      '2026-11-23 05:47:35 UTC [42] PANIC:  XLogBeginInsert was already called',
    );
    expect(log.reason).toBe('could not write to file "pg_wal/xlogtemp.42": No space left on device');
  });

  it('gives the detail with it', () => {
    const log = logOf(
      '2026-11-23 05:46:56 UTC [42] FATAL:  database files are incompatible with server',
      '2026-11-23 05:46:56 UTC [42] DETAIL:  It was initialized by PostgreSQL version 17.',
    );
    expect(log.reason).toBe(
      'database files are incompatible with server (It was initialized by PostgreSQL version 17.)',
    );
  });
});
