import type { Facts, SubmittedFact, TaskFact } from './facts.js';
import { judge, promises, type PromiseName } from './promises.policy.js';
import { noToolFacts, type ToolFacts } from './tool-facts.js';
import type { ApprovalFact, BudgetFact, FireFact, ScheduleFact, WaitingFacts } from './waiting-facts.js';

const task = (change: Partial<TaskFact> = {}): TaskFact => ({
  taskId: 't1',
  tenantId: 'acme',
  rootId: null,
  operation: 'effect',
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

const order: SubmittedFact = { ref: '1', via: 'post', expect: 'effect', keyed: true, accepted: true, taskIds: ['t1'] };
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
  waiting,
  asked: [],
  tools: noToolFacts,
  ...change,
});

const waiting: WaitingFacts = { runs: [], schedules: [], approvals: [], spend: [], budgets: [], hookEvents: 0 };
const waits = (change: Partial<WaitingFacts>): Partial<Facts> => ({ waiting: { ...waiting, ...change } });

const run = { taskId: 't1', status: 'completed', hasEnded: true, openSteps: 0, notices: 0, strangers: 0 } as const;
const ofRun = { submitted: [{ ...order, expect: 'answer', effects: ['1.a'] }], effects: [] } as const;
const step = task({ taskId: 't2', ref: '1.a', rootId: 't1' });
const stepEffect = { key: 't2', ref: '1.a', taskId: 't2', at: 10 };

const second = 1_000;
const fire = (at: number, change: Partial<FireFact> = {}): FireFact => ({
  nominalAt: at * second,
  state: 'completed',
  reason: null,
  taskId: `fire-${at}`,
  ...change,
});
const fires = [20, 30, 40].map((at) => fire(at));
const scheduled = (change: Partial<ScheduleFact> = {}) => ({
  schedules: [
    {
      scheduleId: 's1',
      name: 'tens',
      everyMs: 10 * second,
      madeAt: 5 * second,
      pausedAt: 46 * second,
      pausedBy: null,
      fires,
      taskIds: fires.map(({ taskId }) => taskId ?? ''),
      ...change,
    },
  ],
});

const approval: ApprovalFact = {
  taskId: 't1',
  status: 'approved',
  taskStatus: 'completed',
  decisions: 1,
  resumes: 1,
  isUsed: true,
};

const ask = { submitted: [{ ...order, expect: 'asked' }], effects: [] } as const;
const served = { ref: '1', requests: 2, answered: 1 };
const ledgerRow = { rootId: 't1', calls: 2, arrived: 2, reserved: 0, micros: 30 };
const budget: BudgetFact = {
  tenantId: 'acme',
  scope: 'day',
  key: '2027-01-01',
  maxCalls: 10,
  calls: 10,
  isExceeded: false,
  isReserved: false,
};
const refused: Partial<TaskFact> = { status: 'failed', errorCode: 'budget_spent' };
const doomed = task({ ...{ status: 'failed', errorCode: 'handler_failed' }, operation: 'doomed' });
const heard = task({ taskId: 't2', ref: 't1' });
const heardEffect = { key: 't2', ref: 't1', taskId: 't2', at: 12 };
const failing: Partial<Facts> = {
  submitted: [{ ...order, expect: 'none' }],
  tasks: [doomed, heard],
  effects: [heardEffect],
  deadTasks: ['t1'],
};

const running: Partial<TaskFact> = { status: 'running', completedAt: null };
const failed: Partial<TaskFact> = { status: 'failed', errorCode: 'handler_failed' };
const wanted = (expect: SubmittedFact['expect']): Partial<Facts> => ({
  submitted: [{ ...order, expect }],
});

const changeOf = (epoch: number) => ({ agent: 'dash', status: 'unhealthy', epoch });

const write = { ref: 'call-1', end: 'done', effects: [20], writtenAt: 10 } as const;
const read = { ref: 'call-1', answeredAt: 30, coordinator: 7, writtenAt: 29 } as const;
const tools = (change: Partial<ToolFacts>): Partial<Facts> => ({ tools: { ...noToolFacts, ...change } });
const counted = (calls: number) => new Map([[7, calls]]);

