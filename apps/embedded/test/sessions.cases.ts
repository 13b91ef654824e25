import { cpSync } from 'node:fs';

import { checkRole, type Database, migrateUp } from '@pulser/database';
import { eventually } from '@pulser/testing';

import { EmbeddedDatabase } from '../src/database/embedded-database.js';
import { Upkeep, UpkeepStore } from '../src/database/upkeep.js';
import { openPools, sql } from './pools.js';
import { RawClient } from './raw-client.js';
import { TemporaryFolder } from './temporary-folder.js';

const ignored = (): void => undefined;

const neverPanics = (reason: string): never => {
  throw new Error(reason);
};

const acme = '01990000-0000-7000-8000-000000000001';
const globex = '01990000-0000-7000-8000-000000000002';

const addTenant = sql(`insert into tenant (tenant_id, name) values ($1, $2)`);
const countTenants = sql(`select count(*)::int as count from tenant where name = $1`);
const remember = sql(
  `insert into agent_memory (tenant_id, agent_name, memory_type, content) values ($1, 'dash', 'fact', $2)`,
);
const memories = sql(`select content from agent_memory order by content`);
const touchTenants = sql(`update tenant set created_at = now()`);
const fillLog = sql(`select pg_logical_emit_message(false, 'test', repeat('x', 1048576)) from generate_series(1, 33)`);
const whoAmI = sql(`select current_user as role, current_setting('app.tenant_id', true) as tenant`);

/** How often PostgreSQL has made its log durable; it counts with some delay. */
const flushes = async (pool: Database): Promise<number> => {
  await pool.query(sql('select pg_stat_force_next_flush()'));
  const [row] = await pool.query<{ count: number }>(
    sql(`select sum(fsyncs)::int as count from pg_stat_io where object = 'wal'`),
  );
  return row?.count ?? 0;
};

const inAnyOrder = <T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));

