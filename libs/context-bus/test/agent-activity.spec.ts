import { Database, migrateUp } from '@pulser/database';
import { sketchOf } from '@pulser/sketch';
import { testDatabase, type TestDatabase } from '@pulser/testing';

import { AgentActivity, TaskEntity, Tenants } from '../src/index.js';

describe('what agents did in the last minutes', () => {
  let server: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    server = await testDatabase(migrateUp);
    database = new Database({
      settings: { DATABASE_URL: server.url('pulser_service'), DATABASE_POOL_MAX: 2, DATABASE_PREPARE: true },
      applicationName: 'agent-activity',
      synchronousCommit: 'on',
      entities: [TaskEntity],
      onIdleError: () => undefined,
    });
    await database.connect();
  });

  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  it('is added up over tenants, with the logarithms of run times out of their sketches', async () => {
    const tenants = new Tenants(database);
    const runs = { acme: [10, 20, 400], other: [5] };
    for (const [tenant, durations] of Object.entries(runs)) {
      const { buckets, counts } = sketchOf(durations);
      await server.query(
        `insert into agent_rollup (tenant_id, level, at, agent_name, task_type, operation, submitted, completed, failed,
           run_buckets, run_counts)
         values ($1, 'minute', date_trunc('minute', now()), 'dash', 'analytics', 'query', 9, $2, 1, $3, $4)`,
        [await tenants.ensure(tenant), durations.length, buckets, counts],
      );
    }
    const [row, ...rest] = await new AgentActivity(database).minutes();
    expect(rest).toEqual([]);
    expect(row).toMatchObject({ agent: 'dash', operation: 'query', completed: 4, failed: 2 });
    const logs = [10, 20, 400, 5].map((ms) => Math.log(ms)).reduce((sum, one) => sum + one, 0);
    // A bucket's upper end is at most 2 % above a duration in it.
    expect(row?.runLogs).toBeGreaterThanOrEqual(logs);
    expect(row?.runLogs).toBeLessThan(logs + 4 * 0.0201);
  });
});