const callOnce = 'every call of a tool had the effect that its caller was told, and none was doubled';
const writtenFirst = 'every call of a tool that changes something was in the audit before it left';
const readKnown = 'the audit has every read but those that the counter counts';

const ended = 'every run of a workflow ended, and left nothing to notice';
const stepOnce = 'every step of a run was one task, with its effect once';
const fired = 'every time of a schedule fired exactly once';
const once = 'every approval was decided once, and resumed its task once';
const ledgerEqual = 'the ledger has every request to a model';

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
  ['a run without an end', ended, waits({ runs: [{ ...run, hasEnded: false }] })],
  ['a run that ended beside a step', ended, waits({ runs: [{ ...run, openSteps: 1 }] })],
  ['an end that a run never noticed', ended, waits({ runs: [{ ...run, notices: 1 }] })],
  [
    'a task of a run that is none of its items',
    'every task of a run is an item of one of its steps',
    waits({ runs: [{ ...run, strangers: 1 }] }),
  ],
  ['a step of a completed run that never was', stepOnce, { ...ofRun, tasks: [task()] }],
  ['a step without its effect', stepOnce, { ...ofRun, tasks: [task(), step] }],
  [
    'a step that was two tasks',
    stepOnce,
    { ...ofRun, tasks: [task(), step, { ...step, taskId: 't3' }], effects: [stepEffect] },
  ],
  ['a time that did not fire', fired, waits(scheduled({ fires: fires.slice(0, 2) }))],
  ['a time between two that did not fire', fired, waits(scheduled({ fires: fires.filter((_, n) => n !== 1) }))],
  [
    'a time that was skipped',
    fired,
    waits(scheduled({ fires: [...fires, fire(50, { state: 'skipped', reason: 'missed' })] })),
  ],
  ['a time that waits for ever', fired, waits(scheduled({ fires: [...fires, fire(50, { state: 'pending' })] }))],
  ['a task that no time has', fired, waits(scheduled({ taskIds: [...fires.map(({ taskId }) => taskId ?? ''), 't9'] }))],
  ['a time whose task is gone', fired, waits(scheduled({ taskIds: ['fire-20', 'fire-30'] }))],
  ['one task for two times', fired, waits(scheduled({ fires: fires.map((one) => ({ ...one, taskId: 'fire-20' })) }))],
  ['a schedule that rests by itself', fired, waits(scheduled({ pausedBy: 'error' }))],
  ['an approval that is still open', once, waits({ approvals: [{ ...approval, status: 'waiting', decisions: 0 }] })],
  ['an approval that was decided twice', once, waits({ approvals: [{ ...approval, decisions: 2 }] })],
  ['a task that was woken twice', once, waits({ approvals: [{ ...approval, resumes: 2 }] })],
  ['a task that went on without its approval', once, waits({ approvals: [{ ...approval, isUsed: false }] })],
  ['a task that was never woken', once, waits({ approvals: [{ ...approval, taskStatus: 'waiting', resumes: 0 }] })],
  ['a failure of which no hook heard', 'every failure fired its hook once', { ...failing, tasks: [doomed] }],
  [
    'a failure that fired a hook twice',
    'every failure fired its hook once',
    { ...failing, tasks: [doomed, heard, { ...heard, taskId: 't3' }] },
  ],
  ['an event that is left', 'every failure fired its hook once', waits({ hookEvents: 1 })],
  [
    'a request that the ledger has not',
    ledgerEqual,
    { ...ask, asked: [served], ...waits({ spend: [{ ...ledgerRow, calls: 1 }] }) },
  ],
  [
    'a request in the ledger that never was',
    ledgerEqual,
    { ...ask, asked: [{ ...served, requests: 1 }], ...waits({ spend: [ledgerRow] }) },
  ],
  [
    'an answer that cost nothing',
    ledgerEqual,
    { ...ask, asked: [served], ...waits({ spend: [{ ...ledgerRow, micros: 29 }] }) },
  ],
  [
    'a budget that is exceeded',
    'no budget for models is exceeded, and nothing stays reserved',
    waits({ budgets: [{ ...budget, isExceeded: true }] }),
  ],
  [
    'a reservation that stays',
    'no budget for models is exceeded, and nothing stays reserved',
    waits({ budgets: [{ ...budget, isReserved: true }] }),
  ],
  [
    'a refusal although there is money',
    'only who has nothing left is refused for its budget',
    { ...ask, tasks: [task(refused)], deadTasks: ['t1'], ...waits({ budgets: [{ ...budget, calls: 9 }] }) },
  ],
  [
    'changes that no router folds',
    'the counters equal the rows, and are folded',
    { kept: { differences: [], unfolded: 3 } },
  ],
  ['a call of a tool whose effect was doubled', callOnce, tools({ writes: [{ ...write, effects: [20, 40] }] })],
  ['a call of a tool that is done, and had no effect', callOnce, tools({ writes: [{ ...write, effects: [] }] })],
  ['an effect of a call that was not made', callOnce, tools({ writes: [{ ...write, end: 'not made' }] })],
  ['an effect that is in no audit', writtenFirst, tools({ writes: [{ ...write, writtenAt: undefined }] })],
  ['an effect that was written down later', writtenFirst, tools({ writes: [{ ...write, writtenAt: 21 }] })],
  [
    'a read that is in no audit, and not counted',
    readKnown,
    tools({ reads: [{ ...read, writtenAt: undefined }], unrecorded: counted(0) }),
  ],
  ['a read that is counted as missing, and is not', readKnown, tools({ reads: [read], unrecorded: counted(1) })],
  [
    'a read that a coordinator left out before it was killed',
    readKnown,
    tools({ reads: [{ ...read, ref: 'call-0', answeredAt: 28, writtenAt: undefined }, read] }),
  ],
];

