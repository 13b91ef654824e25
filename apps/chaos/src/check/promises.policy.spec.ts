import type { Facts, SubmittedFact, TaskFact } from './facts.js';
import { judge, promises, type PromiseName } from './promises.policy.js';

const task = (change: Partial<TaskFact> = {}): TaskFact => ({
  taskId: 't1',
  ref: '1',
  status: 'completed',
  attempts: 1,
  maxAttempts: 4,
  createdAt: 0,
  updatedAt: 20,
  completedAt: 20,
  dueAt: null,
  errorCode: null,
  result: null,
  ...change,
});

const order: SubmittedFact = { ref: '1', expect: 'effect', keyed: true, accepted: true, taskIds: ['t1'] };
const keyless = { ...order, keyed: false };
const unanswered = { ...keyless, accepted: false, taskIds: [] };
const effect = { key: 't1', ref: '1', taskId: 't1', at: 10 };
const call = { ref: '1', taskId: 't1', attempt: 1, pid: 1, at: 10 };

const facts = (change: Partial<Facts> = {}): Facts => ({
  at: 100_000,
  submitted: [order],
  tasks: [task()],
  effects: [effect],
  calls: [
    { phase: 'begin', ...call },
    { phase: 'applied', ...call },
  ],
  ledger: [{ taskId: 't1', finishedAt: 11 }],
  deadTasks: [],
  queues: [{ name: 'agent.chaos', ready: 0, unacknowledged: 0 }],
  kept: { differences: [], unfolded: 0 },
  health: [{ agent: 'dash', status: 'healthy', epoch: 2 }],
  ...change,
});

const running: Partial<TaskFact> = { status: 'running', completedAt: null };
const failed: Partial<TaskFact> = { status: 'failed', errorCode: 'handler_failed' };
const wanted = (expect: SubmittedFact['expect']): Partial<Facts> => ({
  submitted: [{ ...order, expect }],
});

const changeOf = (epoch: number) => ({ agent: 'dash', status: 'unhealthy', epoch });

const broken: readonly (readonly [string, PromiseName, Partial<Facts>])[] = [
  ['a lost task', 'every accepted task has a row that ended', { tasks: [] }],
  ['a task that never ended', 'every accepted task has a row that ended', { tasks: [task(running)] }],
  ['a task that failed too early', 'every task ended as it had to', { tasks: [task(failed)], deadTasks: ['t1'] }],
  ['a doomed task that completed', 'every task ended as it had to', wanted('none')],
  [
    'a wrong answer of an agent',
    'every task of an agent that comes with Pulser has the right answer',
    {
      submitted: [{ ...order, expect: 'answer', answer: { at: ['rows', '0', '0'], is: 45 } }],
      tasks: [task({ result: { rows: [[44]] } })],
      effects: [],
    },
  ],
  ['an old leader that acts', 'one health service acts at a time', { health: [changeOf(2), changeOf(3), changeOf(2)] }],
  ['a cancelled task that ran', 'every task ended as it had to', wanted('cancelled')],
  ['a missing effect', 'every task had its effect exactly once, and only those that must have one', { effects: [] }],
  [
    'a doubled effect',
    'every task had its effect exactly once, and only those that must have one',
    { effects: [effect, { ...effect, key: 't2', taskId: 't2' }] },
  ],
  [
    'an effect of a doomed task',
    'every task had its effect exactly once, and only those that must have one',
    { ...wanted('none'), tasks: [task(failed)], deadTasks: ['t1'] },
  ],
  [
    'an effect of a task that was cancelled before its start',
    'every task had its effect exactly once, and only those that must have one',
    { ...wanted('cancelled'), tasks: [task({ status: 'cancelled' })] },
  ],
  [
    'an effect of a task that must have none',
    'every task had its effect exactly once, and only those that must have one',
    wanted('run'),
  ],
  [
    'a repeatable task that was lost',
    'every task ended as it had to',
    { ...wanted('run'), tasks: [task(failed)], effects: [], deadTasks: ['t1'] },
  ],
  [
    'a repeatable task that completed without having run',
    'every repeatable task that completed has run',
    { ...wanted('run'), effects: [], calls: [] },
  ],
  [
    'a call after the ledger had finished',
    'no effect was called for again once the ledger had it',
    {
      calls: [
        { phase: 'begin', ...call, at: 12 },
        { phase: 'repeated', ...call, at: 13 },
      ],
    },
  ],
  ['an attempt too many', 'no task was tried more often than allowed', { tasks: [task({ attempts: 5 })] }],
  ['an expired lease', 'no lease ran out unnoticed', { tasks: [task({ ...running, dueAt: 1 })] }],
  [
    'a row without its time',
    'every row that has not ended has its time',
    { tasks: [task({ status: 'queued', completedAt: null })] },
  ],
  [
    'a failure without a dead letter',
    'every failed task, and no other, has one dead letter',
    { ...wanted('none'), tasks: [task(failed)] },
  ],
  [
    'two dead letters',
    'every failed task, and no other, has one dead letter',
    { tasks: [task(failed)], deadTasks: ['t1', 't1'] },
  ],
  ['a dead letter of a completed task', 'every failed task, and no other, has one dead letter', { deadTasks: ['t1'] }],
  ['two answers for one key', 'one idempotency key is one task', { submitted: [{ ...order, taskIds: ['t1', 't2'] }] }],
  ['two rows for one key', 'one idempotency key is one task', { tasks: [task(), task({ taskId: 't2' })] }],
  [
    'an accepted submission without a key, and no row',
    'every accepted task has a row that ended',
    { submitted: [keyless], tasks: [], effects: [], calls: [], ledger: [] },
  ],
  [
    'two rows for one submission without a key',
    'one submission without a key is one task, or none when its answer was lost',
    { submitted: [keyless], tasks: [task(), task({ taskId: 't2' })] },
  ],
  [
    'another row than the one that was answered',
    'one submission without a key is one task, or none when its answer was lost',
    { submitted: [keyless], tasks: [task({ taskId: 't2' })] },
  ],
  [
    'two rows for one unanswered submission',
    'one submission without a key is one task, or none when its answer was lost',
    { submitted: [unanswered], tasks: [task(), task({ taskId: 't2' })] },
  ],
  [
    'an unanswered submission whose task failed too early',
    'every task ended as it had to',
    { submitted: [unanswered], tasks: [task(failed)], deadTasks: ['t1'] },
  ],
  [
    'a message that no consumer acknowledges',
    'no message stays unacknowledged',
    { queues: [{ name: 'agent.chaos', ready: 0, unacknowledged: 1 }] },
  ],
  [
    'a count that differs from the rows',
    'the counters equal the rows, and are folded',
    { kept: { differences: ['open tasks acme: kept 1, rows nothing'], unfolded: 0 } },
  ],
  [
    'changes that no router folds',
    'the counters equal the rows, and are folded',
    { kept: { differences: [], unfolded: 3 } },
  ],
];

