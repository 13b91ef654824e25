import type { TaskEventView, TaskStatus } from '@pulser/contracts';

import { lanesOf, rangeOf, totalOf } from './attempt-lanes.policy.js';

const start = Date.UTC(2026, 0, 1);
const event = (s: number, status: TaskStatus, attempt: number, code?: string): TaskEventView => ({
  type: 'status',
  at: new Date(start + s * 1_000).toISOString(),
  status,
  attempt,
  ...(code !== undefined && { error: { code, message: code, permanent: false } }),
});
const log: TaskEventView = { type: 'log', at: new Date(start).toISOString(), attempt: 1, level: 'info', message: 'hi' };

describe('the lanes of a task', () => {
  it('show what an attempt waited for and how long it ran', () => {
    const lanes = lanesOf([event(0, 'queued', 0), log, event(2, 'running', 1), event(5, 'completed', 1)]);
    expect(lanes).toEqual([
      {
        attempt: 1,
        spans: [
          { kind: 'wait', from: start, to: start + 2_000 },
          { kind: 'run', from: start + 2_000, to: start + 5_000 },
        ],
        outcome: 'completed',
        error: undefined,
      },
    ]);
  });

  it('are one for each attempt, with the back-off before the next', () => {
    const lanes = lanesOf([
      event(0, 'scheduled', 0),
      event(1, 'queued', 0),
      event(2, 'running', 1),
      event(3, 'retrying', 1, 'timed_out'),
      event(7, 'running', 2),
      event(8, 'failed', 2, 'refused'),
    ]);
    expect(lanes.map(({ outcome, error, spans }) => [outcome, error?.code, spans.map(({ kind }) => kind)])).toEqual([
      ['retrying', 'timed_out', ['scheduled', 'wait', 'run']],
      ['failed', 'refused', ['back_off', 'run']],
    ]);
    expect(totalOf(lanes, 'back_off', 0)).toBe(4_000);
    expect(totalOf(lanes, 'run', 0)).toBe(2_000);
  });

  it('go on while the task does', () => {
    const lanes = lanesOf([event(0, 'queued', 0), event(1, 'running', 1)]);
    const now = start + 10_000;
    expect(lanes[0]).toMatchObject({ outcome: undefined, spans: [{ kind: 'wait' }, { kind: 'run', to: undefined }] });
    expect(rangeOf(lanes, now)).toEqual({ from: start, to: now });
    expect(totalOf(lanes, 'run', now)).toBe(9_000);
  });

  it('end with a task that was cancelled before it ran', () => {
    const lanes = lanesOf([event(0, 'queued', 0), event(4, 'cancelled', 0)]);
    expect(lanes).toMatchObject([{ outcome: 'cancelled', spans: [{ kind: 'wait', to: start + 4_000 }] }]);
  });

  it('are a new one when a worker was lost', () => {
    const lanes = lanesOf([
      event(0, 'queued', 0),
      event(1, 'running', 1),
      event(9, 'queued', 1, 'worker_lost'),
      event(10, 'running', 2),
    ]);
    expect(lanes.map(({ outcome, error }) => [outcome, error?.code])).toEqual([
      ['queued', 'worker_lost'],
      [undefined, undefined],
    ]);
    expect(lanes[1]?.spans.map(({ kind }) => kind)).toEqual(['wait', 'run']);
  });
});
