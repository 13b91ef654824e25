import type { PauseRow, TaskDiagnosis } from '@pulser/context-bus';

import { type ExplainContext, explanationOf } from './explanation.policy.js';

const now = new Date('2026-11-23T10:00:00Z');
const inSeconds = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);

const task = (facts: Partial<TaskDiagnosis>): TaskDiagnosis => ({
  taskId: '019a0000-0000-7000-8000-000000000001',
  status: 'queued',
  taskType: 'analytics',
  priority: 'medium',
  agent: 'dash',
  runAt: null,
  startedAt: null,
  completedAt: null,
  dueAt: inSeconds(4),
  deadlineAt: null,
  attempts: 0,
  maxAttempts: 4,
  worker: null,
  boosted: false,
  error: null,
  waitsFor: null,
  placeUnder: null,
  now,
  aheadHigher: 0,
  aheadSame: 0,
  ...facts,
});

const idle: ExplainContext = {
  broker: 'up',
  pauses: [],
  workforce: { workers: 1, slots: 4, busy: 1 },
  silenceMs: undefined,
  route: { agent: 'dash', backups: ['data_fabcon'] },
  health: new Map(),
};

const failed = (standIn: string | null, share = 0): ExplainContext['health'] =>
  new Map([
    [
      'dash',
      {
        status: share === 0 ? 'unhealthy' : 'healthy',
        reasons: share === 0 ? ['no worker was heard of for 12 s'] : [],
        share,
        standIn,
        resendBefore: undefined,
      },
    ],
  ]);

const pause: PauseRow = {
  agent: 'dash',
  taskType: null,
  reason: 'maintenance',
  pausedAt: inSeconds(-60),
  forAllTenants: false,
};

const error = { code: 'handler_failed', message: 'It broke', permanent: false };

const explained = (facts: Partial<TaskDiagnosis>, around: Partial<ExplainContext> = {}) =>
  explanationOf(task(facts), { ...idle, ...around });

