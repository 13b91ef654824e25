import type { TaskTrace } from '@pulser/contracts';

import type { NumberedEvent } from '../events/history.js';
import { type SpanRow, type TracedTask, traceOf } from './task-trace.policy.js';

const at = (ms: number): Date => new Date(Date.UTC(2026, 10, 23, 10) + ms);
const traceId = '0af7651916cd43dd8448eb211c80319c';

const task = (change: Partial<TracedTask> = {}): TracedTask => ({
  taskId: '019a0000-0000-7000-8000-000000000001',
  status: 'completed',
  createdAt: at(0),
  runAt: null,
  startedAt: at(100),
  completedAt: at(350),
  epoch: 1,
  attempts: 1,
  error: null,
  traceparent: `00-${traceId}-b7ad6b7169203331-01`,
  now: at(1_000),
  ...change,
});

const span = (spanId: string, parentId: string | null, ms: number, change: Partial<SpanRow> = {}): SpanRow => ({
  taskId: task().taskId,
  traceId,
  spanId,
  parentId,
  name: spanId,
  kind: 'internal',
  service: 'dash',
  attempt: 1,
  at: at(ms),
  durationMs: 10,
  error: null,
  attributes: {},
  ...change,
});

const event = (seq: number, ms: number, status: 'running' | 'retrying', code?: string): NumberedEvent => ({
  seq,
  event: {
    type: 'status',
    at: at(ms).toISOString(),
    status,
    attempt: 1,
    ...(code !== undefined && { error: { code, message: 'x', permanent: false } }),
  },
});

const none = { spans: [], truncated: false };

const shown = ({ spans }: TaskTrace) =>
  spans.map(({ name, at: from, duration_ms, error }) => [name, Date.parse(from) - at(0).getTime(), duration_ms, error]);

describe('the trace of a task', () => {
  it('of which nothing is stored follows from its row', () => {
    const trace = traceOf(task(), [], none);
    expect(shown(trace)).toEqual([
      ['task', 0, 350, null],
      ['wait', 0, 100, null],
      ['attempt', 100, 250, null],
    ]);
    expect(trace).toMatchObject({ trace_id: traceId, stored: false, truncated: false });
    expect(trace.spans.map(({ parent_id, derived }) => [parent_id, derived])).toEqual([
      [null, true],
      ['task', true],
      ['task', true],
    ]);
  });

  it('that goes on has spans without an end', () => {
    const trace = traceOf(task({ status: 'running', completedAt: null }), [], none);
    expect(shown(trace)).toEqual([
      ['task', 0, null, null],
      ['wait', 0, 100, null],
      ['attempt', 100, null, null],
    ]);
  });

  it('that was to start later waits from then on', () => {
    const trace = traceOf(task({ runAt: at(80) }), [], none);
    expect(shown(trace)).toContainEqual(['scheduled', 0, 100, null]);
  });

  it('shows each attempt with its failure, and the back-off between two', () => {
    const failed = { code: 'handler_failed', message: 'x', permanent: true };
    const row = task({
      status: 'failed',
      epoch: 2,
      attempts: 2,
      startedAt: at(200),
      completedAt: at(260),
      error: failed,
    });
    const trace = traceOf(row, [event(1_000_000, 100, 'running'), event(1_999_999, 150, 'retrying', 'timeout')], none);
    expect(shown(trace)).toEqual([
      ['task', 0, 260, 'handler_failed'],
      ['wait', 0, 100, null],
      ['attempt', 100, 50, 'timeout'],
      ['back-off', 150, 50, null],
      ['attempt', 200, 60, 'handler_failed'],
    ]);
    expect(trace.spans.map(({ attempt }) => attempt)).toEqual([null, null, 1, null, 2]);
  });

  it('shows an attempt by its stored spans when there are any, below parents that are in the list', () => {
    const spans = [
      span('root', 'a-span-of-the-client', 101, { kind: 'consumer', name: 'run analytics' }),
      span('child', 'root', 110),
      span('lost', 'left-out', 120),
    ];
    const trace = traceOf(task(), [], { spans, truncated: true });
    expect(trace.spans.map(({ name, parent_id }) => [name, parent_id])).toEqual([
      ['task', null],
      ['wait', 'task'],
      ['run analytics', 'task'],
      ['child', 'root'],
      ['lost', 'task'],
    ]);
    expect(trace).toMatchObject({ stored: true, truncated: true });
  });

  it('has the id of the stored spans when the task was submitted without one', () => {
    const spans = [span('root', null, 100, { kind: 'consumer' })];
    expect(traceOf(task({ traceparent: null }), [], { spans, truncated: false }).trace_id).toBe(traceId);
    expect(traceOf(task({ traceparent: null }), [], none).trace_id).toBeNull();
  });
});