describe('the checker', () => {
  it('finds nothing wrong where nothing is', () => {
    for (const promise of Object.values(promises)) expect(promise(facts())).toEqual([]);
  });

  it.each(broken)('sees %s', (_, name, change) => {
    expect(promises[name](facts(change))).not.toEqual([]);
  });

  it('finds nothing wrong with work that waited and went on', () => {
    const kept: readonly Partial<Facts>[] = [
      { ...ofRun, tasks: [task(), step], effects: [stepEffect], ...waits({ runs: [run] }) },
      waits(scheduled()),
      waits(scheduled({ fires: [...fires, fire(50, { state: 'skipped', reason: 'paused', taskId: null })] })),
      waits({ approvals: [approval, { ...approval, status: 'denied', taskStatus: 'failed', isUsed: false }] }),
      failing,
      { ...ask, asked: [served], ...waits({ spend: [ledgerRow], budgets: [budget] }) },
      { ...ask, tasks: [task(refused)], deadTasks: ['t1'], ...waits({ budgets: [budget] }) },
    ];
    for (const change of kept) expect(judge(facts(change)).flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('finds nothing wrong with calls that may have run, and with the last reads of a coordinator that was killed', () => {
    const unknown = { ...write, end: 'unknown' } as const;
    const last = { ...read, ref: 'call-2', answeredAt: 31, writtenAt: undefined };
    const kept = tools({ writes: [write, unknown, { ...unknown, effects: [] }], reads: [read, last] });
    const missing = tools({ reads: [read, last], unrecorded: counted(1) });
    for (const change of [kept, missing])
      expect(judge(facts(change)).flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('takes a run for ended whose step was used up, and no other that failed', () => {
    const failedRun = task({ status: 'failed', errorCode: 'step_failed' });
    const usedUp = { ...step, status: 'failed', attempts: 4, errorCode: 'worker_lost' } as const;
    const because = facts({ ...ofRun, tasks: [failedRun, usedUp], deadTasks: ['t1', 't2'] });
    expect(judge(because).flatMap(({ violations }) => violations)).toEqual([]);
    const forNothing = facts({ ...ofRun, tasks: [failedRun, step], effects: [stepEffect], deadTasks: ['t1'] });
    expect(promises['every task ended as it had to'](forNothing)).toHaveLength(1);
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
