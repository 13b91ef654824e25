import type { TaskEventView, TaskStatus } from '@pulser/contracts';

import { attemptsOf } from './attempts.policy.js';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

const event = (second: number, status: TaskStatus, attempt: number, code?: string): TaskEventView => ({
  type: 'status',
  at: at(second),
  status,
  attempt,
  ...(code !== undefined && { error: { code, message: 'It broke', permanent: false } }),
});

describe('the attempts of a task', () => {
  it('have their start, end, length and error', () => {
    const events = [
      event(0, 'queued', 0),
      event(1, 'running', 1),
      event(4, 'retrying', 1, 'handler_failed'),
      event(6, 'running', 2),
      event(7, 'failed', 2, 'query_failed'),
    ];
    expect(attemptsOf(events)).toMatchObject([
      { attempt: 1, started_at: at(1), ended_at: at(4), duration_ms: 3_000, error: { code: 'handler_failed' } },
      { attempt: 2, started_at: at(6), ended_at: at(7), duration_ms: 1_000, error: { code: 'query_failed' } },
    ]);
  });

  it('are not changed by a deadline that passes after they ended', () => {
    const events = [
      event(1, 'running', 1),
      event(2, 'retrying', 1, 'handler_failed'),
      event(1, 'running', 1),
      event(9, 'failed', 1, 'deadline_exceeded'),
    ];
    expect(attemptsOf(events)).toMatchObject([{ ended_at: at(2), error: { code: 'handler_failed' } }]);
  });

  it('are none when the task never started', () => {
    expect(attemptsOf([event(0, 'queued', 0), event(5, 'failed', 0, 'deadline_exceeded')])).toEqual([]);
  });

  it('go on while the task waits, and end where they end after it', () => {
    const events = [
      event(1, 'running', 1),
      event(3, 'waiting', 1),
      event(5, 'queued', 1),
      event(6, 'running', 1),
      event(8, 'failed', 1, 'query_failed'),
    ];
    expect(attemptsOf(events)).toMatchObject([
      { attempt: 1, started_at: at(1), ended_at: at(8), error: { code: 'query_failed' } },
    ]);
  });

  it('end with the task while it waits, when they are not counted', () => {
    const events = [
      event(1, 'running', 1),
      event(2, 'queued', 1, 'worker_lost'),
      event(3, 'running', 2),
      event(4, 'waiting', 2),
      event(9, 'failed', 1, 'wait_limit_exceeded'),
    ];
    expect(attemptsOf(events)).toMatchObject([
      { attempt: 1, ended_at: at(2), error: { code: 'worker_lost' } },
      { attempt: 2, ended_at: at(9), error: { code: 'wait_limit_exceeded' } },
    ]);
  });
});
