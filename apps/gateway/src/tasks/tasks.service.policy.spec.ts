import { type ArtifactInfo, TaskEntity, type WholeTask } from '@pulser/context-bus';

import { taskSummary, taskView } from './tasks.service.js';

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

const task = (facts: Partial<TaskEntity>): TaskEntity =>
  Object.assign(new TaskEntity(), {
    tenantId: '019a0000-0000-7000-8000-000000000001',
    taskId: '019a0000-0000-7000-8000-000000000002',
    taskType: 'analytics',
    priority: 'high',
    assignedAgent: 'dash',
    status: 'completed',
    payload: { operation: 'query' },
    metadata: null,
    result: { rows: [] },
    error: null,
    createdAt: at(10),
    updatedAt: at(20),
    runAt: null,
    startedAt: at(12),
    completedAt: at(20),
    deadlineAt: null,
    epoch: 1,
    attempts: 1,
    ...facts,
  });

const whole = (artifacts: readonly ArtifactInfo[]): WholeTask => Object.assign(task({}), { artifacts, tag: '1-7' });

describe('the times of a task', () => {
  it('count the queue from its submission and the run from its start', () => {
    expect(taskSummary(task({})).timings).toMatchObject({ queue_ms: 2_000, run_ms: 8_000 });
  });

  it('count the queue from the wanted start when that was later', () => {
    expect(taskSummary(task({ runAt: at(11) })).timings.queue_ms).toBe(1_000);
    expect(taskSummary(task({ runAt: at(1) })).timings.queue_ms).toBe(2_000);
  });

  it('are open while the task is', () => {
    const open = task({ status: 'queued', startedAt: null, completedAt: null });
    expect(taskSummary(open).timings).toMatchObject({ queue_ms: null, run_ms: null, started_at: null });
  });
});

describe('the view of a task', () => {
  it('says where its artifacts are, whatever they are called', () => {
    const [artifact] = taskView(whole([{ name: 'a b/ü.svg', mediaType: 'image/svg+xml', bytes: 3 }]), null).artifacts;
    expect(artifact?.href).toBe(`/api/v1/tasks/${task({}).taskId}/artifacts/a%20b%2F%C3%BC.svg`);
  });

  it('tells nothing of the tenant or of the machinery', () => {
    expect(Object.keys(taskView(whole([]), 'ci')).sort()).toEqual(
      [
        'artifacts',
        'assigned_agent',
        'attempts',
        'error',
        'labels',
        'links',
        'metadata',
        'notify',
        'operation',
        'parent_id',
        'payload',
        'priority',
        'replay_of',
        'result',
        'schedule_id',
        'status',
        'submitted_by',
        'submitted_by_name',
        'task_id',
        'task_type',
        'timings',
      ].sort(),
    );
  });
});
