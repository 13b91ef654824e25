import { type AmendableTask, amendmentOf } from './amendment.policy.js';

const now = new Date('2026-11-29T10:00:00.000Z');
const inAnHour = '2026-11-29T11:00:00Z';
const anHourAgo = '2026-11-29T09:00:00Z';

const task = (given: Partial<AmendableTask> = {}): AmendableTask => ({
  status: 'queued',
  priority: 'medium',
  runAt: null,
  deadlineAt: null,
  now,
  tag: '0-1',
  ...given,
});

const amended = (state: object) => ({ kind: 'amended', state });

describe('a change of a task that is queued', () => {
  it.each([
    ['a higher priority dispatches it again', { priority: 'high' }, { dueAt: now.toISOString() }],
    ['a lower one leaves its message where it is', { priority: 'low' }, {}],
    ['a start ahead puts it off', { runAt: inAnHour }, { status: 'scheduled', dueAt: inAnHour }],
    ['a start that has passed changes nothing of its state', { runAt: anHourAgo }, {}],
    ['a deadline changes nothing of its state', { deadlineAt: inAnHour }, {}],
  ] as const)('%s', (_, amendment, state) => {
    expect(amendmentOf(amendment, task(), undefined)).toEqual(amended(state));
  });
});

describe('a change of a task that is scheduled', () => {
  const scheduled = task({ status: 'scheduled', runAt: new Date('2026-11-29T12:00:00Z') });

  it.each([
    ['another start', { runAt: inAnHour }, { status: 'scheduled', dueAt: inAnHour }],
    ['no start: it starts now', { runAt: null }, { status: 'queued', dueAt: now.toISOString() }],
    ['a start that has passed: it starts now', { runAt: anHourAgo }, { status: 'queued', dueAt: now.toISOString() }],
    ['a higher priority', { priority: 'high' }, {}],
  ] as const)('%s', (_, amendment, state) => {
    expect(amendmentOf(amendment, scheduled, undefined)).toEqual(amended(state));
  });
});

describe('a change of a task that waits for its next attempt', () => {
  const retrying = task({ status: 'retrying', runAt: new Date(anHourAgo) });

  it.each([
    ['a start ahead puts the attempt off', { runAt: inAnHour }, { dueAt: inAnHour }],
    ['one that has passed makes it start now', { runAt: '2026-11-29T09:30:00Z' }, { dueAt: now.toISOString() }],
    ['none leaves it its back-off', { runAt: null }, {}],
    ['a higher priority leaves it its back-off', { priority: 'high' }, {}],
  ] as const)('%s', (_, amendment, state) => {
    expect(amendmentOf(amendment, retrying, undefined)).toEqual(amended(state));
  });
});

describe('a change', () => {
  it('of nothing writes nothing', () => {
    const same = task({ runAt: new Date(inAnHour), deadlineAt: null, status: 'scheduled' });
    for (const amendment of [
      {},
      { priority: 'medium' },
      { runAt: '2026-11-29T12:00:00+01:00', deadlineAt: null },
    ] as const)
      expect(amendmentOf(amendment, same, undefined)).toEqual({ kind: 'unchanged' });
  });

  it('is for one of the versions that were read', () => {
    expect(amendmentOf({ priority: 'low' }, task(), ['0-0'])).toEqual({ kind: 'stale', tag: '0-1' });
    expect(amendmentOf({ priority: 'low' }, task({ status: 'running' }), [])).toEqual({ kind: 'stale', tag: '0-1' });
    expect(amendmentOf({ priority: 'low' }, task(), ['0-0', '0-1'])).toEqual(amended({}));
  });

  it.each(['running', 'waiting', 'completed', 'failed', 'cancelled'] as const)(
    'is not for a task that is %s',
    (status) => {
      expect(amendmentOf({ priority: 'low' }, task({ status }), ['0-1'])).toEqual({ kind: 'not_waiting', status });
    },
  );

  it.each([
    ['/deadline_at', { deadlineAt: anHourAgo }, {}],
    ['/deadline_at', { deadlineAt: inAnHour, runAt: '2026-11-29T11:00:00Z' }, {}],
    ['/deadline_at', { deadlineAt: inAnHour }, { status: 'scheduled', runAt: new Date('2026-11-29T12:00:00Z') }],
    ['/run_at', { runAt: '2026-11-29T12:00:00Z' }, { deadlineAt: new Date(inAnHour) }],
  ] as const)('leaves the task time between start and deadline: %s', (pointer, amendment, given) => {
    expect(amendmentOf(amendment, task(given), undefined)).toMatchObject({ kind: 'refused', problems: [{ pointer }] });
  });

  it('of the priority alone does not mind a deadline that has passed', () => {
    expect(amendmentOf({ priority: 'low' }, task({ deadlineAt: new Date(anHourAgo) }), undefined)).toEqual(amended({}));
  });
});
