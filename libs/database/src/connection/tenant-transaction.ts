import type pg from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

import type { Statement } from './statement.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

// Travels with the first statement. The role is set too: where the session's own role may see every tenant, this transaction may not.
const begin = (tenantId: string): string => {
  if (!uuid.test(tenantId)) throw new TypeError('A tenant id is a UUID');
  return `begin; select set_config('role', 'pulser_app', true), set_config('app.tenant_id', '${tenantId}', true)`;
};

/** A transaction bound to one tenant. */
export class TenantTransaction {
  private constructor(
    /** TypeORM reads inside this transaction. */
    readonly manager: EntityManager,
    private readonly client: pg.PoolClient,
    private readonly prepare: boolean,
  ) {}

  async query<Row extends pg.QueryResultRow>(
    { name, text }: Statement,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const result = await this.client.query<Row>({ ...(this.prepare && { name }), text, values: [...values] });
    return result.rows;
  }

  static async run<T>(
    dataSource: DataSource,
    prepare: boolean,
    tenantId: string,
    work: (transaction: TenantTransaction) => Promise<T>,
  ): Promise<T> {
    const runner = dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as pg.PoolClient;
      return await committed(client, tenantId, () => work(new TenantTransaction(runner.manager, client, prepare)));
    } finally {
      await release(runner);
    }
  }
}

const committed = async <T>(client: pg.PoolClient, tenantId: string, work: () => Promise<T>): Promise<T> => {
  const opening = begin(tenantId);
  try {
    // When it fails, so does all that comes after it: a broken transaction answers nothing else.
    const [, result] = await Promise.all([client.query(opening), work()]);
    await client.query('commit');
    return result;
  } catch (error) {
    // On a broken connection this fails too; the first error is the one to tell.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
};

const release = async (runner: QueryRunner): Promise<void> => {
  if (!runner.isReleased) await runner.release();
};
