// Database logins and broker users of services are replaced while tasks run: the steps of deploy/security.md.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeMigratedDatabase } from '@pulser/harness';
import { TestVirtualHost } from '@pulser/testing';
import pg from 'pg';
import { workspaceRoot } from '../local/workspace.mjs';
import { Fleet } from './fleet.mjs';

const patienceMs = 300_000;
const { permissions, topic_permissions: topics } = JSON.parse(
  readFileSync(join(workspaceRoot, 'deploy/rabbitmq/definitions.json'), 'utf8'),
);

const brokerUsers = { gateway: 'gateway', router: 'router', dash: 'worker-dash' };
const roles = { gateway: 'pulser_app', router: 'pulser_service', dash: 'pulser_service' };
const mark = randomBytes(4).toString('hex');
const loginOf = (role, set) => `${role}_${mark}_${set}`;

/** As the administrator, one statement after the other. */
const administer = async (url, statements) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const text of statements) await client.query(text);
  await client.end();
};

describe('logins and users of services', () => {
  let database;
  let host;
  let fleet;

  beforeAll(async () => {
    database = await makeMigratedDatabase({
      serverUrl: process.env.DATABASE_URL,
      prefix: 'rotation',
      tenants: ['acme'],
    });
    host = await TestVirtualHost.make();
    fleet = await Fleet.in(database.tenants[0].key);
    await addLogins('old');
    fleet.services = await fleet.start(variablesOf('old', ''));
  }, patienceMs);

  afterAll(async () => {
    await fleet?.remove();
    await host?.drop();
    await database?.drop();
    const all = ['old', 'new'].flatMap((set) => ['pulser_app', 'pulser_service'].map((role) => loginOf(role, set)));
    await administer(
      process.env.DATABASE_URL,
      all.map((login) => `drop role if exists ${login}`),
    );
  }, patienceMs);

  /** Logins of their own that are members of Pulser's roles. */
  const addLogins = (set) =>
    administer(
      database.url,
      ['pulser_app', 'pulser_service'].map((role) => `create role ${loginOf(role, set)} login in role ${role}`),
    );

  const addBrokerUsers = (suffix) => {
    const wanted = Object.values(brokerUsers);
    const renamed = (of) =>
      of.filter(({ user }) => wanted.includes(user)).map((one) => ({ ...one, user: `${one.user}${suffix}` }));
    return host.add({ permissions: renamed(permissions), topic_permissions: renamed(topics) });
  };

  const variablesOf = (set, suffix) => (name) => {
    const login = new URL(database.url);
    login.username = loginOf(roles[name], set);
    return { DATABASE_URL: login.href, AMQP_URL: host.urlOf(`${brokerUsers[name]}${suffix}`), LOG_LEVEL: 'warn' };
  };

  const closeLogins = (set) =>
    administer(
      database.url,
      ['pulser_app', 'pulser_service']
        .map((role) => loginOf(role, set))
        .flatMap((login) => [
          `alter role ${login} nologin`,
          `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${login}'`,
        ]),
    );

  it(
    'are replaced without a task that fails or a request that is refused, and the old ones are worth nothing then',
    async () => {
      const outcomes = [];
      let isOver = false;
      const client = async () => {
        while (!isOver) outcomes.push(await fleet.runTask());
      };
      const load = Promise.all(Array.from({ length: 4 }, client));

      await addLogins('new');
      await addBrokerUsers('~2');
      const old = fleet.services;
      fleet.services = await fleet.start(variablesOf('new', '~2'));
      // A request of the load may still be on its way to the old gateway: it finishes that.
      await fleet.stop(old);
      await closeLogins('old');
      for (const user of Object.values(brokerUsers)) await host.shutOut(user);

      const before = outcomes.length;
      while (outcomes.length < before + 20) await fleet.runTask();
      isOver = true;
      await load;
      expect(new Set(outcomes)).toEqual(new Set(['completed']));

      const { code, said } = await fleet.refused('gateway', variablesOf('old', '')('gateway'));
      expect(code).not.toBe(0);
      expect(said).toContain('not permitted to log in');
    },
    patienceMs,
  );
});
