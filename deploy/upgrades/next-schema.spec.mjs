// Services of this build on the schema of the next release, and of one after the contract step.
import { setTimeout as pause } from 'node:timers/promises';
import { administer, dropNamespace, makeMigratedDatabase } from '@pulser/harness';
import { Fleet } from './fleet.mjs';

const patienceMs = 300_000;

/** What an expand migration of the next release may do, as the lint of the migrations allows it. */
const nextRelease = [
  'set role pulser_owner',
  'alter table task_queue add column next_release text',
  `alter table task_queue add column next_default text not null default 'a'`,
  'alter table api_key add column next_release int',
  'alter table tenant add column next_release jsonb',
  'create table next_release_table (tenant_id uuid not null references tenant, at timestamptz)',
  'create index concurrently next_release_index on api_key (tenant_id, next_release)',
  'reset role',
  `insert into pulser_migration (timestamp, name) values (1763840000999, 'NextRelease1763840000999')`,
];
const contractStep = ['update pulser.schema_floor set version = 1763840000999'];
const contractUndone = ['update pulser.schema_floor set version = 0'];

describe('services of this release', () => {
  const namespace = `upgrades${process.pid}`;
  const prefix = 'upgrades';
  let database;
  let fleet;

  beforeAll(async () => {
    database = await makeMigratedDatabase({ serverUrl: process.env.DATABASE_URL, prefix, tenants: ['acme'] });
    fleet = await Fleet.in(database.tenants[0].key);
    fleet.services = await fleet.start(variablesOf);
  }, patienceMs);

  afterAll(async () => {
    await fleet?.remove();
    await dropNamespace(process.env.AMQP_URL, namespace);
    await database?.drop();
  }, patienceMs);

  const variablesOf = (name) => {
    const login = new URL(database.url);
    login.username = name === 'gateway' ? 'pulser_app' : 'pulser_service';
    return { DATABASE_URL: login.href, AMQP_URL: process.env.AMQP_URL, AMQP_NAMESPACE: namespace, LOG_LEVEL: 'warn' };
  };

  const readinessOf = async ({ url }) => {
    const answer = await fetch(`${url}/health/ready`);
    return { isReady: answer.ok, text: await answer.text() };
  };

  const untilAll = async (isReady) => {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const states = await Promise.all(fleet.services.map(readinessOf));
      if (states.every((state) => state.isReady === isReady)) return states;
      if (Date.now() > deadline) throw new Error(`Not all have isReady ${isReady}: ${JSON.stringify(states)}`);
      await pause(100);
    }
  };

  it(
    'work on while the schema of the next release comes, and start on it',
    async () => {
      expect(await fleet.runTask()).toBe('completed');
      const meanwhile = Promise.all(Array.from({ length: 20 }, () => fleet.runTask()));
      await administer(database.url, nextRelease);
      expect(new Set(await meanwhile)).toEqual(new Set(['completed']));
      expect(await fleet.runTask()).toBe('completed');
      await untilAll(true);

      await fleet.stop();
      fleet.services = await fleet.start(variablesOf);
      expect(await fleet.runTask()).toBe('completed');
    },
    patienceMs,
  );

  it(
    'take themselves out when the schema is for later releases only, do not start on it, and come back when that is undone',
    async () => {
      await administer(database.url, contractStep);
      for (const { text } of await untilAll(false)) expect(text).toContain('is for services that know its migration');
      const { code, said } = await fleet.refused('gateway', variablesOf('gateway'));
      expect(code).not.toBe(0);
      expect(said).toContain('1763840000999');

      await administer(database.url, contractUndone);
      await untilAll(true);
      expect(await fleet.runTask()).toBe('completed');
    },
    patienceMs,
  );
});
