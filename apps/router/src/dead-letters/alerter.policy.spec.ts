import { alertsOf } from './alerter.js';

const limits = { max: 50, windowS: 300 };

describe('an alert about dead letters', () => {
  it('is raised for a type with more than the limit, with its commonest cause', () => {
    const arrivals = [
      { taskType: 'analytics', agent: 'dash', fingerprint: 'a', count: 20 },
      { taskType: 'analytics', agent: 'dash', fingerprint: 'b', count: 31 },
      { taskType: 'testing', agent: 'echo', fingerprint: 'c', count: 50 },
    ] as const;
    expect(alertsOf(arrivals, limits)).toEqual([
      { task_type: 'analytics', agent: 'dash', count: 51, window_s: 300, top_fingerprint: 'b' },
    ]);
  });

  it('is not raised up to the limit, or without dead letters', () => {
    expect(alertsOf([{ taskType: 'testing', agent: 'echo', fingerprint: 'c', count: 50 }], limits)).toEqual([]);
    expect(alertsOf([], limits)).toEqual([]);
  });
});
