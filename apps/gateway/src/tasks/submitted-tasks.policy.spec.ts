import type { CreatedTask, NewTask } from '@pulser/context-bus';

import { submittedTasks } from './submitted-tasks.policy.js';

const tenantId = '019a0000-0000-7000-8000-000000000001';

const created = (task: Partial<NewTask> = {}, facts: Partial<CreatedTask> = {}): CreatedTask => ({
  taskId: '019a0000-0000-7000-8000-000000000002',
  status: 'queued',
  task: { task_type: 'analytics', priority: 'high', agent: 'dash', payload: { n: 1 }, max_attempts: 4, ...task },
  ...facts,
});

describe('the message of one insert', () => {
  it('names every task that may start, with its payload and its trace', () => {
    expect(submittedTasks(tenantId, [created({ traceparent: '00-a-b-01' }), created()])).toEqual([
      {
        task_id: created().taskId,
        tenant_id: tenantId,
        task_type: 'analytics',
        priority: 'high',
        payload: { n: 1 },
        traceparent: '00-a-b-01',
      },
      { task_id: created().taskId, tenant_id: tenantId, task_type: 'analytics', priority: 'high', payload: { n: 1 } },
    ]);
  });

  it('leaves out what is scheduled for later', () => {
    expect(submittedTasks(tenantId, [created({}, { status: 'scheduled' })])).toEqual([]);
  });

  it('leaves behind a payload of more than 64 KiB', () => {
    const sizes = [65_536, 65_537].map((size) =>
      created({ payload: { text: 'x'.repeat(size - '{"text":""}'.length) } }),
    );
    expect(submittedTasks(tenantId, sizes).map(({ payload }) => payload !== undefined)).toEqual([true, false]);
  });

  it('never grows beyond 4 MiB of payloads', () => {
    const many = Array.from({ length: 100 }, () => created({ payload: { text: 'x'.repeat(60_000) } }));
    const carried = submittedTasks(tenantId, many).filter(({ payload }) => payload !== undefined);
    expect(carried).toHaveLength(69);
  });
});
