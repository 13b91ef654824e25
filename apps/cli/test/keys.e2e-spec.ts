import { emptyDatabase, type TestDatabase } from '@pulser/testing';

import { cli } from '../src/index.js';

const unknown = '019a0000-0000-7000-8000-000000000000';

describe('keys on the command line', () => {
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

  const keys = (...args: string[]) => cli(['keys', ...args]);
  const lines = async (): Promise<string[]> => (await keys('list', '--tenant', 'acme')).out.split('\n');
  const newest = async (): Promise<string> => (await lines())[0]?.split('  ')[0] ?? '';

  it('are an administrator’s unless a role is named, for as long and for the types that are named', async () => {
    await keys('create', '--tenant', 'acme');
    const bounds = ['--role', 'operator', '--task-types', 'analytics,testing', '--expires-in', '30d'];
    const { out } = await keys('create', '--tenant', 'acme', '--name', 'ci', ...bounds);
    const [bounded = '', first = ''] = await lines();
    expect(first).toMatch(/ cli {2}admin {2}every type {2}active {2}expires never {2}used never$/);
    expect(bounded).toMatch(/ ci {2}operator {2}analytics,testing {2}active {2}expires \d{4}-/);
    expect(bounded).toContain(`${out.slice(0, 13)}...`);
    expect(bounded).not.toContain(out);
  });

  it('are rotated and revoked, the last one of an administrator too', async () => {
    await keys('create', '--tenant', 'acme', '--name', 'turning');
    const { out } = await keys('rotate', '--tenant', 'acme', await newest(), '--overlap', '0s');
    expect(out).toMatch(/^pulser_[\w-]{43}$/);
    const [next = '', old = ''] = await lines();
    expect([next, old].map((line) => / (active|expired) /.exec(line)?.[1])).toEqual(['active', 'expired']);
    for (const line of (await lines()).filter((one) => one.includes(' active '))) {
      const [keyId = ''] = line.split('  ');
      expect((await keys('revoke', '--tenant', 'acme', keyId)).out).toBe(`Revoked ${keyId}`);
    }
    expect((await keys('revoke', '--tenant', 'acme', await newest())).err).toContain('no valid key');
  });

  it('are made for a tenant that exists from then on, and only for one that is meant', async () => {
    await keys('create', '--tenant', 'typo', '--role', 'root');
    expect((await keys('list', '--tenant', 'typo')).exitCode).toBe(64);
    await keys('create', '--tenant', 'newcomer');
    expect((await keys('list', '--tenant', 'newcomer')).out).toContain(' active ');
  });

  it('are never those of another tenant', async () => {
    await keys('create', '--tenant', 'acme');
    const keyId = await newest();
    await keys('create', '--tenant', 'globex');
    for (const order of ['rotate', 'revoke']) {
      expect((await keys(order, '--tenant', 'globex', keyId)).err).toContain('no valid key');
    }
  });

  it('of the installation are an administrator’s, an operator’s or a viewer’s, and of no tenant', async () => {
    const { out } = await keys('create', '--installation', '--name', 'night shift', '--role', 'operator');
    expect(out).toMatch(/^pulser_installation_[\w-]{43}$/);
    const [line = ''] = (await keys('list', '--installation')).out.split('\n');
    expect(line).toMatch(/ {2}night shift {2}operator {2}active {2}expires never {2}used never$/);
    expect(line).not.toContain(out);
    expect((await keys('list', '--tenant', 'acme')).out).not.toContain('night shift');
    const [keyId = ''] = line.split('  ');
    expect((await keys('revoke', '--tenant', 'acme', keyId)).err).toContain('no valid key');
    expect((await keys('revoke', '--installation', keyId)).out).toBe(`Revoked ${keyId}`);
    expect((await keys('revoke', '--installation', keyId)).err).toContain('no valid key');
    expect((await keys('list', '--installation')).out).toContain(' revoked ');
    const trail = await database.query<{ action: string; via: string }>(
      `select action, actor ->> 'via' as via from installation_audit order by seq`,
    );
    expect(trail).toEqual([
      { action: 'installation-key.created', via: 'pulser keys create' },
      { action: 'installation-key.revoked', via: 'pulser keys revoke' },
    ]);
  });

  it.each([
    [['create', '--installation', '--role', 'approver'], '--role: '],
    [['create', '--installation', '--task-types', 'testing'], '--task-types: '],
    [['create', '--installation', '--tenant', 'acme'], 'Either --tenant <name> or --installation'],
    [['rotate', '--installation', unknown], '--tenant'],
    [['list', '--tenant', 'nobody'], 'There is no tenant of this name'],
    [['create', '--tenant', 'acme', '--role', 'root'], '--role: '],
    [['create', '--tenant', 'acme', '--expires-in', 'soon'], '--expires-in is a time span'],
    [['rotate', '--tenant', 'acme', 'pulser_abc'], 'Usage'],
    [['rotate', '--tenant', 'acme', unknown, '--overlap', '31d'], '--overlap: '],
    [['revoke', '--tenant', 'acme', unknown, unknown], 'Usage'],
    [['burn', '--tenant', 'acme', unknown], 'Usage'],
    [['list'], '--tenant'],
  ])('%j is refused with the reason', async (args, reason) => {
    expect(await keys(...args)).toMatchObject({ exitCode: 64, err: expect.stringContaining(reason) as string });
  });
});
