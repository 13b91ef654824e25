import { randomBytes } from 'node:crypto';

import { migrations } from '@pulser/migrations';
import { emptyDatabase, eventually, testDatabase, type TestDatabase } from '@pulser/testing';

import {
  checkRole,
  checkSchemaVersion,
  Database,
  DatabaseUnavailable,
  migrateDown,
  migrateUp,
  RoleTooPowerful,
  SchemaTooNew,
  SchemaTooOld,
  statement,
} from '../src/index.js';

/** The migration that makes the floor, and those after it. */
const sinceFloor = migrations.length - migrations.findIndex(({ name }) => name.startsWith('SchemaFloor'));

interface Opening {
  readonly synchronousCommit?: 'on' | 'off';
  readonly prepare?: boolean;
  readonly poolMax?: number;
}

const open = async (url: string, opening: Opening = {}): Promise<Database> => {
  const { synchronousCommit = 'on', prepare = true, poolMax = 3 } = opening;
  const database = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: poolMax, DATABASE_PREPARE: prepare },
    applicationName: 'database-spec',
    synchronousCommit,
    entities: [],
    onIdleError: () => undefined,
  });
  await database.connect();
  return database;
};

const tenant = '00000000-0000-7000-8000-000000000001';
const setting = statement('spec.setting', `select current_setting('synchronous_commit') as value`);
const whoAmI = statement('spec.who', `select current_user as role, pulser.tenant_id() as tenant`);

// Roles belong to the whole server: other specs use it at this moment.
const stranger = `pulser_spec_${randomBytes(6).toString('hex')}`;

