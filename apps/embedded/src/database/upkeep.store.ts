import { type Database, statement } from '@pulser/database';

const logBytes = statement(
  'upkeep.log-bytes',
  `select (pg_current_wal_insert_lsn() - redo_lsn)::float8 as bytes from pg_control_checkpoint()`,
);

const checkpoint = statement('upkeep.checkpoint', 'checkpoint');

// Otherwise counted up to a minute late.
const count = statement('upkeep.count', 'select pg_stat_force_next_flush()');

// The thresholds of autovacuum: https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM
const stale = statement(
  'upkeep.stale',
  `select format('%I.%I', schemaname, relname) as name from pg_stat_all_tables
   where schemaname <> 'pg_toast'
     and (n_dead_tup > 50 + 0.2 * n_live_tup or n_mod_since_analyze > 50 + 0.1 * n_live_tup)
   order by n_dead_tup desc`,
);

const vacuum = (table: string) => statement(`upkeep.vacuum ${table}`, `vacuum (analyze) ${table}`);

/** What a PostgreSQL server does for itself in the background. Needs the roles pg_maintain and pg_checkpoint. */
export class UpkeepStore {
  constructor(private readonly database: Database) {}

  /** Log written since the last checkpoint: what a start after a crash has to read. */
  async logBytes(): Promise<number> {
    const [row] = await this.database.query<{ bytes: number }>(logBytes);
    return row?.bytes ?? 0;
  }

  async checkpoint(): Promise<void> {
    await this.database.query(checkpoint);
  }

  /** Tables with many dead rows or changes, ready to be put into a statement. */
  async staleTables(): Promise<string[]> {
    await this.database.query(count);
    return (await this.database.query<{ name: string }>(stale)).map(({ name }) => name);
  }

  async vacuum(table: string): Promise<void> {
    await this.database.query(vacuum(table));
  }
}
