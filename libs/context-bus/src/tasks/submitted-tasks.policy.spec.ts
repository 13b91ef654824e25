import type { Accepted, NewTask } from './inserts.js';
import { submittedTasks } from './submitted-tasks.policy.js';

const tenantId = '019a0000-0000-7000-8000-000000000001';
const taskId = '019a0000-0000-7000-8000-000000000002';

const task = (more: Partial<NewTask> = {}): NewTask => ({
  task_type: 'analytics',
  priority: 'high',
  agent: 'dash',
  payload: { n: 1 },
  max_attempts: 4,
  ...more,
});

const message = (tasks: readonly NewTask[], answer: Accepted = { kind: 'created', taskId, status: 'queued' }) =>
  submittedTasks(
    tenantId,
    tasks,
    tasks.map(() => answer),
  );

describe('the message of one insert', () => {
  it('names every task that may start, with its payload and its trace', () => {
    const plain = { task_id: taskId, tenant_id: tenantId, task_type: 'analytics', priority: 'high', payload: { n: 1 } };
    expect(message([task({ traceparent: '00-a-b-01' }), task()])).toEqual([
      { ...plain, traceparent: '00-a-b-01' },
      plain,
    ]);
  });

  it('leaves out what is scheduled for later, and what was there before', () => {
    expect(message([task()], { kind: 'created', taskId, status: 'scheduled' })).toEqual([]);
    expect(message([task()], { kind: 'existing', taskId, status: 'queued' })).toEqual([]);
    expect(message([task()], { kind: 'conflict', taskId })).toEqual([]);
  });

  it('leaves behind a payload of more than 64 KiB', () => {
    const sizes = [65_536, 65_537].map((size) => task({ payload: { text: 'x'.repeat(size - '{"text":""}'.length) } }));
    expect(message(sizes).map(({ payload }) => payload !== undefined)).toEqual([true, false]);
  });

  it('never grows beyond 4 MiB of payloads', () => {
    const many = Array.from({ length: 100 }, () => task({ payload: { text: 'x'.repeat(60_000) } }));
    expect(message(many).filter(({ payload }) => payload !== undefined)).toHaveLength(69);
  });
});
