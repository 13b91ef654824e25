import type { TaskSummary } from '@pulser/contracts';

import { changedRow } from './changed-row.policy.js';

const at = (s: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, s)).toISOString();

const row: TaskSummary = {
  task_id: '019a0000-0000-7000-8000-000000000001',
  task_type: 'analytics',
  priority: 'medium',
  status: 'queued',
  assigned_agent: 'dash',
  attempts: 0,
  operation: 'query',
  labels: {},
  parent_id: null,
  submitted_by: null,
  replay_of: null,
  timings: {
    created_at: at(0),
    updated_at: at(0),
    run_at: null,
    deadline_at: null,
    started_at: null,
    completed_at: null,
    queue_ms: null,
    run_ms: null,
  },
  error: null,
  links: { self: '', events: '' },
};

const change = { task_id: row.task_id, task_type: 'analytics', agent: 'dash', attempt: 1 };

describe('a row of the task list', () => {
  it('follows a task from its start to its end', () => {
    const running = changedRow(row, { ...change, status: 'running', at: at(2) });
    expect(running).toMatchObject({
      status: 'running',
      attempts: 1,
      timings: { started_at: at(2), completed_at: null },
    });
    const ended = changedRow(running, { ...change, status: 'completed', at: at(5) });
    expect(ended).toMatchObject({ status: 'completed', timings: { completed_at: at(5), run_ms: 3_000 } });
  });

  it('passes over what is older than itself', () => {
    const running = changedRow(row, { ...change, attempt: 2, status: 'running', at: at(4) });
    expect(changedRow(running, { ...change, attempt: 1, status: 'retrying', at: at(5) })).toBe(running);
    expect(changedRow(running, { ...change, attempt: 2, status: 'queued', at: at(3) })).toBe(running);
  });

  it('does not open again when the task has ended', () => {
    const ended = changedRow(row, { ...change, status: 'cancelled', at: at(5) });
    expect(changedRow(ended, { ...change, status: 'running', at: at(6) })).toBe(ended);
  });
});
