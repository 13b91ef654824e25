import { testDatabase, type TestDatabase } from '@pulser/testing';

import { Database, migrateUp, statement, type TenantTransaction } from '../src/index.js';

const tenants = Array.from({ length: 200 }, (_, n) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`);

/** Visits under way: eight for each connection. */
const atOnce = 40;

const memories = statement('spec.memories', 'select tenant_id as tenant, content from agent_memory order by content');
const add = statement(
  'spec.add-memory',
  `insert into agent_memory (tenant_id, agent_name, memory_type, content) values ($1, 'dash', 'fact', $2)`,
);
// Lets transactions of other tenants in between.
const linger = statement('spec.linger', 'select pg_sleep(random() * 0.02)');
const divide = statement('spec.divide', 'select 1 / 0');
const cancel = statement('spec.cancel', `select set_config('statement_timeout', '20ms', true)`);
const sleep = statement('spec.sleep', 'select pg_sleep(10)');
const reset = statement('spec.reset', 'reset app.tenant_id');
const everybody = statement('spec.everybody', 'select count(*)::int as rows from agent_memory');
const settings = statement(
  'spec.settings',
  `select nullif(current_setting('app.tenant_id', true), '') as tenant, current_user as role`,
);

type Mishap = (transaction: TenantTransaction) => Promise<unknown>;

/** What may happen in the middle of a transaction. */
const mishaps: Readonly<Record<string, Mishap>> = {
  'a statement that fails': (transaction) => transaction.query(divide),
  'a statement that is cancelled': (transaction) => transaction.query(cancel).then(() => transaction.query(sleep)),
  'work that fails': () => Promise.reject(new Error('The work failed')),
};

describe('many tenants on a small pool', () => {
  let server: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    server = await testDatabase(migrateUp);
    await server.query(`insert into tenant (tenant_id, name) select id, 't-' || id from unnest($1::uuid[]) id`, [
      tenants,
    ]);
    await server.query(
      `insert into agent_memory (tenant_id, agent_name, memory_type, content)
       select id, 'dash', 'fact', 'of ' || id from unnest($1::uuid[]) id`,
      [tenants],
    );
    database = new Database({
      // As the gateway's login, which no policy shows a row without a tenant.
      settings: { DATABASE_URL: server.url('pulser_app'), DATABASE_POOL_MAX: 5, DATABASE_PREPARE: true },
      applicationName: 'interleaved-spec',
      synchronousCommit: 'off',
      entities: [],
      onIdleError: () => undefined,
    });
    await database.connect();
  });

  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  const own = (tenant: string) => [{ tenant, content: `of ${tenant}` }];

  const seenBy = (tenant: string): Promise<unknown[]> => database.queryAs(tenant, memories);

  /** Reads, lingers, writes, lingers, reads; then something happens that undoes the write. */
  const visit = (tenant: string, mishap: Mishap): Promise<unknown[][]> => {
    const seen: unknown[][] = [];
    return database
      .withTenant(tenant, async (transaction) => {
        seen.push(await transaction.query(memories));
        await transaction.query(linger);
        await transaction.query(add, [tenant, 'on trial']);
        await transaction.query(linger);
        seen.push(await transaction.query(memories));
        await mishap(transaction);
      })
      .then(
        () => Promise.reject(new Error('Nothing happened')),
        () => seen,
      );
  };

  it('each see their own rows and no others, whatever happens to those beside them', async () => {
    const kinds = [undefined, ...Object.values(mishaps)];
    const visitOf = async (tenant: string, n: number): Promise<void> => {
      const mishap = kinds[n % kinds.length];
      const seen = mishap === undefined ? [await seenBy(tenant)] : await visit(tenant, mishap);
      const withTrial = [...own(tenant), { tenant, content: 'on trial' }];
      expect(seen).toEqual(mishap === undefined ? [own(tenant)] : [own(tenant), withTrial]);
    };
    // Not all at once: on a slow machine the last ones would wait for a connection for longer than one may.
    for (let from = 0; from < tenants.length; from += atOnce) {
      const some = tenants.slice(from, from + atOnce);
      await Promise.all(some.map((tenant, n) => visitOf(tenant, from + n)));
      expect(await Promise.all(some.map(seenBy))).toEqual(some.map(own));
    }
    expect(database.poolUse).toMatchObject({ total: 5, idle: 5, waiting: 0 });
    process.stdout.write(
      `row-level security: ${tenants.length} tenants in turns on a pool of 5, no row of another seen\n`,
    );
  }, 240_000);

  it.each(Object.entries(mishaps))('leave no setting behind after %s', async (_, mishap) => {
    await Promise.all(tenants.slice(0, 5).map((tenant) => visit(tenant, mishap)));
    const left = await Promise.all(Array.from({ length: 5 }, () => database.query(settings)));
    expect(left.flat()).toEqual(Array.from({ length: 5 }, () => ({ tenant: null, role: 'pulser_app' })));
    expect(await database.query(everybody)).toEqual([{ rows: 0 }]);
  });

  it('see nothing any more once their setting is reset, and the next user sees its own', async () => {
    const [first = '', second = ''] = tenants;
    const after = await database.withTenant(first, async (transaction) => {
      await transaction.query(reset);
      return transaction.query(memories);
    });
    expect(after).toEqual([]);
    expect(await Promise.all(Array.from({ length: 5 }, () => seenBy(second)))).toEqual(
      Array.from({ length: 5 }, () => own(second)),
    );
  });

  it('are not bound to what a session was left with', async () => {
    const [first = '', second = ''] = tenants;
    const leave = statement('spec.leave', `select set_config('app.tenant_id', $1, false), pg_sleep(0.05)`);
    const onAll = (value: string) => Promise.all(Array.from({ length: 5 }, () => database.query(leave, [value])));
    await onAll(first);
    expect(await seenBy(second)).toEqual(own(second));
    await onAll('');
  });
});
