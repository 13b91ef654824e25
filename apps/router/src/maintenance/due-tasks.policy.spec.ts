import type { Swept } from '@pulser/context-bus';

import { eventsOf } from './due-tasks.js';

const task = (task_id: string, status: Swept['status'], code: string | null = 'worker_lost'): Swept => ({
  task_id,
  tenant_id: 'acme',
  task_type: 'analytics',
  agent: 'dash',
  attempt: 2,
  status,
  code,
});

const event = (task_id: string) => ({
  task_id,
  tenant_id: 'acme',
  task_type: 'analytics',
  agent: 'dash',
  attempt: 2,
});

describe('the events of tasks whose time was up', () => {
  it('say which failed, which are tried again, and which were cancelled with the task they belong to', () => {
    const swept = [task('a', 'failed'), task('b', 'queued'), task('c', 'cancelled', null), task('d', 'failed')];
    expect(eventsOf(swept)).toEqual({
      'task.failed': [
        { ...event('a'), code: 'worker_lost' },
        { ...event('d'), code: 'worker_lost' },
      ],
      'task.retrying': [{ ...event('b'), code: 'worker_lost', status: 'queued' }],
      'task.cancelled': [event('c')],
    });
  });

  it('are none of a kind that did not happen', () => {
    expect(eventsOf([task('a', 'failed', 'deadline_exceeded')])).toMatchObject({
      'task.retrying': [],
      'task.cancelled': [],
    });
  });
});