/** @param original files that the database made, closed */
export const sessions = (original: TemporaryFolder): void => {
  describe('the embedded database', () => {
    const folder = new TemporaryFolder();
    let database: EmbeddedDatabase;
    let pools: Database[];
    let pool: Database;

    /** Every call gets the next pool. */
    const pick = (n: number): Database => pools[n % pools.length] ?? pool;

    beforeAll(async () => {
      cpSync(original.path, folder.path, { recursive: true });
      database = await EmbeddedDatabase.open(folder.path, neverPanics);
      await migrateUp(database.url);
      await database.become('pulser_service');
      pools = await openPools(database.url, 4);
      pool = pick(0);
      await pool.query(addTenant, [acme, 'acme']);
      await pool.query(addTenant, [globex, 'globex']);
    });

    afterAll(async () => {
      await Promise.all(pools.map((one) => one.close()));
      await database.close();
      folder[Symbol.dispose]();
    });

    describe('isolates tenants', () => {
      it('serves nobody as a superuser', async () => {
        await Promise.all(pools.map(checkRole));
        await expect(pool.query(sql('create role intruder superuser'))).rejects.toThrow(/permission denied/);
      });

      it('shows a transaction of a tenant the rows of that tenant alone, whatever the others do meanwhile', async () => {
        await inAnyOrder(20, async (n) => {
          const tenant = n % 2 === 0 ? acme : globex;
          await pick(n).withTenant(tenant, (transaction) => transaction.query(remember, [tenant, tenant]));
        });

        const seen = await inAnyOrder(40, async (n) => {
          const tenant = n % 2 === 0 ? acme : globex;
          const rows = await pick(n).withTenant(tenant, (transaction) =>
            transaction.query<{ content: string }>(memories),
          );
          return { tenant, contents: rows.map(({ content }) => content) };
        });

        for (const { tenant, contents } of seen) expect(contents).toEqual(Array<string>(10).fill(tenant));
      });

      it('lets a tenant write no row of another', async () => {
        const forged = pool.queryAs(acme, remember, [globex, 'forged']);
        await expect(forged).rejects.toThrow(/row-level security/);
      });

      it('binds nobody to a tenant any more when the transaction has ended, well or not', async () => {
        await pool.queryAs(acme, whoAmI);
        await expect(pool.withTenant(globex, () => Promise.reject(new Error('no')))).rejects.toThrow('no');

        const answers = await inAnyOrder(8, (n) => pick(n).query(whoAmI));
        for (const [row] of answers) expect(row).toEqual({ role: 'pulser_service', tenant: '' });
      });
    });

    describe('serves several clients', () => {
      it('gives each its own values, however large and in how many pieces they come', async () => {
        const large = (n: number): string => `${n}-`.repeat(400_000);
        const answers = await inAnyOrder(60, (n) =>
          n % 4 === 1
            ? pick(n).query(sql('select $1::text as text, $2::int as n'), [large(n), n])
            : pick(n).query(sql('select $2::text as text, $1::int as n'), [n, String(n)]),
        );

        answers.forEach(([row], n) => {
          expect(row).toEqual({ text: n % 4 === 1 ? large(n) : String(n), n });
        });
      });

      it('runs their transactions one after the other', async () => {
        const count = sql(`select (metadata ->> 'count')::int as count from agent_memory where content = 'counter'`);
        const setCount = sql(
          `update agent_memory set metadata = jsonb_build_object('count', $1::int) where content = 'counter'`,
        );
        await pool.queryAs(acme, remember, [acme, 'counter']);

        await inAnyOrder(40, (n) =>
          pick(n).withTenant(acme, async (transaction) => {
            const [row] = await transaction.query<{ count: number | null }>(count);
            await transaction.query(setCount, [(row?.count ?? 0) + 1]);
          }),
        );

        expect(await pool.queryAs(acme, count)).toEqual([{ count: 40 }]);
      });

      it('lets an error end the transaction it happens in and no other', async () => {
        const results = await Promise.allSettled(
          Array.from({ length: 20 }, (_, n) =>
            pick(n).withTenant(acme, (transaction) => transaction.query(sql(`select 12 / ${n % 2} as result`))),
          ),
        );

        expect(results.map(({ status }) => status)).toEqual(
          Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'rejected' : 'fulfilled')),
        );
      });

      it('rolls back what a client began that went away', async () => {
        const client = await RawClient.connect(database.url);
        await client.query(`begin; insert into tenant (name) values ('ghost')`);
        await client.answered('INSERT');
        const waiting = pool.query(countTenants, ['ghost']);
        await client.vanish();

        expect(await waiting).toEqual([{ count: 0 }]);
      });

      it('goes on after a client that went away in the middle of a failed statement', async () => {
        const client = await RawClient.connect(database.url);
        await client.parse('select from from');
        await client.answered('syntax error');
        await client.vanish();

        expect(await pool.query(sql('select 1 as one'))).toEqual([{ one: 1 }]);
      });
    });

    describe('keeps what was committed', () => {
      it('and nothing else when the process dies at any moment', async () => {
        await pool.query(addTenant, ['01990000-0000-7000-8000-000000000003', 'committed']);
        const client = await RawClient.connect(database.url);
        await client.query(`begin; insert into tenant (name) values ('uncommitted')`);
        await client.answered('INSERT');
        using moment = new TemporaryFolder();
        // The files as a crash would leave them.
        cpSync(folder.path, moment.path, { recursive: true });
        await client.vanish();

        const recovered = await EmbeddedDatabase.open(moment.path, neverPanics);
        const [connection] = await openPools(recovered.url, 1);
        expect(await connection?.query(countTenants, ['committed'])).toEqual([{ count: 1 }]);
        expect(await connection?.query(countTenants, ['uncommitted'])).toEqual([{ count: 0 }]);
        await connection?.close();
        await recovered.close();
      });

      it('on disk, before it says so', async () => {
        const before = await flushes(pool);
        for (let n = 0; n < 10; n += 1) await pool.query(touchTenants);

        await eventually(async () => {
          expect(await flushes(pool)).toBeGreaterThanOrEqual(before + 10);
        });
      });
    });

    describe('is kept tidy', () => {
      it('has no dead rows and a short log after a round of upkeep', async () => {
        const store = new UpkeepStore(pool);
        await pool.query(sql(`insert into tenant (name) select 'tenant-' || n from generate_series(1, 2000) n`));
        await pool.query(touchTenants);
        await pool.query(fillLog);
        expect(await store.logBytes()).toBeGreaterThan(32 * 1_048_576);
        expect(await store.staleTables()).toContain('public.tenant');

        const upkeep = new Upkeep(store, ignored);
        await upkeep.tidy().finally(() => upkeep.stop());

        expect(await store.logBytes()).toBeLessThan(1_048_576);
        expect(await store.staleTables()).not.toContain('public.tenant');
      });
    });
  });
};
