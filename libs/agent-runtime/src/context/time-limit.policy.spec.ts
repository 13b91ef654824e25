import { timeLimitMs } from '@pulser/contracts';

import { timeLimitOf } from './time-limit.policy.js';

describe('the time limit of an attempt', () => {
  it('is that of its type when the task has no deadline, or a later one', () => {
    const byType = { inMs: timeLimitMs.analytics, code: 'time_limit_exceeded' };
    expect(timeLimitOf(timeLimitMs.analytics, null)).toEqual(byType);
    expect(timeLimitOf(timeLimitMs.analytics, timeLimitMs.analytics + 1)).toEqual(byType);
  });

  it('is the deadline of the task when that comes first', () => {
    expect(timeLimitOf(timeLimitMs.analytics, 5_000)).toEqual({ inMs: 5_000, code: 'deadline_exceeded' });
  });

  it('is over at once when the deadline has passed', () => {
    expect(timeLimitOf(timeLimitMs.analytics, -1)).toEqual({ inMs: 0, code: 'deadline_exceeded' });
  });
});
