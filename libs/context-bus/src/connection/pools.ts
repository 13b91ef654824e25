import { Injectable, type OnApplicationShutdown, type OnModuleInit, Optional } from '@nestjs/common';
import { checkRole, checkSchemaVersion, Database, type DatabaseOptions, DatabaseUnavailable } from '@pulser/database';
import { Metrics, Readiness } from '@pulser/service-kit';

// The pools of a service: one whose commits wait for the disk, and where wanted one whose commits do not.

/** Commits without waiting for the disk: for claims and renewals, whose loss in a crash only delays a task. */
export class AsyncCommitDatabase extends Database {}

/** Whether a failure of a batch is that of all its items: an outage is, a bad value fails only its own item. */
export const sharedFailure = (error: unknown): boolean => error instanceof DatabaseUnavailable;

/** A connected pool. @throws DatabaseUnavailable, SchemaTooOld, SchemaTooNew, RoleTooPowerful */
export const openPool = async <T extends Database>(
  kind: new (options: DatabaseOptions) => T,
  options: DatabaseOptions,
): Promise<T> => {
  const database = new kind(options);
  await database.connect();
  await checkRole(database);
  await checkSchemaVersion(database);
  return database;
};

/** Reports the database to readiness and closes the pools after everything that uses them. */
@Injectable()
export class DatabaseLifetime implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    private readonly readiness: Readiness,
    metrics: Metrics,
    @Optional() private readonly asyncCommit?: AsyncCommitDatabase,
  ) {
    const uses = (): { total: number; idle: number; waiting: number }[] =>
      [this.database, this.asyncCommit].flatMap((pool) => pool?.poolUse ?? []);
    metrics.gauge({
      name: 'pulser_database_connections',
      help: 'Connections to the database that are busy and idle, and callers that wait for one',
      labelNames: ['state'],
      collect() {
        const sum = (of: 'total' | 'idle' | 'waiting'): number => uses().reduce((all, use) => all + use[of], 0);
        this.labels('busy').set(sum('total') - sum('idle'));
        this.labels('idle').set(sum('idle'));
        this.labels('waiting').set(sum('waiting'));
      },
    });
  }

  onModuleInit(): void {
    // Also of a schema that was restored, or migrated on, beneath a service that runs.
    this.readiness.add('database', () => checkSchemaVersion(this.database));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.database.close(), this.asyncCommit?.close()]);
  }
}
