import { DeadLetterCauses } from '../src/index.js';
import { TaskLife } from './task-life.js';

describe('the fingerprint of an error', () => {
  let life: TaskLife;

  beforeAll(async () => {
    life = await TaskLife.start();
  });

  afterAll(() => life.stop());

  const shape = async (message: string): Promise<string | undefined> => {
    const [row] = await life.server.query<{ shape: string }>('select pulser.error_shape($1) as shape', [message]);
    return row?.shape;
  };

  const fingerprint = async (...values: (string | null)[]): Promise<string | undefined> => {
    const text = 'select pulser.error_fingerprint($1, $2, $3) as fingerprint';
    const [row] = await life.server.query<{ fingerprint: string }>(text, values);
    return row?.fingerprint;
  };

  it.each([
    ['Row 12 of 4711 is bad', 'Row ? of ? is bad'],
    ['took 1,234.5 ms at 12:30:59', 'took ? ms at ?'],
    ['Table "sales_2026" has no column `x`', 'Table ? has no column ?'],
    ["Can't open 'a.csv' and it's gone", "Can't open ? and it's gone"],
    ['Task 01a20706-61b3-75f5-bc08-21fcde8b6b89 is gone', 'Task ? is gone'],
    ['at 0xDEADBEEF in a1b2c3d4e5', 'at ? in ?'],
    ['added a decade of faded cafe', 'added a decade of faded cafe'],
    ['two\n  lines', 'two lines'],
  ])('sees %j as %j', async (message, seen) => {
    expect(await shape(message)).toBe(seen);
  });

  it('differs by task type and code', async () => {
    const prints = [
      await fingerprint('analytics', 'query_failed', 'x'),
      await fingerprint('testing', 'query_failed', 'x'),
      await fingerprint('analytics', 'handler_failed', 'x'),
      await fingerprint(null, 'unparsable', null),
    ];
    expect(new Set(prints).size).toBe(4);
    for (const print of prints) expect(print).toMatch(/^[\da-f]{16}$/);
  });

  it('reads only the beginning of a message of hostile length', async () => {
    expect(await fingerprint('analytics', 'x', `'${'a'.repeat(100_000)}`)).toBe(
      await fingerprint('analytics', 'x', `'${'a'.repeat(200_000)}`),
    );
  });

  it('groups dead letters of one cause, most first, with a sample of the newest', async () => {
    for (const message of ['Row 1 is bad', 'Row 22 is bad', 'No memory']) {
      const claim = await life.claimed(await life.submit());
      await life.results.fail(claim, { code: 'query_failed', message, permanent: true });
    }
    const groups = await new DeadLetterCauses(life.database).list(life.tenantId, { state: 'open' }, 10);
    expect(groups).toMatchObject([
      { count: 2, sample: 'Row 22 is bad', agents: ['dash'], taskTypes: ['analytics'], reason: 'query_failed' },
      { count: 1, sample: 'No memory' },
    ]);
    expect(groups[0]?.firstAt.getTime()).toBeLessThan(groups[0]?.lastAt.getTime() ?? 0);
  });
});
