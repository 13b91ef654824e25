import type { StepChange, TaskChange } from '@pulser/context-bus';

import { withStarted } from './started-items.policy.js';

const step: StepChange = {
  name: 'each',
  status: 'running',
  total: 6,
  started: 1,
  completed: 0,
  failed: 0,
  missing: null,
  wakesAt: null,
  code: null,
  detail: null,
};

const task = (index: number, status: 'open' | 'failed' | 'completed' = 'open'): TaskChange => ({
  step: 'each',
  index,
  status,
  taskId: status === 'open' ? `task-${index}` : null,
  code: status === 'open' ? null : 'value_missing',
});

describe('items that were started', () => {
  it('are the first ones, as long as none between them is left', () => {
    expect(withStarted(step, [task(2), task(1), task(3, 'failed')])).toMatchObject({
      started: 4,
      failed: 1,
      missing: null,
      code: 'value_missing',
    });
  });

  it('leave a list of those that are missing, else', () => {
    const after = withStarted(step, [task(1), task(3, 'failed')]);
    expect(after).toMatchObject({ started: 3, missing: [2, 4, 5] });
    expect(withStarted(after, [task(2), task(4)])).toMatchObject({ started: 5, missing: [5] });
  });

  it('count as done when an earlier task stands for them', () => {
    expect(withStarted(step, [task(1), task(2, 'completed')])).toMatchObject({ started: 3, completed: 1 });
  });

  it('of other steps change nothing', () => {
    expect(withStarted(step, [{ ...task(1), step: 'other' }])).toBe(step);
  });
});
