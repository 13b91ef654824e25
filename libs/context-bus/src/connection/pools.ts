import { Injectable, type OnApplicationShutdown, type OnModuleInit, Optional } from '@nestjs/common';
import { checkRole, checkSchemaVersion, Database, type DatabaseOptions, DatabaseUnavailable } from '@pulser/database';
import { Readiness } from '@pulser/service-kit';

// The pools of a service: one whose commits wait for the disk, and where wanted one whose commits do not.

/** Commits without waiting for the disk: for claims and renewals, whose loss in a crash only delays a task. */
export class AsyncCommitDatabase extends Database {}

/** Whether a failure of a batch is that of all its items: an outage is, a bad value fails only its own item. */
export const sharedFailure = (error: unknown): boolean => error instanceof DatabaseUnavailable;

/** A connected pool. @throws DatabaseUnavailable, SchemaTooOld, RoleTooPowerful */
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
    @Optional() private readonly asyncCommit?: AsyncCommitDatabase,
  ) {}

  onModuleInit(): void {
    this.readiness.add('database', () => this.database.ping());
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.database.close(), this.asyncCommit?.close()]);
  }
}
