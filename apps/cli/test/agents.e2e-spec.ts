import { emptyDatabase, type TestDatabase } from '@pulser/testing';

import { cli } from '../src/index.js';

describe('agents on the command line', () => {
  let database: TestDatabase;
  const before = process.env['DATABASE_URL'];

  beforeAll(async () => {
    database = await emptyDatabase();
    process.env['DATABASE_URL'] = database.url();
    await cli(['migrate']);
  });

  afterAll(async () => {
    process.env['DATABASE_URL'] = before;
    await database.drop();
  });

  const agents = (...args: string[]) => cli(['agents', ...args]);

  it('are admitted with a token of which only a hash is kept, listed and revoked', async () => {
    expect((await agents('list')).out).toBe('There are none');
    const { out } = await agents('admit', 'greeter', '--types', 'greetings,farewells', '--backs-up', 'testing');
    expect(out).toMatch(/^pulser_agent_[\w-]{43}$/);
    expect(JSON.stringify(await database.query('select * from admitted_agent'))).not.toContain(out);
    expect((await agents('list')).out.split('\n')).toEqual([
      'farewells  greeter',
      'greetings  greeter',
      'testing  backed up by greeter',
    ]);
    expect((await agents('revoke', 'greeter')).out).toBe('Revoked');
    expect(await agents('revoke', 'greeter')).toMatchObject({
      exitCode: 64,
      err: 'pulser agents: There is no agent from outside called "greeter"',
    });
    expect((await agents('list')).out).toContain('greetings  greeter (revoked)');
  });

  it('get another token and more task types when they are admitted again', async () => {
    const first = await agents('admit', 'again', '--types', 'ones');
    const second = await agents('admit', 'again', '--types', 'twos');
    expect(second.out).not.toBe(first.out);
    expect((await agents('list')).out).toMatch(/^ones {2}again$[^]*^twos {2}again$/m);
  });

  it('have a user of the broker that may use the queue of the agent and nothing else', async () => {
    const { out } = await agents('broker-user', 'greeter');
    const definitions = JSON.parse(out) as { permissions: object[]; topic_permissions: object[] };
    expect(Object.keys(definitions)).toEqual(['permissions', 'topic_permissions']);
    expect(definitions.permissions).toEqual([
      {
        user: 'worker-greeter',
        vhost: '/',
        configure: String.raw`^(agent\.greeter|amq\.gen-.*)$`,
        write: String.raw`^(pulser\.tasks|pulser\.events|pulser\.rpc|pulser\.dead|agent\.greeter|amq\.gen-.*)$`,
        read: String.raw`^(agent\.greeter|pulser\.agents|pulser\.events|amq\.gen-.*)$`,
      },
    ]);
    // Children of its tasks, which are rows of the tenant's already.
    expect(definitions.topic_permissions).toContainEqual({
      user: 'worker-greeter',
      vhost: '/',
      exchange: 'pulser.tasks',
      write: String.raw`^(tasks\.submitted)$`,
      read: '^$',
    });
    expect(definitions.topic_permissions).toContainEqual({
      user: 'worker-greeter',
      vhost: '/',
      exchange: 'pulser.agents',
      write: '^$',
      read: '^(greeter)$',
    });
  });

  it.each([
    [[], 'Usage'],
    [['burn', 'greeter'], 'Usage'],
    [['list', 'greeter'], 'Usage'],
    [['revoke', 'one', 'two'], 'Usage'],
    [['admit'], "missing required argument 'name'"],
    [['admit', 'Greeter', '--types', 'x'], 'The name of an agent is a small letter'],
    [['broker-user', 'a b'], 'The name of an agent is a small letter'],
    [['admit', 'other'], '--types or --backs-up names what the agent may run'],
    [['admit', 'other', '--types', 'x,Y'], '--types names task types, and "Y" cannot be one'],
    [['admit', 'other', '--types', 'analytics'], 'The task type analytics belongs to an agent that comes with Pulser'],
    [['admit', 'dash', '--types', 'x'], 'dash is an agent that comes with Pulser'],
    [['admit', 'other', '--types', 'x', '--backs-up', 'nothing'], 'There is no task type nothing to back up'],
    [['admit', 'other', '--kinds', 'x'], "unknown option '--kinds'"],
  ])('%j is refused with the reason', async (args, reason) => {
    expect(await agents(...args)).toMatchObject({ exitCode: 64, err: expect.stringContaining(reason) as string });
  });
});
