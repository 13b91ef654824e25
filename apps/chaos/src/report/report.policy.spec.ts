import type { CallFact, SubmittedFact, TaskFact } from '../check/facts.js';
import { percentile, submissionLine, summaryTable, toolLine, waitingLine } from './report.js';
import { type FaultRecord, Timeline, type TimelineSource } from './timeline.js';

const completed = (createdAt: number, completedAt: number): TaskFact => ({
  taskId: `t${createdAt}`,
  tenantId: 'acme',
  rootId: null,
  operation: null,
  ref: null,
  status: 'completed',
  attempts: 1,
  maxAttempts: 4,
  createdAt,
  updatedAt: completedAt,
  completedAt,
  dueAt: null,
  errorCode: null,
  result: null,
});

const begin = (taskId: string, pid: number, at: number): CallFact => ({
  phase: 'begin',
  ref: '',
  taskId,
  attempt: 1,
  pid,
  at,
});

const timeline = (source: Partial<TimelineSource>): Timeline =>
  new Timeline({ tasks: [], calls: [], lostWorkers: [], complaints: [], ...source });

describe('Timeline', () => {
  it('measures recovery from the end of the fault to the first end of a task submitted after it', () => {
    const tasks = [completed(90, 105), completed(110, 900), completed(120, 300)];
    expect(timeline({ tasks }).recoverMs({ at: 50, over: 100 })).toBe(200);
  });

  it('knows no recovery when nothing ended any more', () => {
    expect(timeline({ tasks: [completed(90, 105)] }).recoverMs({ at: 50, over: 100 })).toBeNull();
  });

  it('measures a worker by the tasks that ran on it: the last of them to run again', () => {
    const calls = [
      begin('a', 1, 10),
      begin('b', 1, 20),
      begin('c', 2, 30),
      begin('a', 2, 150),
      begin('b', 3, 180),
      begin('c', 3, 900),
    ];
    const lostWorkers = [
      { taskId: 'a', at: 140 },
      { taskId: 'b', at: 130 },
      { taskId: 'c', at: 890 },
    ];
    const lines = timeline({ calls, lostWorkers });
    expect(lines.recoverMs({ at: 100, over: 101, workerPid: 1 })).toBe(80);
    expect(lines.detectMs({ at: 100, over: 101, workerPid: 1 })).toBe(30);
  });

  it('takes the first complaint that fits for the moment of notice', () => {
    const complaints = [
      { at: 90, text: 'lost' },
      { at: 120, text: 'other' },
      { at: 130, text: 'lost' },
    ];
    expect(timeline({ complaints }).detectMs({ at: 100, over: 110, signs: /lost/ })).toBe(30);
    expect(timeline({ complaints }).detectMs({ at: 100, over: 110, signs: /never/ })).toBeNull();
  });
});

const record = (change: Partial<FaultRecord>): FaultRecord => ({
  fault: 'kill-worker',
  seed: 1,
  count: 1,
  at: '2026-01-01T00:00:00.000Z',
  lost: 0,
  doubled: 0,
  detect_ms: 10,
  recover_ms: 100,
  alone: true,
  ...change,
});

describe('percentile', () => {
  it('is one of the values', () => {
    expect(percentile([3, 1, 2], 0.5)).toBe(2);
    expect(percentile([3, 1, 2], 0.95)).toBe(3);
    expect(percentile([], 0.5)).toBeUndefined();
  });
});

describe('summaryTable', () => {
  it('sums up each kind, and what happened alone', () => {
    const table = summaryTable([record({}), record({ recover_ms: 900, alone: false, lost: 1 })]);
    expect(table).toContain('| kill-worker | 2 | 1 | 0 | 10 | 10 | 100 | 900 | 1 | 100 |');
  });

  it('never shows a fault that could not be had as one that was passed', () => {
    expect(summaryTable([record({ unavailable: 'why' })])).toContain('| kill-worker | unavailable |');
  });
});

const order: SubmittedFact = { ref: '1', via: 'post', expect: 'effect', keyed: true, accepted: true, taskIds: ['t1'] };

describe('the count of submissions', () => {
  it('distinguishes those with a key from those without, and what became of the unanswered', () => {
    const submitted = [
      order,
      { ...order, ref: '2', keyed: false },
      { ...order, ref: '3', keyed: false, accepted: false },
      { ...order, ref: '4', keyed: false, accepted: false },
    ];
    const tasks = ['1', '2', '3'].map((ref) => ({ ...completed(0, 1), ref }));
    expect(submissionLine({ submitted, tasks })).toBe(
      '1 accepted with an idempotency key, 1 without one; 2 without one whose answer was lost: 1 of them exist',
    );
  });
});

describe('the count of work that waits', () => {
  it('has what the promises are about', () => {
    const schedule = { scheduleId: 's', name: 's', everyMs: 1, madeAt: 0, pausedAt: 1, pausedBy: null, taskIds: [] };
    const fire = { nominalAt: 0, state: 'completed', reason: null, taskId: 't' };
    const waiting = { runs: [], approvals: [], spend: [], budgets: [], hookEvents: 0 };
    const line = waitingLine({
      submitted: [order, { ...order, ref: '2', via: 'hook' }],
      asked: [{ ref: '3', requests: 2, answered: 1 }],
      waiting: { ...waiting, schedules: [{ ...schedule, fires: [fire, { ...fire, state: 'skipped', taskId: null }] }] },
    });
    expect(line).toBe('0 runs, 1 fires of 1 schedules, 0 approvals, 1 deliveries to hooks, 2 requests to a model');
  });
});

describe('the count of calls of tools', () => {
  it('has their ends, their effects and the reads', () => {
    const write = { ref: '1', end: 'done', effects: [2], writtenAt: 1 } as const;
    const read = { ref: '1', answeredAt: 3, coordinator: 7, writtenAt: 3 };
    const writes = [write, { ...write, end: 'unknown', effects: [] } as const];
    const reads = [read, { ...read, writtenAt: undefined }];
    expect(toolLine({ tools: { writes, reads, unrecorded: new Map() } })).toBe(
      '2 calls of tools that change something: 1 done, 1 may have run, 0 not made, 1 effects; 2 reads, 1 of them in no audit',
    );
  });
});