describe('an explanation', () => {
  it('says when a scheduled task starts', () => {
    expect(explained({ status: 'scheduled', dueAt: inSeconds(90) })).toMatchObject({
      reason: 'scheduled',
      sentence: 'It was submitted to start at 2026-11-23T10:01:30.000Z, in 90 s.',
    });
  });

  it.each([
    [119, '119 s'],
    [150, '3 min'],
    [7_200, '2 h'],
    [31_536_000, '365 days'],
  ])('gives a wait of %d seconds in a unit that people read', (wait, words) => {
    const { sentence } = explained({ status: 'scheduled', dueAt: inSeconds(wait) });
    expect(sentence).toMatch(new RegExp(`, in ${words}\\.$`));
  });

  it('says what a suspended task waits for', () => {
    const waits = (waitsFor: TaskDiagnosis['waitsFor']) =>
      explained({ status: 'waiting', dueAt: inSeconds(90), waitsFor }).sentence;
    const wait = {
      key: 'a',
      kind: 'children',
      name: null,
      title: null,
      children: 3,
      open: 2,
      onLimit: 'fail',
    } as const;
    const at = '2026-11-23T10:01:30.000Z, in 90 s.';
    expect(waits(null)).toBe(`It waits to be woken, and fails at ${at.slice(0, -1)} otherwise.`);
    expect(waits(wait)).toBe(`It waits for 2 of 3 children to end; otherwise it fails at ${at}`);
    expect(waits({ ...wait, kind: 'child', onLimit: 'continue' })).toBe(
      `It waits for its child to end; otherwise it goes on at ${at}`,
    );
    expect(waits({ ...wait, kind: 'signal', name: 'go' })).toBe(
      `It waits for the signal go; otherwise it fails at ${at}`,
    );
    expect(waits({ ...wait, kind: 'time' })).toBe(`It waits until ${at}`);
    expect(waits({ ...wait, kind: 'approval', name: 'the-id', title: 'Drop it' })).toBe(
      `It waits for the approval "Drop it" (the-id); it counts as denied at ${at}`,
    );
  });

  it('names the concurrency key that a task waits for', () => {
    const placeUnder = { key: 'customer-7', limit: 2, held: 2 };
    expect(explained({ status: 'waiting', placeUnder })).toMatchObject({
      reason: 'waiting',
      sentence: 'It waits for a place under the concurrency key customer-7: 2 of 2 are taken.',
      data: { concurrency_key: 'customer-7', places_taken: 2 },
    });
  });

  it('says which attempt failed and when the next one starts', () => {
    expect(explained({ status: 'retrying', attempts: 2, error, dueAt: inSeconds(3) })).toMatchObject({
      reason: 'back_off',
      sentence: 'Attempt 2 of 4 failed (handler_failed); the next one starts at 2026-11-23T10:00:03.000Z, in 3 s.',
      data: { attempts: 2, max_attempts: 4, next_attempt_at: '2026-11-23T10:00:03.000Z' },
    });
  });

  it('says since when and why an agent is paused', () => {
    expect(explained({}, { pauses: [pause] })).toMatchObject({
      reason: 'paused',
      sentence: 'The agent dash has been paused since 2026-11-23T09:59:00.000Z: maintenance.',
    });
  });

  it('says that a task type is paused, and not one of another', () => {
    const other = { ...pause, agent: null, taskType: 'testing', reason: null } as const;
    expect(explained({}, { pauses: [other] }).reason).toBe('about_to_start');
    expect(explained({}, { pauses: [{ ...other, taskType: 'analytics' }] }).sentence).toBe(
      'The task type analytics has been paused since 2026-11-23T09:59:00.000Z.',
    );
  });

  it('says that the broker is away', () => {
    expect(explained({}, { broker: 'blocked' })).toMatchObject({ reason: 'broker_unavailable' });
  });

  it('says that no worker runs, once it can know', () => {
    const nobody = { workers: 0, slots: 0, busy: 0 };
    expect(explained({}, { workforce: nobody })).toMatchObject({ reason: 'no_worker' });
    expect(explained({}, { workforce: undefined })).toMatchObject({ reason: 'about_to_start' });
  });

  it('counts what is ahead', () => {
    const around = { workforce: { workers: 1, slots: 4, busy: 4 } };
    expect(explained({ aheadHigher: 3, aheadSame: 1 }, around)).toMatchObject({
      reason: 'behind_others',
      sentence:
        'It stands behind 3 tasks of yours of higher priority and 1 older of the same; all slots of the agent dash are taken.',
      data: { ahead_higher_priority: 3, ahead_same_priority: 1, all_slots_taken: true },
    });
  });

  it.each([
    [3, 0, 'It stands behind 3 tasks of yours of higher priority; all slots of the agent dash are taken.'],
    [0, 1, 'It stands behind 1 older task of yours of the same priority; all slots of the agent dash are taken.'],
    [0, 0, 'It waits for a free slot; all slots of the agent dash are taken.'],
  ])('never counts to 0: %d of higher priority, %d older', (aheadHigher, aheadSame, sentence) => {
    const around = { workforce: { workers: 1, slots: 4, busy: 4 } };
    expect(explained({ aheadHigher, aheadSame }, around).sentence).toBe(sentence);
    expect(explained({ status: 'cancelled', completedAt: now, dueAt: null }).sentence).toBe(
      'It ended as cancelled at 2026-11-23T10:00:00.000Z, before its first attempt.',
    );
  });

  it('says since when it runs and when its worker is silent, and names no instance', () => {
    const running = { status: 'running', worker: 'dash-7', startedAt: inSeconds(-20), dueAt: inSeconds(18) } as const;
    expect(explained(running).sentence).toBe(
      'A worker of the agent dash has been running it since 2026-11-23T09:59:40.000Z.',
    );
    expect(explained(running, { silenceMs: 12_345 })).toMatchObject({
      reason: 'worker_silent',
      sentence:
        'The worker that runs it has said nothing for 12 s; if its lease ends at 2026-11-23T10:00:18.000Z, in 18 s, the router gives the task to another worker.',
    });
  });

  it('says how it ended', () => {
    expect(explained({ status: 'failed', completedAt: now, attempts: 4, error, dueAt: null }).sentence).toBe(
      'It ended as failed at 2026-11-23T10:00:00.000Z, after 4 attempts (handler_failed).',
    );
  });

  it('says which agent takes it in place of one that failed, and what holds it up there', () => {
    const around = { health: failed('data_fabcon'), workforce: { workers: 1, slots: 4, busy: 4 } };
    expect(explained({}, around)).toMatchObject({
      reason: 'behind_others',
      sentence:
        'The agent dash is unhealthy (no worker was heard of for 12 s), so the agent data_fabcon takes it. It waits for a free slot; all slots of the agent data_fabcon are taken.',
      data: { agent: 'dash', stand_in: 'data_fabcon' },
    });
    // Its bucket is the first: on the way back it is among those that the agent gets.
    expect(explained({}, { health: failed('data_fabcon', 1) }).reason).toBe('about_to_start');
  });

  it('says who runs it in place of its agent', () => {
    const running = { status: 'running', agent: 'data_fabcon', worker: 'x', startedAt: now } as const;
    expect(explained(running)).toMatchObject({
      sentence:
        'A worker of the agent data_fabcon has been running it since 2026-11-23T10:00:00.000Z, in place of the agent dash.',
      data: { agent: 'data_fabcon', stands_in_for: 'dash' },
    });
  });

  it('says that all agents are down that could run it', () => {
    expect(explained({}, { health: failed(null) })).toMatchObject({
      reason: 'agents_down',
      sentence:
        'The agent dash is unhealthy (no worker was heard of for 12 s), and none of its back-ups (data_fabcon) can stand in for it: the task waits until one of them is back.',
    });
    const alone = { agent: 'dash', backups: [] };
    expect(explained({}, { health: failed(null), route: alone }).sentence).toBe(
      'The agent dash is unhealthy (no worker was heard of for 12 s), and it has no back-up: the task waits until it is back.',
    );
  });

  it('says that nothing holds it up', () => {
    expect(explained({})).toMatchObject({ reason: 'about_to_start' });
  });
});
