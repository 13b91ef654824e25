import type { Database, Statement, TenantTransaction } from '@pulser/database';

/** The process that asked is gone. */
export class Killed extends Error {}

/**
 * A database that a process stops using at its nth call, as when it is killed: `before` the call does anything, or `after` it
 * is committed and before the process knows. Calls inside a transaction count too; one that is cut off is rolled back.
 */
export class FailingDatabase {
  calls = 0;

  constructor(
    private readonly database: Database,
    private readonly at: number,
    private readonly when: 'before' | 'after',
  ) {}

  get asDatabase(): Database {
    return this as unknown as Database;
  }

  query(wanted: Statement, values?: readonly unknown[]): Promise<object[]> {
    return this.cut(() => this.database.query(wanted, values));
  }

  queryAs(tenantId: string, wanted: Statement, values?: readonly unknown[]): Promise<object[]> {
    return this.cut(() => this.database.queryAs(tenantId, wanted, values));
  }

  withTenant<T>(tenantId: string, work: (transaction: TenantTransaction) => Promise<T>): Promise<T> {
    return this.cut(() =>
      this.database.withTenant(tenantId, (transaction) => {
        const query = (wanted: Statement, values?: readonly unknown[]) =>
          this.cut(() => transaction.query(wanted, values));
        return work({ query } as unknown as TenantTransaction);
      }),
    );
  }

  private async cut<T>(call: () => Promise<T>): Promise<T> {
    this.calls += 1;
    const isLast = this.calls === this.at;
    if (isLast && this.when === 'before') throw new Killed();
    if (this.calls > this.at) throw new Killed();
    const answer = await call();
    if (isLast) throw new Killed();
    return answer;
  }
}
