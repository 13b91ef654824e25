import type { TaskView } from '@pulser/contracts';

import { changesOf, localTime } from './task-change.policy.js';

const runAt = '2026-03-01T10:00:00.250Z';
const task = {
  priority: 'medium',
  timings: { run_at: runAt, deadline_at: null },
} as unknown as TaskView;

describe('a change of a task', () => {
  it('is empty when the form is as the task is, also where the form knows no milliseconds', () => {
    expect(changesOf(task, { priority: 'medium', runAt: localTime(runAt), deadline: '' })).toEqual({});
  });

  it('names what is another, and takes away what is empty', () => {
    const deadline = localTime('2026-03-02T00:00:00.000Z');
    expect(changesOf(task, { priority: 'high', runAt: '', deadline })).toEqual({
      priority: 'high',
      run_at: null,
      deadline_at: '2026-03-02T00:00:00.000Z',
    });
  });
});
