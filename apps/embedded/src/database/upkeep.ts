import { type Database, statement } from '@pulser/database';

// What a PostgreSQL server does for itself in the background, and PGlite, which has no background processes, does not.

const logBytes = statement(
  'upkeep.log-bytes',
  `select (pg_current_wal_insert_lsn() - redo_lsn)::float8 as bytes from pg_control_checkpoint()`,
);

const checkpoint = statement('upkeep.checkpoint', 'checkpoint');

// Without it the statistics are up to a minute old.
const flushStatistics = statement('upkeep.count', 'select pg_stat_force_next_flush()');

// The thresholds of autovacuum: https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM
const stale = statement(
  'upkeep.stale',
  `select format('%I.%I', schemaname, relname) as name from pg_stat_all_tables
   where schemaname <> 'pg_toast'
     and (n_dead_tup > 50 + 0.2 * n_live_tup or n_mod_since_analyze > 50 + 0.1 * n_live_tup)
   order by n_dead_tup desc`,
);

const vacuum = (table: string) => statement(`upkeep.vacuum ${table}`, `vacuum (analyze) ${table}`);

/** The statements of the upkeep. They need the roles pg_maintain and pg_checkpoint. */
export class UpkeepStore {
  constructor(private readonly database: Database) {}

  /** Log written since the last checkpoint, in bytes: what a start after a crash has to read. */
  async logBytes(): Promise<number> {
    const [row] = await this.database.query<{ bytes: number }>(logBytes);
    return row?.bytes ?? 0;
  }

  async checkpoint(): Promise<void> {
    await this.database.query(checkpoint);
  }

  /** Tables with many dead rows or changes, quoted as a statement needs them. */
  async staleTables(): Promise<string[]> {
    await this.database.query(flushStatistics);
    return (await this.database.query<{ name: string }>(stale)).map(({ name }) => name);
  }

  async vacuum(table: string): Promise<void> {
    await this.database.query(vacuum(table));
  }
}

const intervalMs = 20_000;

/** A start after a crash replays this much in about a second. */
const checkpointBytes = 32 * 1_048_576;

/** Removes dead rows and bounds the log, every 20 seconds. */
export class Upkeep {
  private readonly timer: NodeJS.Timeout;
  private round = Promise.resolve();

  /** @param onFailure gets the error of a round that failed; the next one tries again */
  constructor(
    private readonly store: UpkeepStore,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.timer = setInterval(() => {
      this.round = this.round.then(() => this.tidy()).catch(this.onFailure);
    }, intervalMs);
  }

  /** Statement by statement, so that other connections get a turn in between. */
  async tidy(): Promise<void> {
    for (const table of await this.store.staleTables()) await this.store.vacuum(table);
    if ((await this.store.logBytes()) > checkpointBytes) await this.store.checkpoint();
  }

  /** Resolves when no statement runs any more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }
}