describe('the checker', () => {
  it('finds nothing wrong where nothing is', () => {
    for (const promise of Object.values(promises)) expect(promise(facts())).toEqual([]);
  });

  it.each(broken)('sees %s', (_, name, change) => {
    expect(promises[name](facts(change))).not.toEqual([]);
  });

  it('has a broken state for every promise', () => {
    expect(new Set(broken.map(([, name]) => name))).toEqual(new Set(Object.keys(promises)));
  });

  it('lets an unanswered submission without a key be one task or none', () => {
    const none = facts({ submitted: [unanswered], tasks: [], effects: [], calls: [], ledger: [] });
    for (const promise of Object.values(promises)) {
      expect(promise(facts({ submitted: [unanswered] }))).toEqual([]);
      expect(promise(none)).toEqual([]);
    }
  });

  it('takes a task whose attempts the faults used up for ended', () => {
    const usedUp = facts({ tasks: [task({ ...failed, attempts: 4, errorCode: 'worker_lost' })], deadTasks: ['t1'] });
    for (const promise of Object.values(promises)) expect(promise(usedUp)).toEqual([]);
  });

  it('tells an attempt that a worker gave back from the next one, which has its number', () => {
    const calls = [
      { phase: 'begin' as const, ...call },
      { phase: 'applied' as const, ...call },
      { phase: 'begin' as const, ...call, pid: 2, at: 12 },
    ];
    for (const promise of Object.values(promises)) expect(promise(facts({ calls }))).toEqual([]);
    const calledAgain = [...calls, { phase: 'repeated' as const, ...call, pid: 2, at: 13 }];
    expect(
      promises['no effect was called for again once the ledger had it'](facts({ calls: calledAgain })),
    ).toHaveLength(1);
  });

  it('lets a repeatable task run again', () => {
    const calls = [1, 2].map((attempt) => ({ phase: 'begin' as const, ...call, attempt }));
    const again = facts({ ...wanted('run'), effects: [], ledger: [], calls });
    expect(judge(again).flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('lets a deadline come before the effect or after it', () => {
    const late = { status: 'failed', errorCode: 'deadline_exceeded' } as const;
    const either = facts({ ...wanted('either'), tasks: [task(late)], deadTasks: ['t1'] });
    for (const promise of Object.values(promises)) expect(promise(either)).toEqual([]);
  });
});
