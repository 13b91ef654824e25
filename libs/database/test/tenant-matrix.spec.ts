import { testDatabase, type TestDatabase } from '@pulser/testing';

import { migrateUp } from '../src/index.js';
import { rolledBack } from './rls/rolled-back.js';
import { tablesWithTenant, tenantMatrix } from './rls/tenant-matrix.js';

describe('row-level security', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase(migrateUp);
  });

  afterAll(() => database.drop());

  it('shows and gives every table to its own tenant only, even if the gateway had every right', async () => {
    const tables = await rolledBack(database.url(), tablesWithTenant);
    let cells = 0;
    for (const table of tables) {
      const result = await rolledBack(database.url(), (client) => tenantMatrix(client, table));
      expect({ table, wrong: result.wrong }).toEqual({ table, wrong: [] });
      cells += result.cells;
    }
    process.stdout.write(`row-level security: ${tables.length} tables, ${cells} cells of the matrix as they must be\n`);
    expect(tables).toEqual(expect.arrayContaining(['dead_letter', 'task_queue', 'tenant']));
  });

  it('finds no setting on a new connection, so that the matrix has a cell without one', async () => {
    const { rows } = await rolledBack(database.url(), (client) =>
      client.query(`select current_setting('app.tenant_id', true) as tenant`),
    );
    expect(rows).toEqual([{ tenant: null }]);
  });

  const later = (create: string): Promise<readonly string[]> =>
    rolledBack(database.url(), async (client) => {
      await client.query(create);
      expect(await tablesWithTenant(client)).toContain('later');
      return (await tenantMatrix(client, 'later')).wrong;
    });

  it('is missed on a table that comes later and has no policies', async () => {
    const wrong = await later('create table later (tenant_id uuid not null references tenant, note text not null)');
    expect(wrong).toContain('pulser_app with tenant a: select tenant_id from later: "a b" instead of "a"');
  });

  it('says what to add when no row can be made of a table that comes later', async () => {
    await expect(later('create table later (tenant_id uuid, place point not null)')).rejects.toThrow(
      'later.place: no value of type point is known: add one to byType in sample-values.ts',
    );
    await expect(later(`create table later (tenant_id uuid, note text check (note = 'x') not null)`)).rejects.toThrow(
      'later: no row of it can be made: add what it needs to besides in sample-values.ts',
    );
  });
});
