import { setTimeout as delay } from 'node:timers/promises';

import { Attempt } from './attempt.js';

const claimed = (deadlineInMs: number | null): Attempt => {
  const claim = {
    tenantId: 't',
    taskId: 'a',
    epoch: 1,
    attempt: 1,
    maxAttempts: 3,
    deadlineInMs,
    waitedMs: 5,
    priority: 'medium' as const,
    parentId: null,
  };
  const dispatch = { tenant_id: 't', task_id: 'a', task_type: 'analytics', dispatch_id: 1 } as const;
  return new Attempt({ ...claim, payload: null, parentId: null, concurrencyKey: null }, dispatch, 100);
};

const ended = (attempt: Attempt): Promise<never> => attempt.race(new Promise<never>(() => undefined));

describe('an attempt', () => {
  it('has the time limit of its type from the start of its handler, however long it waited for a thread', async () => {
    const attempt = claimed(null);
    await delay(150);
    expect(attempt.signal.aborted).toBe(false);
    expect(attempt.runSeconds).toBe(0);
    const before = Date.now();
    attempt.start();
    // A millisecond less where the clocks round apart.
    expect(attempt.deadline.getTime()).toBeGreaterThanOrEqual(before + 99);
    await expect(ended(attempt)).rejects.toMatchObject({ code: 'time_limit_exceeded' });
    expect(attempt.runSeconds).toBeGreaterThan(0.08);
    expect(attempt.waitedMs).toBeGreaterThan(140);
  });

  it('has the deadline of its task from its claim, whether its handler started or not', async () => {
    const waiting = claimed(50);
    await expect(ended(waiting)).rejects.toMatchObject({ code: 'deadline_exceeded' });
    const running = claimed(150);
    const claimedBy = Date.now();
    await delay(75);
    running.start();
    // 100 ms from now would be too late.
    expect(running.deadline.getTime()).toBeLessThan(claimedBy + 160);
    await expect(ended(running)).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  it('can have a deadline that is farther away than a timer reaches', async () => {
    const attempt = claimed(2 ** 40);
    await delay(20);
    expect(attempt.signal.aborted).toBe(false);
    attempt.end();
  });

  it('is ended by nothing when it has ended', async () => {
    const attempt = claimed(30);
    attempt.start();
    attempt.end();
    await delay(60);
    expect(attempt.signal.aborted).toBe(false);
  });
});
