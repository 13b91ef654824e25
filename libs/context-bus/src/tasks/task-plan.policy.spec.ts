import { idsFrom, merged, stateRanges, taskPlan } from './task-plan.policy.js';
import { idFloor } from './task-sources.js';

describe('how a list of tasks is read', () => {
  it.each([
    [{}, { by: 'all' }],
    [{ created_after: '2026-01-01T00:00:00Z' }, { by: 'all' }],
    [
      { agent: 'dash', parent_id: 'p' },
      { by: 'parent', parentId: 'p' },
    ],
    [
      { status: ['failed'], label: [{ key: 'k', value: 'v' }] },
      { by: 'label', label: { key: 'k', value: 'v' } },
    ],
    [
      { status: ['failed'], error_code: 'e' },
      { by: 'error', code: 'e' },
    ],
    [
      { agent: 'dash', q: 'x' },
      { by: 'text', text: 'x' },
    ],
    [
      { agent: 'dash', status: ['failed'] },
      { by: 'state', ranges: [{ index: 'failed' }] },
    ],
    [
      { agent: 'dash', status: ['completed'] },
      { by: 'route', route: { agent: 'dash' } },
    ],
    [
      { agent: 'dash', submitted_by: 's' },
      { by: 'route', route: { agent: 'dash' } },
    ],
    [
      { submitted_by: 's', status: ['completed'] },
      { by: 'submitter', submitter: 's' },
    ],
    [{ status: ['completed', 'failed'] }, { by: 'all' }],
  ] as const)('%j', (query, plan) => {
    const { ...given } = query as Parameters<typeof taskPlan>[0];
    expect(taskPlan(given)).toEqual(plan);
  });

  it('looks into each index once, as far as the states are in it', () => {
    expect(stateRanges(['running', 'retrying'])).toEqual([{ index: 'active', claimed: true }]);
    expect(stateRanges(['running', 'queued'])).toEqual([{ index: 'active' }]);
    expect(stateRanges(['scheduled', 'waiting', 'cancelled'])).toEqual([{ index: 'pending' }, { index: 'cancelled' }]);
    expect(stateRanges(['waiting'])).toEqual([{ index: 'pending' }]);
  });
});

describe('ids that begin with a text', () => {
  it.each([
    ['019A', '019a0000-0000-0000-0000-000000000000', '019affff-ffff-ffff-ffff-ffffffffffff'],
    ['019a0000-', '019a0000-0000-0000-0000-000000000000', '019a0000-ffff-ffff-ffff-ffffffffffff'],
    [
      '019a0000-0000-7000-8000-00000000000b',
      '019a0000-0000-7000-8000-00000000000b',
      '019a0000-0000-7000-8000-00000000000b',
    ],
  ])('%s', (text, from, to) => {
    expect(idsFrom(text)).toEqual({ from, to });
  });

  it.each(['query', '-', '019a00001', '019a-0000', `${'0'.repeat(8)}-0000-7000-8000-00000000000bc`, ''])(
    'there are none: %s',
    (text) => {
      expect(idsFrom(text)).toBeUndefined();
    },
  );
});

describe('ids of several sources', () => {
  it('are complete down to where the first of them was cut off', () => {
    expect(merged([['f', 'c'], ['e', 'd'], ['b']], 2)).toEqual({ ids: ['f', 'e', 'd'], next: 'd' });
  });

  it('are all of them when none was', () => {
    expect(merged([['f', 'c'], ['c'], []], 3)).toEqual({ ids: ['f', 'c'], next: undefined });
    expect(merged([], 3)).toEqual({ ids: [], next: undefined });
  });
});

describe('the smallest id of a moment', () => {
  it.each([
    ['1960-01-01T00:00:00Z', '00000000-0000-0000-0000-000000000000'],
    ['2026-11-29T09:00:00.123Z', '01a22688-5afb-0000-0000-000000000000'],
    ['9999-12-31T23:59:59Z', 'e677d21f-d818-0000-0000-000000000000'],
  ])('%s', (at, id) => {
    expect(idFloor(at)).toBe(id);
  });
});
