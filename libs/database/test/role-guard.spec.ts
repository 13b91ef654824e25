import { randomBytes } from 'node:crypto';

import { testDatabase, type TestDatabase } from '@pulser/testing';

import { checkRole, Database, migrateUp } from '../src/index.js';

describe('the start of a service', () => {
  let server: TestDatabase;
  let login: string;

  beforeEach(async () => {
    server = await testDatabase(migrateUp);
    login = `pulser_spec_${randomBytes(6).toString('hex')}`;
    await server.query(`create role ${login} login`);
  });

  afterEach(async () => {
    await server.query(`drop owned by ${login}`);
    await server.query(`drop role ${login}`);
    await server.drop();
  });

  const started = async (user: string): Promise<void> => {
    const url = new URL(server.url());
    url.username = user;
    const database = new Database({
      settings: { DATABASE_URL: url.href, DATABASE_POOL_MAX: 1, DATABASE_PREPARE: true },
      applicationName: 'role-guard-spec',
      synchronousCommit: 'on',
      entities: [],
      onIdleError: () => undefined,
    });
    await database.connect();
    await checkRole(database).finally(() => database.close());
  };

  const refusal = async (): Promise<unknown> => {
    const error: unknown = await started(login).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'RoleTooPowerful',
      startHint: expect.stringContaining('pulser_app') as string,
    });
    return error;
  };

  it.each(['pulser_app', 'pulser_service'])('accepts %s, and a login that is a member of it', async (role) => {
    await started(role);
    await server.query(`grant ${role} to ${login}`);
    await started(login);
  });

  it.each([
    ['a superuser', 'superuser', 'is a superuser'],
    ['a role with BYPASSRLS', 'bypassrls', 'has BYPASSRLS'],
  ])('refuses %s', async (_, option, reason) => {
    await server.query(`alter role ${login} ${option}`);
    expect(await refusal()).toHaveProperty('message', expect.stringContaining(`"${login}" ${reason}`));
  });

  it('refuses the owner of a table with tenants', async () => {
    await server.query(`alter table task_pause owner to ${login}`);
    expect(await refusal()).toHaveProperty('message', expect.stringContaining('owns the table task_pause'));
    await server.query('alter table task_pause owner to pulser_owner');
  });

  it('refuses a member of pulser_owner, even one that inherits nothing', async () => {
    await server.query(`alter role ${login} noinherit`);
    await server.query(`grant pulser_owner to ${login}`);
    expect(await refusal()).toHaveProperty('message', expect.stringContaining('can become "pulser_owner"'));
  });

  it('refuses a login that reaches a powerful role through another one', async () => {
    const between = `${login}_between`;
    await server.query(`create role ${between} bypassrls`);
    await server.query(`grant ${between} to ${login}`);
    const error = await refusal().finally(() => server.query(`drop role ${between}`));
    expect(error).toHaveProperty('message', expect.stringContaining(`can become "${between}", which has BYPASSRLS`));
  });
});
