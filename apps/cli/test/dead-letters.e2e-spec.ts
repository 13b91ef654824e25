import { emptyDatabase, type TestDatabase } from '@pulser/testing';

import { cli } from '../src/index.js';

describe('dead letters on the command line', () => {
  let database: TestDatabase;
  const before = process.env['DATABASE_URL'];

  beforeAll(async () => {
    database = await emptyDatabase();
    process.env['DATABASE_URL'] = database.url();
    await cli(['migrate']);
    await cli(['keys', 'create', '--tenant', 'acme']);
    await database.query(
      `insert into dead_letter (tenant_id, reason, error, source_queue, body, burial_key)
       select case n when 4 then (select tenant_id from tenant) end, 'unauthenticated',
         '{"message": "The API key is not valid"}', 'router.tasks', convert_to('order ' || n, 'UTF8'), n
       from generate_series(1, 4) as n`,
    );
  });

  afterAll(async () => {
    process.env['DATABASE_URL'] = before;
    await database.drop();
  });

  const run = async (...args: string[]): Promise<string> => {
    const { exitCode, out, err } = await cli(['dead-letters', ...args]);
    if (exitCode !== 0) throw new Error(`${exitCode}: ${err}`);
    return out;
  };

  const states = () => database.query('select state, settled_by, discard_reason from dead_letter order by burial_key');

  it('lists those that belong to nobody, oldest first', async () => {
    expect((await run('list')).match(/order \d/g)).toEqual(['order 1', 'order 2', 'order 3']);
    expect((await run('list', '--limit', '1')).match(/order \d/g)).toEqual(['order 1']);
  });

  it('discards some or all of these with a reason, once, and none of a tenant', async () => {
    const [id = ''] = (await run('list', '--limit', '1')).split(' ');
    expect(await run('discard', id, '--reason', 'spam')).toBe('Discarded 1 of 1');
    expect(await run('discard', id, '--reason', 'spam')).toBe('Discarded 0 of 1');
    expect(await run('discard', '--all', '--reason', 'more spam')).toBe('Discarded 2 of 2');
    expect(await run('list')).toBe('There are none without a tenant');
    expect(await states()).toMatchObject([
      { state: 'discarded', settled_by: 'command line', discard_reason: 'spam' },
      { state: 'discarded', discard_reason: 'more spam' },
      { state: 'discarded' },
      { state: 'open' },
    ]);
  });

  it.each([
    [[]],
    [['list', 'x']],
    [['list', '--limit', '0']],
    [['discard', '--reason', 'x']],
    [['discard', '--all']],
    [['discard', '--all', '--reason', ' ']],
    [['discard', 'x', '--reason', 'x']],
  ])('tells whoever calls it wrongly how to call it: %j', async (args) => {
    expect(await cli(['dead-letters', ...args])).toMatchObject({ exitCode: 64, out: '' });
  });
});
