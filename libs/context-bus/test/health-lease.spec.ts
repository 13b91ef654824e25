import { Database, migrateUp } from '@pulser/database';
import { eventually, testDatabase, type TestDatabase } from '@pulser/testing';

import { HealthLease } from '../src/index.js';

describe('the lease of the health services', () => {
  let server: TestDatabase;
  let database: Database;
  let lease: HealthLease;

  beforeAll(async () => {
    server = await testDatabase(migrateUp);
    database = await openDatabase(server);
    lease = new HealthLease(database);
  });

  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  it('is held by one of many that ask at the same moment, and stays with it', async () => {
    const holders = ['a', 'b', 'c', 'd'];
    const taken = await Promise.all(holders.map((holder) => lease.take(holder, 60)));
    expect(taken.filter((epoch) => epoch !== undefined)).toHaveLength(1);
    const again = await Promise.all(holders.map((holder) => lease.take(holder, 60)));
    expect(again).toEqual(taken);
    await lease.release(1);
  });

  it('goes to another one when it has run out, with the next epoch: the one before can note nothing', async () => {
    const old = (await lease.take('frozen', 1)) ?? 0;
    expect(await lease.remember(old, { seen: 'by the old one' })).toBe(true);
    await eventually(async () => {
      expect(await lease.take('awake', 60)).toBe(old + 1);
    });
    expect(await lease.remember(old, { seen: 'late' })).toBe(false);
    expect(await lease.take('frozen', 60)).toBeUndefined();
    expect(await lease.remembered(old + 1)).toEqual({ seen: 'by the old one' });
    await lease.release(old + 1);
  });

  it('has a new epoch for a holder that let it run out', async () => {
    const first = (await lease.take('slow', 60)) ?? 0;
    await lease.release(first);
    expect(await lease.take('slow', 60)).toBe(first + 1);
    expect(await lease.remember(first, {})).toBe(false);
  });
});

const openDatabase = async (server: TestDatabase): Promise<Database> => {
  const database = new Database({
    settings: { DATABASE_URL: server.url('pulser_service'), DATABASE_POOL_MAX: 4, DATABASE_PREPARE: true },
    applicationName: 'health-lease',
    synchronousCommit: 'on',
    entities: [],
    onIdleError: () => undefined,
  });
  await database.connect();
  return database;
};
