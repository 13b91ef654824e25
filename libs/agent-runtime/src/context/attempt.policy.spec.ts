import { timeLimitMsOf } from '@pulser/contracts';

import { timeLimitOf } from './attempt.js';

const ofAnalytics = timeLimitMsOf('analytics');

describe('the time limit of an attempt', () => {
  it('is that of its type when the task has no deadline, or a later one', () => {
    const byType = { inMs: ofAnalytics, code: 'time_limit_exceeded' };
    expect(timeLimitOf(ofAnalytics, null)).toEqual(byType);
    expect(timeLimitOf(ofAnalytics, ofAnalytics + 1)).toEqual(byType);
  });

  it('is the deadline of the task when that comes first', () => {
    expect(timeLimitOf(ofAnalytics, 5_000)).toEqual({ inMs: 5_000, code: 'deadline_exceeded' });
  });

  it('is over at once when the deadline has passed', () => {
    expect(timeLimitOf(ofAnalytics, -1)).toEqual({ inMs: 0, code: 'deadline_exceeded' });
  });
});
