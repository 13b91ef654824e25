import { emptyDatabase, type TestDatabase } from '@pulser/testing';

import { cli } from '../src/index.js';

describe('the command line', () => {
  let database: TestDatabase;
  const before = process.env['DATABASE_URL'];

  beforeEach(async () => {
    database = await emptyDatabase();
    process.env['DATABASE_URL'] = database.url();
  });

  afterEach(async () => {
    process.env['DATABASE_URL'] = before;
    await database.drop();
  });

  it('migrates an empty database and leaves a current one alone', async () => {
    expect((await cli(['migrate'])).out).toMatch(/^Ran Foundations/);
    expect((await cli(['migrate'])).out).toBe('The schema is up to date');
    expect((await cli(['migrate', 'down', '1'])).exitCode).toBe(0);
    expect((await cli(['migrate'])).out).toMatch(/^Ran /);
  });

  it('migrates no server that has fewer connections than the services may open', async () => {
    process.env['DATABASE_CONNECTIONS'] = '99999';
    try {
      expect(await cli(['migrate'])).toMatchObject({
        exitCode: 1,
        err: expect.stringMatching(
          /The services may open 99999 connections \(DATABASE_CONNECTIONS\), and the server has \d+ for them/,
        ) as string,
      });
      expect(await database.query(`select to_regclass('pulser_migration') as migrations`)).toEqual([
        { migrations: null },
      ]);
      process.env['DATABASE_CONNECTIONS'] = '1';
      expect((await cli(['migrate'])).out).toMatch(/^Ran /);
    } finally {
      delete process.env['DATABASE_CONNECTIONS'];
    }
  });

  it('waits for the schema, and no longer than it is told to', async () => {
    expect(await cli(['schema', 'wait', '--for', '1'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('lacks the migrations') as string,
    });
    const waiting = cli(['schema', 'wait', '--for', '100']);
    await cli(['migrate']);
    expect((await waiting).out).toBe('The schema is that of this build, or newer');
    await cli(['migrate', 'down', '1']);
    expect((await cli(['schema', 'wait', '--for', '1'])).exitCode).toBe(1);
  });

  it('makes a key of which only a hash is kept', async () => {
    await cli(['migrate']);
    const { out } = await cli(['keys', 'create', '--tenant', 'acme', '--name', 'laptop']);
    expect(out).toMatch(/^pulser_[\w-]{43}$/);
    const rows = await database.query(
      'select k.name, k.prefix, k.key_hash, t.name as tenant from api_key k join tenant t using (tenant_id)',
    );
    expect(rows).toMatchObject([{ name: 'laptop', tenant: 'acme' }]);
    expect(JSON.stringify(rows)).not.toContain(out);
  });

  it('sets what a tenant gets, and gives it the usual again', async () => {
    await cli(['migrate']);
    await cli(['keys', 'create', '--tenant', 'acme']);
    const set = (...args: string[]) => cli(['tenants', 'set', '--tenant', 'acme', ...args]);
    expect((await set('--weight', '3', '--max-waiting', '500')).out).toBe(
      'acme  weight 3  max waiting 500  max daily default  retention days default  dataset quota default',
    );
    await set('--max-waiting', 'default', '--max-daily', '90', '--retention-days', '7');
    await set('--dataset-quota', '50000000000');
    expect((await cli(['tenants', 'list'])).out).toBe(
      'acme  weight 3  max waiting default  max daily 90  retention days 7  dataset quota 50000000000',
    );
    expect((await set('--weight', 'much')).exitCode).toBe(64);
    expect((await cli(['tenants', 'set', '--tenant', 'nobody'])).err).toContain('There is no tenant "nobody"');
  });

  it('checks the audit trail, and says where it is broken', async () => {
    await cli(['migrate']);
    await cli(['keys', 'create', '--tenant', 'acme']);
    await cli(['tenants', 'set', '--tenant', 'acme', '--weight', '3']);
    expect((await cli(['audit', 'verify'])).out).toBe('the installation  0 entries, intact\nacme  2 entries, intact');
    await database.query(`update audit_entry set targets = '{}' where action = 'tenant.changed'`);
    expect(await cli(['audit', 'verify', '--tenant', 'acme'])).toMatchObject({
      exitCode: 1,
      err: 'pulser audit: the trail of acme is broken at entry 2',
    });
  });

  it('pauses an agent for all tenants, until it resumes it', async () => {
    await cli(['migrate']);
    expect((await cli(['pauses', 'pause', '--agent', 'dash', '--reason', 'upgrade'])).out).toBe('Paused');
    expect((await cli(['pauses', 'list'])).out).toMatch(/^agent dash {2}since .* {2}upgrade$/);
    expect((await cli(['pauses', 'resume', '--agent', 'dash'])).out).toBe('Resumed');
    expect((await cli(['pauses', 'list'])).out).toBe('Nothing is paused for all tenants');
    expect((await cli(['pauses', 'pause', '--agent', 'nobody'])).exitCode).toBe(64);
  });

  it('tells whoever calls it wrongly how to call it', async () => {
    expect(await cli([])).toMatchObject({ exitCode: 64, err: expect.stringContaining('Usage') as string });
    expect(await cli(['keys', 'create'])).toMatchObject({ exitCode: 64 });
    expect(await cli(['migrate', 'sideways'])).toMatchObject({ exitCode: 64 });
  });

  it('says in one line what to do about a wrong configuration or a missing server', async () => {
    const right = database.url();
    process.env['DATABASE_URL'] = 'nonsense';
    expect(await cli(['migrate'])).toMatchObject({
      exitCode: 78,
      err: expect.stringMatching(/DATABASE_URL/) as string,
    });
    const wrong = (change: Partial<URL>): string => Object.assign(new URL(right), change).href;
    for (const url of [wrong({ port: '1' }), wrong({ username: 'nobody' }), wrong({ pathname: '/none' })]) {
      process.env['DATABASE_URL'] = url;
      for (const command of [['migrate'], ['tenants', 'list']]) {
        const { exitCode, err } = await cli(command);
        expect(exitCode).toBe(1);
        expect(err).toMatch(/DATABASE_URL/);
        expect(err.split('\n')).toHaveLength(1);
      }
    }
  });

  it('says which login it needs when that of a service may not do it', async () => {
    await cli(['migrate']);
    process.env['DATABASE_URL'] = Object.assign(new URL(database.url()), { username: 'pulser_app' }).href;
    const { exitCode, err } = await cli(['tenants', 'set', '--tenant', 'acme', '--weight', '2']);
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: expect.stringMatching(/URL of the administrator/) as string,
    });
  });

  it('asks for a migration before it makes a key', async () => {
    expect((await cli(['keys', 'create', '--tenant', 'acme'])).err).toMatch(/npm run migrate/);
  });
});