describe('a database', () => {
  let server: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    server = await testDatabase(migrateUp);
    database = await open(server.url('pulser_service'));
  });

  afterAll(async () => {
    await database.close();
    await server.query(`drop role if exists ${stranger}`);
    await server.drop();
  });

  it('keeps statements apart whose long names begin alike', async () => {
    const one = await open(server.url('pulser_service'), { poolMax: 1 });
    const name = `spec.${'long+'.repeat(20)}`;
    const answers = [];
    for (const text of ['a', 'b', 'a', 'b']) {
      const wanted = statement(`${name}${text}`, `select '${text}' as value`);
      answers.push(...(await one.query<{ value: string }>(wanted)));
      answers.push(...(await one.queryAs<{ value: string }>(tenant, wanted)));
    }
    expect(answers.map(({ value }) => value).join('')).toBe('aabbaabb');
    await one.close();
  });

  it('waits for the disk at a commit, unless it was told not to', async () => {
    const asyncCommit = await open(server.url('pulser_service'), { synchronousCommit: 'off' });
    expect(await database.query(setting)).toEqual([{ value: 'on' }]);
    expect(await asyncCommit.query(setting)).toEqual([{ value: 'off' }]);
    await asyncCommit.close();
  });

  it('binds a transaction to its tenant and role, and only that one', async () => {
    expect(await database.queryAs(tenant, whoAmI)).toEqual([{ role: 'pulser_app', tenant }]);
    expect(await database.query(whoAmI)).toEqual([{ role: 'pulser_service', tenant: null }]);
  });

  it('refuses a tenant id that is none', async () => {
    await expect(database.withTenant(`'; drop table tenant; --`, () => Promise.resolve())).rejects.toThrow('UUID');
  });

  it('undoes what a failed transaction did', async () => {
    const add = statement('spec.add', `insert into idempotency_key values ($1, 'k', '', $1, now())`);
    const rows = statement('spec.rows', 'select key from idempotency_key');
    await server.query(`insert into tenant (tenant_id, name) values ($1, 'acme')`, [tenant]);
    const broken = database.withTenant(tenant, async (transaction) => {
      await transaction.query(add, [tenant]);
      throw new Error('after the write');
    });
    await expect(broken).rejects.toThrow('after the write');
    expect(await database.query(rows)).toEqual([]);
  });

  it('undoes a single statement that failed, and goes on with the next', async () => {
    const wrong = statement('spec.divide', 'select 1 / $1::int as n');
    await expect(database.queryAs(tenant, wrong, [0])).rejects.toHaveProperty('code', '22012');
    expect(await database.queryAs(tenant, wrong, [1])).toEqual([{ n: 1 }]);
    expect(await database.query(whoAmI)).toEqual([{ role: 'pulser_service', tenant: null }]);
  });

  it('plans a statement for any values once, where another is planned for each', async () => {
    const text = `select count(*)::int as n from task_queue where task_id = any ($1)`;
    const often = statement('spec.often', text);
    const once = statement('spec.once', text, { genericPlan: true });
    const plans = statement(
      'spec.plans',
      `select custom_plans::int as n from pg_prepared_statements where name = any ($1) order by name`,
    );
    const one = await open(server.url('pulser_service'), { poolMax: 1 });
    await one.query(often, [[tenant]]);
    await one.query(once, [[tenant]]);
    await one.queryAs(tenant, once, [[tenant]]);
    expect(await one.query(plans, [['spec.often', 'spec.once']])).toEqual([{ n: 1 }, { n: 0 }]);
    await one.close();
  });

  it('refuses two statements of one name, and goes on', async () => {
    const one = await open(server.url('pulser_service'), { poolMax: 1 });
    await one.query(statement('spec.same', 'select 1 as n'));
    await expect(one.query(statement('spec.same', 'select 2 as n'))).rejects.toThrow('"spec.same"');
    await one.ping();
    await one.close();
  });

  it('does the same without prepared statements, as a pooler may need it', async () => {
    const plain = await open(server.url('pulser_service'), { synchronousCommit: 'off', prepare: false });
    const once = statement('spec.plain', `select current_setting('plan_cache_mode') as plans`, { genericPlan: true });
    expect(await plain.query(once)).toEqual([{ plans: 'force_generic_plan' }]);
    expect(await plain.query(setting)).toEqual([{ value: 'off' }]);
    expect(await plain.queryAs(tenant, whoAmI)).toEqual([{ role: 'pulser_app', tenant }]);
    expect(await plain.withTenant(tenant, (transaction) => transaction.query(whoAmI))).toEqual([
      { role: 'pulser_app', tenant },
    ]);
    await plain.close();
  });

  it('hands on a connection on which a transaction could not even begin', async () => {
    // A login that may not become pulser_app: the transaction is open when that is refused.
    await server.query(`create role ${stranger} login`);
    const url = new URL(server.url());
    url.username = stranger;
    const strange = await open(url.href);
    await expect(strange.withTenant(tenant, () => Promise.resolve())).rejects.toHaveProperty('code', '42501');
    await strange.ping().finally(() => strange.close());
  });

  it('tells a lost connection apart from a wrong statement, and comes back by itself', async () => {
    const sleep = statement('spec.sleep', 'select pg_sleep(30)');
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`;
    const sleeping = database.query(sleep).catch((error: unknown) => error);
    let killed: unknown[] = [];
    while (killed.length === 0) killed = await server.query(kill);
    expect(await sleeping).toBeInstanceOf(DatabaseUnavailable);
    await expect(database.query(statement('spec.wrong', 'select nothing'))).rejects.not.toBeInstanceOf(
      DatabaseUnavailable,
    );
    await database.ping();
  });

  it('takes a message that PostgreSQL cannot read for a wrong statement, and keeps the connection', async () => {
    const one = await open(server.url('pulser_service'), { poolMax: 1 });
    const pid = statement('spec.protocol-pid', 'select pg_backend_pid() as pid');
    const tooMany = statement('spec.protocol', 'select $1::int as n');
    const before = await one.query(pid);
    const error = await one.query(tooMany, [1, 2]).catch((thrown: unknown) => thrown);
    expect(error).toHaveProperty('code', '08P01');
    expect(error).not.toBeInstanceOf(DatabaseUnavailable);
    expect(await one.query(pid)).toEqual(before);
    expect(await one.query(tooMany, [1])).toEqual([{ n: 1 }]);
    await one.close();
  });

  it('says how to cure a server that does not answer', async () => {
    const error = await open('postgresql://nobody@127.0.0.1:1/none').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(error).toHaveProperty('startHint', expect.stringContaining('DATABASE_URL'));
  });
});

describe('a service', () => {
  let server: TestDatabase;

  beforeEach(async () => {
    server = await emptyDatabase();
  });

  afterEach(() => server.drop());

  const using = async (url: string, check: (database: Database) => Promise<void>): Promise<void> => {
    const database = await open(url);
    await check(database).finally(() => database.close());
  };

  it('refuses a login that no policy binds', async () => {
    await expect(using(server.url(), checkRole)).rejects.toBeInstanceOf(RoleTooPowerful);
    await migrateUp(server.url());
    await using(server.url('pulser_app'), checkRole);
    await using(server.url('pulser_service'), checkRole);
  });

  it('refuses a schema older than itself and names the cure', async () => {
    await expect(using(server.url(), checkSchemaVersion)).rejects.toHaveProperty(
      'startHint',
      expect.stringContaining('npm run migrate'),
    );
    await migrateUp(server.url());
    await using(server.url('pulser_app'), checkSchemaVersion);
    await migrateDown(server.url(), 1);
    await expect(using(server.url('pulser_app'), checkSchemaVersion)).rejects.toBeInstanceOf(SchemaTooOld);
  });

  it('works on a newer schema, unless that is for later releases only', async () => {
    await migrateUp(server.url());
    await server.query(`insert into pulser_migration (timestamp, name) values (1763840000999, 'Later1763840000999')`);
    await using(server.url('pulser_app'), checkSchemaVersion);
    await server.query('update pulser.schema_floor set version = 1763840000999');
    await expect(using(server.url('pulser_service'), checkSchemaVersion)).rejects.toBeInstanceOf(SchemaTooNew);
    await server.query('update pulser.schema_floor set version = 0');
    await server.query(`delete from pulser_migration where timestamp = 1763840000999`);
  });

  it('is migrated without keeping others waiting behind a lock that it does not get', async () => {
    await migrateUp(server.url());
    const reader = await open(server.url('pulser_app'), { poolMax: 2 });
    const floor = statement('spec.floor', 'select version from pulser.schema_floor');
    const down = await reader.withTenant(tenant, async (transaction) => {
      await transaction.query(floor);
      const undone = migrateDown(server.url(), sinceFloor);
      await eventually(async () => {
        const waiting = await server.query(`select from pg_locks where not granted and mode = 'AccessExclusiveLock'
          and relation = 'pulser.schema_floor'::regclass`);
        expect(waiting).toHaveLength(1);
      });
      // It comes behind the migration, which waits for this transaction: for ever, if the migration did not give up.
      await reader.query(floor);
      return { undone };
    });
    await down.undone;
    await reader.close();
    await expect(using(server.url('pulser_app'), checkSchemaVersion)).rejects.toBeInstanceOf(SchemaTooOld);
  });
});
